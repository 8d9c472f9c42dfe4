"""How likely an answer is right, judged from what retrieval and reading saw of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from qa_service.reading import Evidence


@dataclass(frozen=True, slots=True)
class ConfidenceModel:
    """A logistic regression over `features`.

    Attributes:
        weights: one for each feature.
        calibrated: whether its probabilities were checked on questions that it was not fitted to.
    """

    intercept: float
    weights: tuple[float, ...]
    calibrated: bool = False

    def score(self, evidence: Sequence[Evidence]) -> float:
        """Return the probability in [0, 1] that the best evidence answers; 0 without evidence."""
        if not evidence:
            return 0.0
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
