"""Evidence: what a hit has to say to a question, and the role of those who read hits for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from embeddings.protocols import LexicalIndex, Span
from qa_service.domain import Hit


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one hit has to say.

    Attributes:
        quote: the sentences that answer, in code points of the article's text.
        short: the few words that answer, inside `quote`; None where the reading marks none.
        score: for ranking evidence of one question; higher is better.
        held: those of the question's words that the passage or the article's title holds, each with its
            share of the question's weight (its rarity over that of all the question's words).
        confidence: the probability in [0, 1] that this answers the question rightly.
    """

    hit: Hit
    quote: Span
    short: Span | None
    score: float
    held: Mapping[str, float]
    confidence: float = 0.0

    @property
    def coverage(self) -> float:
        """Share of the question's words that is held, weighted by rarity; in [0, 1]."""
        return sum(self.held.values())

    @property
    def short_text(self) -> str:
        """The words of `short`; empty where there are none."""
        paragraph = self.hit.paragraph
        if self.short is None:
            return ""
        return paragraph.text[self.short.start - paragraph.start : self.short.end - paragraph.start]


class HitReader(Protocol):
    """Reads hits for an answer."""

    @property
    def mode(self) -> str:
        """How answers come about; `engine.mode` in the API."""

    @property
    def name(self) -> str:
        """What reads; `engine.reader` in the API."""

    @property
    def calibrated(self) -> bool:
        """Whether confidence was fitted and checked as a probability on questions never trained on."""

    def read(self, question: str, hits: Sequence[Hit], lexical: LexicalIndex) -> list[Evidence]:
        """Return the evidence of the hits, best first; hits that could not come first may be left out."""


def held_words(hit: Hit, weights: Mapping[str, float], lexical: LexicalIndex) -> dict[str, float]:
    """Return those of the question's words that passage or title holds, each with its share of the weight.

    Args:
        weights: the question's words with their rarity, as `LexicalIndex.term_weights` gives them.
    """
    seen = lexical.term_weights(f"{hit.article.title}\n{hit.passage.text}").keys()
    total = sum(weights.values())
    return {term: weight / total for term, weight in weights.items() if term in seen}
