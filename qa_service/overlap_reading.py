"""Reading without a model: the sentences that share the question's rarest words, for archives in any language."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from embeddings.protocols import LexicalIndex, Span
from qa_service.domain import Hit
from qa_service.reading import Evidence, held_words
from qa_service.sentence_choice import ParagraphSentences


@dataclass(frozen=True, slots=True)
class OverlapConfidence:
    """A logistic regression over `features`; its numbers order answers, they are no checked probabilities.

    Attributes:
        weights: one for each feature.
    """

    intercept: float
    weights: tuple[float, float, float]

    def score(self, evidence: Sequence[Evidence]) -> float:
        """Return a number in [0, 1], the higher the surer that the first of `evidence` answers."""
        logit = self.intercept
        logit += sum(w * f for w, f in zip(self.weights, features(evidence), strict=True))
        return 1 / (1 + math.exp(-logit))


def features(evidence: Sequence[Evidence]) -> tuple[float, float, float]:
    """Return the best cosine, the best coverage, and the coverage by the paragraph ranked first."""
    return (
        max(e.hit.dense for e in evidence),
        max(e.coverage for e in evidence),
        evidence[0].coverage,
    )


class OverlapReader:
    """Quotes, of each paragraph, the sentences that share the rarest words with the question."""

    mode = "extractive"
    name = "sentence-overlap"
    calibrated = False

    def __init__(self, confidence: OverlapConfidence) -> None:
        self._confidence = confidence

    def read(self, question: str, hits: Sequence[Hit], lexical: LexicalIndex) -> list[Evidence]:
        """Return the evidence of each hit in the order of retrieval."""
        weights = lexical.term_weights(question)
        found = [self._evidence(hit, weights, lexical) for hit in hits]
        return [replace(e, confidence=self._confidence.score(found[i:])) for i, e in enumerate(found)]

    def _evidence(self, hit: Hit, weights: dict[str, float], lexical: LexicalIndex) -> Evidence:
        paragraph = hit.paragraph
        chosen = ParagraphSentences(paragraph.text, weights, lexical).best()
        quote = Span(paragraph.start + chosen.start, paragraph.start + chosen.end)
        return Evidence(hit, quote, None, hit.score, held_words(hit, weights, lexical))
