"""Asks on behalf of the running request's owner: what was said before is the history, the answer is kept."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from qa_service.domain import Answer, Question
from qa_service.errors import StateUnavailable
from qa_service.state.conversations import Conversations
from web.current import conversations, has_state, owner, service, settings
from web.stored_answers import stored


@dataclass(frozen=True, slots=True)
class Keeper:
    """Asks and keeps what comes back; works from whatever thread.

    Attributes:
        kept_in: where answers go; None keeps them nowhere.
        warnings: what could not be done before asking; each answer carries them.
    """

    owner: str
    service_ask: Callable[[Question], Answer]
    kept_in: Conversations | None
    warnings: tuple[str, ...] = ()

    def ask(self, question: Question) -> Answer:
        """Return the service's answer, kept; a warning in it says so when keeping it failed.

        Raises:
            QAError: whatever `Service.ask` raises.
        """
        return self.ask_and_tell(question)[0]

    def ask_and_tell(self, question: Question) -> tuple[Answer, bool]:
        """Return the answer as `ask` does, and whether it is kept."""
        answer = self.service_ask(question)
        answer = replace(answer, warnings=(*answer.warnings, *self.warnings))
        if self.kept_in is None:
            return answer, False
        try:
            self.kept_in.keep(self.owner, answer.conversation_id, stored(answer))
        except StateUnavailable as error:
            return replace(answer, warnings=(*answer.warnings, f"This answer was not kept. {error}")), False
        return answer, True


def prepare(question: Question, *, is_new: bool, has_history: bool) -> tuple[Question, Keeper]:
    """Return `question` with its conversation's history, and who asks it.

    Args:
        question: of the running request.
        is_new: its conversation begins with it, so that nothing can be stored of it.
        has_history: it comes with a history of its own, be it an empty one.
    """
    warnings: tuple[str, ...] = ()
    if has_state() and not is_new and question.conversation_id is not None:
        try:
            turns = conversations().turns(owner(), question.conversation_id)
        except StateUnavailable as error:
            warnings = (f"What was said before could not be read. {error}",)
        else:
            question = question if has_history else replace(question, history=turns)
    kept_in = conversations() if has_state() and settings().keep_conversations else None
    return question, Keeper(owner(), service().ask, kept_in, warnings)
