"""What a conversation is made of: earlier questions, what is known of their answers, the question that comes out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from qa_service.domain import Turn

MAX_TURNS = 20
MAX_ANSWERS = 6


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """What is known of the answer to an earlier question.

    Attributes:
        text: the sentences that were quoted; may be empty.
        short: the few words in them that answer.
        context: the paragraph around them, for the pronouns that stand near a name.
    """

    text: str
    short: str | None = None
    context: str | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """An earlier question, oldest first in a conversation.

    Attributes:
        standalone: the form in which it was searched, where it is known.
        answer: None when it is not known or there was none.
    """

    question: str
    standalone: str | None = None
    answer: KnownAnswer | None = None


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question that can be understood alone.

    Attributes:
        text: the best reading; the question as it was asked when nothing in it was left open.
        alternatives: two or three readings that are equally good, `text` first; empty when one is best.
        fallback: `text` with the topic of the conversation named; to be tried when the archive does not answer
            a question that was left as it is and names nothing. None for all others.
        must_ask: the readings differ in who or what a pronoun means, so that only the person can choose: that the
            archive answers one of them does not tell which was meant.
    """

    text: str
    alternatives: tuple[str, ...] = ()
    fallback: str | None = None
    must_ask: bool = False


AnswerSource = Callable[[str], KnownAnswer | None]
"""Answers a standalone question; None when there is no answer."""


def exchanges_of(history: Sequence[Turn]) -> list[Exchange]:
    """Return the user's turns, each with the assistant's turns that follow it as its answer; blank turns fall out."""
    found: list[Exchange] = []
    for turn in history:
        words = turn.content.strip()
        if not words:
            continue
        if turn.role == "user":
            found.append(Exchange(words))
        elif found:
            before = found[-1].answer
            text = f"{before.text} {words}" if before else words
            found[-1] = Exchange(found[-1].question, None, KnownAnswer(text))
    return found


def recent(turns: Sequence[Exchange]) -> list[Exchange]:
    """Return the exchanges that a follow-up can go back to; only the newest keep their answers."""
    kept = list(turns[-MAX_TURNS:])
    old = max(0, len(kept) - MAX_ANSWERS)
    return [replace(one, answer=None) for one in kept[:old]] + kept[old:]
