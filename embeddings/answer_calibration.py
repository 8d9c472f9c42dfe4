"""From the reader's and the retriever's scores to the probability that the answer is right."""

import json
import math
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from embeddings.protocols import ModelUnavailable

CALIBRATION_FILE = "calibration.json"
_MEND = "Install the package again, or fit it anew with `python -m embeddings.training.calibrate` (docs/READER.md)."


@dataclass(frozen=True, slots=True)
class AnswerFeatures:
    """What is known of an answer before its probability.

    Attributes:
        span_score: `Reading.span_score` of the paragraph ranked first after reading.
        no_answer: its `Reading.no_answer`.
        cosine: similarity of its vector and the question's.
        sentence: `answer_signs.coverage` of its answer.
        mismatch: `answer_signs.mismatch` of its answer.
    """

    span_score: float
    no_answer: float
    cosine: float
    sentence: float
    mismatch: float


@dataclass(frozen=True, slots=True)
class AnswerCalibration:
    """A logistic regression over `AnswerFeatures`, and the weight of retrieval in the order after reading.

    Attributes:
        retrieval_weight: see `reading_score`.
        intercept: log-odds where all features are 0.
        weights: one for each feature, in the order of `AnswerFeatures`.
        high_relevance: relevance that few candidates reach; what an unread paragraph is taken to have at most.
        source: what it was fitted on, with the number of questions.
        operating_points: (threshold, error) with rising thresholds: the share of wrong ones among the answers
            of at least that probability on the questions that it was fitted on; it never rises.
    """

    retrieval_weight: float
    intercept: float
    weights: tuple[float, ...]
    high_relevance: float
    source: str
    operating_points: tuple[tuple[float, float], ...] = ()

    def reading_score(self, relevance: float, fused: float) -> float:
        """Return the score by which the paragraphs of one question are ranked after reading.

        Args:
            relevance: `Reading.relevance`.
            fused: the paragraph's fused retrieval score (deviations above the mean of the candidates).
        """
        return relevance + self.retrieval_weight * fused

    def probability(self, features: AnswerFeatures) -> float:
        """Return the probability in [0, 1] that the short answer is right."""
        values = astuple(features)
        logit = self.intercept + sum(w * value for w, value in zip(self.weights, values, strict=True))
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))

    def threshold(self, accepted_error: float) -> float:
        """Return the probability from which on to answer, so that at most that share of answers is wrong.

        Args:
            accepted_error: in [0, 1]; 1 answers always. Below what can be reached the result is 1.
        """
        if accepted_error >= 1:
            return 0.0
        return next((t for t, error in self.operating_points if error <= accepted_error), 1.0)


def load_calibration(folder: Path) -> AnswerCalibration:
    """Return the calibration stored in `folder`, beside the reader's weights.

    Raises:
        ModelUnavailable: it is missing, not readable or has other features.
    """
    path = folder / CALIBRATION_FILE
    try:
        stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        weights: dict[str, float] = stored["weights"]
        calibration = AnswerCalibration(
            float(stored["retrieval_weight"]),
            float(stored["intercept"]),
            tuple(float(weights[name]) for name in AnswerFeatures.__slots__),
            float(stored["high_relevance"]),
            str(stored["source"]),
            tuple((float(t), float(error)) for t, error in stored["operating_points"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelUnavailable(f"The calibration {path} cannot be used ({error!r}). {_MEND}") from error
    return calibration
