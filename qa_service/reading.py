"""From hits to evidence: which sentences of each paragraph answer, and how well."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from embeddings.protocols import LexicalIndex, Span
from qa_service.domain import Hit
from qa_service.sentences import sentence_spans

MAX_SENTENCES = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one hit has to say.

    Attributes:
        quote: the sentences that answer, in code points of the article's text.
        short: the few words that answer, inside `quote`; None where the reading marks none.
        score: for ranking evidence of one question; higher is better.
        held: those of the question's words that the passage or the article's title holds, each with its
            share of the question's weight (its rarity over that of all the question's words).
    """

    hit: Hit
    quote: Span
    short: Span | None
    score: float
    held: Mapping[str, float]

    @property
    def coverage(self) -> float:
        """Share of the question's words that is held, weighted by rarity; in [0, 1]."""
        return sum(self.held.values())


class HitReader(Protocol):
    """Reads hits for an answer."""

    @property
    def mode(self) -> str:
        """How answers come about; `engine.mode` in the API."""

    @property
    def name(self) -> str:
        """What reads; `engine.reader` in the API."""

    def read(self, question: str, hits: Sequence[Hit], lexical: LexicalIndex) -> list[Evidence]:
        """Return the evidence of each hit, best first."""


class OverlapReader:
    """Quotes, of each paragraph, the sentences that share the rarest words with the question."""

    mode = "extractive"
    name = "sentence-overlap"

    def read(self, question: str, hits: Sequence[Hit], lexical: LexicalIndex) -> list[Evidence]:
        """Return the evidence of each hit in the order of retrieval."""
        weights = lexical.term_weights(question)
        return [self._evidence(hit, weights, lexical) for hit in hits]

    def _evidence(self, hit: Hit, weights: dict[str, float], lexical: LexicalIndex) -> Evidence:
        paragraph = hit.paragraph
        spans = sentence_spans(paragraph.text) or (Span(0, len(paragraph.text)),)
        terms = [lexical.term_weights(paragraph.text[s.start : s.end]).keys() for s in spans]
        first, last = best_window([_weight(weights, t) for t in terms], [weights.keys() & t for t in terms])
        quote = Span(paragraph.start + spans[first].start, paragraph.start + spans[last].end)
        seen = lexical.term_weights(f"{hit.article.title}\n{hit.passage.text}").keys()
        total = sum(weights.values())
        held = {term: weight / total for term, weight in weights.items() if term in seen}
        return Evidence(hit, quote, None, hit.score, held)


def best_window(gains: Sequence[float], covered: Sequence[set[str]]) -> tuple[int, int]:
    """Return first and last of the at most `MAX_SENTENCES` neighbouring sentences to quote.

    The sentence with the greatest gain leads, the earlier one among equals; a neighbour joins when it
    holds words of the question that the chosen ones lack.
    """
    first = last = max(range(len(gains)), key=lambda i: (gains[i], -i))
    held = set(covered[first])
    while last - first + 1 < MAX_SENTENCES:
        neighbours = [i for i in (first - 1, last + 1) if 0 <= i < len(gains) and covered[i] - held]
        if not neighbours:
            break
        chosen = max(neighbours, key=lambda i: (len(covered[i] - held), -i))
        held |= covered[chosen]
        first, last = min(first, chosen), max(last, chosen)
    return first, last


def _weight(weights: Mapping[str, float], terms: Container[str]) -> float:
    return sum(weight for term, weight in weights.items() if term in terms)
