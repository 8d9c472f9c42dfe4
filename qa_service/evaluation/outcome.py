"""What became of one gold question, and how it is judged."""

from dataclasses import dataclass
from enum import StrEnum

from qa_service.domain import Answer, Citation, Paragraph
from qa_service.evaluation.answer_match import RIGHT_F1, contains, exact, f1
from qa_service.evaluation.gold import GoldQuestion

DEPTH = 50


class Failure(StrEnum):
    """What went wrong, the first step that did."""

    NOT_RETRIEVED = "not_retrieved"
    REFUSED = "refused"
    WRONG_PARAGRAPH_FIRST = "wrong_paragraph_first"
    WRONG_SHORT_ANSWER = "wrong_short_answer"
    ANSWERED_UNANSWERABLE = "answered_unanswerable"


@dataclass(frozen=True, slots=True)
class Judgement:
    """How an answer compares with the gold, whether it was given or held back.

    Attributes:
        proves: for each citation, whether its paragraph proves the answer (`proves`).
        supports: for each citation, whether its paragraph proves the answer or its quote holds an accepted one.
        support_found: share of the paragraphs that the gold names of which one is cited; None when it names none.
        exact, f1, short_contains: of the short answer; None where there is none.
        contained: whether the quoted sentences hold an accepted answer.
        right: whether the answer counts as right (`_is_right`).
    """

    proves: tuple[bool, ...]
    supports: tuple[bool, ...]
    support_found: float | None
    exact: bool | None
    f1: float | None
    short_contains: bool | None
    contained: bool
    right: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """A gold question with the answer that the service had for it.

    Attributes:
        answer: what would be said without a threshold; an abstention when not even then.
        answered: whether it was said: there is one, and its confidence reached the threshold.
        rank: from 1, of the first retrieved paragraph that proves the answer; None beyond `DEPTH`, and for
            questions without an answer.
        support_known: whether the archive seems to hold what the gold names as support.
        seconds: how long `ask` took.
    """

    gold: GoldQuestion
    answer: Answer
    answered: bool
    rank: int | None
    support_known: bool
    seconds: float
    judgement: Judgement

    @property
    def answerable(self) -> bool:
        """Whether the archive has an answer, by the gold."""
        return bool(self.gold.answers)

    @property
    def would_answer(self) -> bool:
        """Whether there is an answer at some threshold."""
        return self.answer.abstention is None

    @property
    def confidence(self) -> float:
        """The answer's confidence, in [0, 1]."""
        return self.answer.confidence.score

    @property
    def right(self) -> bool:
        """Whether the answer was given and counts as right."""
        return self.answered and self.judgement.right

    @property
    def cited(self) -> bool:
        """Whether the answer was given and one of its paragraphs proves it."""
        return self.answered and any(self.judgement.proves)

    @property
    def cited_first(self) -> bool:
        """Whether the answer was given and the paragraph cited first proves it."""
        return self.answered and any(self.judgement.proves[:1])

    @property
    def failure(self) -> Failure | None:
        """What went wrong; None when nothing did."""
        if not self.answerable:
            return Failure.ANSWERED_UNANSWERABLE if self.answered else None
        if self.rank is None and not self.cited:
            return Failure.NOT_RETRIEVED
        if not self.answered:
            return Failure.REFUSED
        if not self.cited_first:
            return Failure.WRONG_PARAGRAPH_FIRST
        return None if self.judgement.right else Failure.WRONG_SHORT_ANSWER


def proves(gold: GoldQuestion, article_id: str, paragraph: Paragraph) -> bool:
    """Return whether a paragraph proves the answer.

    It does when it holds words of the gold's `support` or is the paragraph that the gold names; where the gold does
    neither, when it holds an accepted answer.
    """
    if not gold.names_support:
        return contains(paragraph.text, gold.answers)
    named = gold.place == (article_id, paragraph.index)
    return named or any(words in paragraph.text for words in gold.support)


def judge(gold: GoldQuestion, answer: Answer) -> Judgement:
    """Compare `answer` with the gold."""
    if not gold.answers or answer.abstention is not None:
        nothing = (False,) * len(answer.citations)
        return Judgement(nothing, nothing, _support_found(gold, ()), None, None, None, False, False)
    proving = tuple(proves(gold, c.article.article_id, c.paragraph) for c in answer.citations)
    supporting = tuple(
        proved or contains(c.quote, gold.answers) for proved, c in zip(proving, answer.citations, strict=True)
    )
    short = answer.short_answer.text if answer.short_answer else None
    return Judgement(
        proves=proving,
        supports=supporting,
        support_found=_support_found(gold, answer.citations),
        exact=None if short is None else exact(short, gold.answers),
        f1=None if short is None else f1(short, gold.answers),
        short_contains=None if short is None else contains(short, gold.answers),
        contained=contains(answer.text or "", gold.answers),
        right=_is_right(gold, answer.text or "", short),
    )


def _is_right(gold: GoldQuestion, text: str, short: str | None) -> bool:
    """Return whether the short answer matches; where there is none, whether the quotes hold an accepted answer."""
    if short is None:
        return contains(text, gold.answers)
    return f1(short, gold.answers) >= RIGHT_F1 or contains(short, gold.answers)


def _support_found(gold: GoldQuestion, citations: tuple[Citation, ...]) -> float | None:
    if not gold.answers or not gold.names_support:
        return None
    found = [any(words in c.paragraph.text for c in citations) for words in gold.support]
    if not gold.support:
        found = [any(proves(gold, c.article.article_id, c.paragraph) for c in citations)]
    return sum(found) / len(found)
