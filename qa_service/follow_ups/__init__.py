"""From a follow-up to a question that stands alone, by rules over what was asked and answered before."""

from qa_service.follow_ups.exchanges import AnswerSource, Exchange, KnownAnswer, Standalone, exchanges_of
from qa_service.follow_ups.resolving import resolve

__all__ = ["AnswerSource", "Exchange", "KnownAnswer", "Standalone", "exchanges_of", "resolve"]
