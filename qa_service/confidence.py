"""How likely an answer is right, judged from what retrieval and reading saw of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from qa_service.reading import Evidence


@dataclass(frozen=True, slots=True)
class ConfidenceModel:
    """A logistic regression over named features.

    Attributes:
        calibrated: whether its probabilities were checked on questions that it was not fitted to.
    """

    intercept: float
    dense: float
    coverage: float
    calibrated: bool = False

    def score(self, evidence: Sequence[Evidence]) -> float:
        """Return the probability in [0, 1] that the best evidence answers; 0 without evidence."""
        if not evidence:
            return 0.0
        logit = self.intercept + self.dense * max(e.hit.dense for e in evidence)
        logit += self.coverage * max(e.coverage for e in evidence)
        return 1 / (1 + math.exp(-logit))
