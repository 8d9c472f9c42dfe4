"""The failures of an evaluation as the report lists them, one card each."""

from collections.abc import Sequence
from dataclasses import dataclass

from qa_service.domain import Answer, Citation
from qa_service.evaluation.figures import Evaluation
from qa_service.evaluation.outcome import DEPTH, Failure, Outcome, proves


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of failure: its name, what it means and where to look for its cause."""

    failure: Failure
    title: str
    advice: str
    cards: "tuple[Card, ...]"


@dataclass(frozen=True, slots=True)
class Source:
    """A cited paragraph; `before + lit + after` is the quote, `lit` the short answer where it stands in it."""

    number: int
    title: str
    place: str
    before: str
    lit: str
    after: str
    proves: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One failure.

    Attributes:
        said: the short answer, or nothing.
        given: whether it was said; else it was held back.
        sources: the cited paragraphs; the nearest ones where there was no answer at all.
        notes: what else bears on it.
    """

    outcome: Outcome
    said: str
    given: bool
    sources: tuple[Source, ...]
    notes: tuple[str, ...]


_KINDS = {
    Failure.ANSWERED_UNANSWERABLE: (
        "Answered, though the archive has no answer",
        "The confidence was too high. Where the answer is right after all, the gold lacks it.",
    ),
    Failure.WRONG_SHORT_ANSWER: (
        "Right paragraph first, wrong answer",
        "The reader marked other words. Where they answer as well, add them to the accepted answers.",
    ),
    Failure.WRONG_PARAGRAPH_FIRST: (
        "Wrong paragraph cited first",
        "The proof was found but another paragraph was put before it. Where that one proves the answer too, add words"
        " of it to the gold's support.",
    ),
    Failure.REFUSED: (
        "Refused, though the archive has the answer",
        "The confidence was too low: the price of few wrong answers. The answer that was held back is shown.",
    ),
    Failure.NOT_RETRIEVED: (
        f"No proof among the first {DEPTH} paragraphs",
        "Question and paragraph share too few words and too little meaning, or the gold names words that no paragraph"
        " holds.",
    ),
}


def failure_kinds(evaluation: Evaluation) -> list[Kind]:
    """Return the kinds of failure that occurred, each with its cards in the order of the gold file."""
    kinds = []
    for failure, (title, advice) in _KINDS.items():
        cards = tuple(_card(o) for o in evaluation.outcomes if o.failure is failure)
        if cards:
            kinds.append(Kind(failure, title, advice, cards))
    return kinds


def _card(outcome: Outcome) -> Card:
    answer = outcome.answer
    citations = answer.abstention.nearest if answer.abstention else answer.citations
    return Card(
        outcome=outcome,
        said=answer.short_answer.text if answer.short_answer else "",
        given=outcome.answered,
        sources=tuple(_source(outcome, c) for c in citations),
        notes=tuple(_notes(outcome)),
    )


def _source(outcome: Outcome, citation: Citation) -> Source:
    before, lit, after = _lit(outcome.answer, citation)
    article, index = citation.article, citation.paragraph.index
    place = (
        "headline" if index is None else f"paragraph {index}",
        article.published_at or "undated",
        article.source,
    )
    proven = outcome.answerable and proves(outcome.gold, article.article_id, citation.paragraph)
    return Source(citation.number, article.title, " · ".join(filter(None, place)), before, lit, after, proven)


def _lit(answer: Answer, citation: Citation) -> tuple[str, str, str]:
    """Return the quote in three parts, the short answer in the middle where this quote holds it."""
    short = answer.short_answer
    if short is None or short.citation_id != citation.citation_id:
        return citation.quote, "", ""
    start, end = short.start - citation.start, short.end - citation.start
    return citation.quote[:start], citation.quote[start:end], citation.quote[end:]


def _notes(outcome: Outcome) -> Sequence[str]:
    notes = []
    if outcome.rank is not None:
        notes.append(f"Retrieval had a paragraph that proves the answer at rank {outcome.rank}.")
    if not outcome.support_known:
        notes.append(
            "The archive seems to hold none of the words that the gold names as support: check the gold."
        )
    if outcome.answer.standalone != outcome.gold.question:
        notes.append(f"Searched as: {outcome.answer.standalone}")
    if outcome.failure is not Failure.WRONG_SHORT_ANSWER and outcome.judgement.right:
        notes.append("The answer is right all the same.")
    return notes
