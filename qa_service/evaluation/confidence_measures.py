"""How true a confidence is: AUROC, expected calibration error, Brier score, reliability."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qa_service.evaluation.intervals import NOTHING, Estimate, wilson

BINS = 10


def auroc(positive: Sequence[float], negative: Sequence[float]) -> Estimate:
    """Return the chance that a random positive scores above a random negative, ties counting half.

    The interval has Wilson's shape and as much reach as the standard error of Hanley and McNeil (1982) gives it,
    the greater of the two ways round, at a value drawn towards 1/2 so that few pairs in order prove little.

    >>> auroc([2, 3], [1, 2]).value
    0.875
    """
    if not len(positive) or not len(negative):
        return NOTHING
    low = np.sort(np.asarray(negative, dtype=np.float64))
    below = np.searchsorted(low, positive, "left") + np.searchsorted(low, positive, "right")
    value = float(below.sum() / (2 * len(low) * len(positive)))
    weight = _pairs_weight(value, len(positive), len(negative))
    return Estimate(value, *wilson(value, weight), len(positive) + len(negative))


def _pairs_weight(value: float, m: int, n: int) -> float:
    """Return how many independent questions an AUROC of `m` against `n` is worth."""
    fewer = min(m, n)
    drawn = (value * fewer + 0.5) / (fewer + 1)
    spread = drawn * (1 - drawn)
    above, below = drawn / (2 - drawn) - drawn**2, 2 * drawn**2 / (1 + drawn) - drawn**2
    most = max((m - 1) * above + (n - 1) * below, (n - 1) * above + (m - 1) * below)
    return spread * m * n / (spread + most)


def brier(confidences: Sequence[float], right: Sequence[bool]) -> float | None:
    """Return the mean squared difference of confidence and outcome, in [0, 1]; lower is better.

    Source: Brier (1950).
    """
    if not confidences:
        return None
    gaps = np.asarray(confidences, dtype=np.float64) - np.asarray(right, dtype=np.float64)
    return float((gaps**2).mean())


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Answers of like confidence.

    Attributes:
        start, end: the confidences that belong here, the end only in the last bin.
        confidence: mean confidence; None when the bin is empty.
        right: share of right answers with its 95% Wilson interval and their number.
    """

    start: float
    end: float
    confidence: float | None
    right: Estimate


def reliability(confidences: Sequence[float], right: Sequence[bool]) -> tuple[ReliabilityBin, ...]:
    """Return ten bins of equal width over [0, 1]."""
    scores, truth = np.asarray(confidences, dtype=np.float64), np.asarray(right, dtype=np.float64)
    numbers = bin_numbers(confidences, BINS)
    bins = []
    for number in range(BINS):
        inside = np.asarray(numbers) == number
        n, confidence, estimate = int(inside.sum()), None, NOTHING
        if n:
            confidence, share = float(scores[inside].mean()), float(truth[inside].mean())
            estimate = Estimate(share, *wilson(share, n), n)
        bins.append(ReliabilityBin(number / BINS, (number + 1) / BINS, confidence, estimate))
    return tuple(bins)


def bin_numbers(confidences: Sequence[float], bins: int) -> list[int]:
    """Return, for each confidence in [0, 1], which of `bins` bins of equal width it lies in."""
    # Rounded, for 0.7 * 10 is below 7 in binary fractions and 0.7 belongs to the bin that starts there.
    return [max(0, min(bins - 1, int(round(score * bins, 9)))) for score in confidences]


def calibration_error(bins: Sequence[ReliabilityBin]) -> float | None:
    """Return the expected calibration error: the mean gap of confidence and truth, weighted by the bins' numbers.

    Source: Naeini, Cooper and Hauskrecht (2015); Guo et al. (2017).
    """
    total = sum(one.right.n for one in bins)
    if not total:
        return None
    gaps = [
        one.right.n * abs(one.confidence - one.right.value)
        for one in bins
        if one.confidence is not None and one.right.value is not None
    ]
    return float(sum(gaps) / total)


def calibration_error_by_chance(confidences: Sequence[float]) -> float | None:
    """Return about what calibration error a confidence that is always true would show on as many answers.

    Few answers scatter around their truth; the mean distance is that of a normal distribution of the same variance.
    """
    if not confidences:
        return None
    scores, numbers = np.asarray(confidences, dtype=np.float64), np.asarray(bin_numbers(confidences, BINS))
    spreads = [
        math.sqrt(float((one * (1 - one)).sum())) for one in (scores[numbers == n] for n in range(BINS))
    ]
    return math.sqrt(2 / math.pi) * sum(spreads) / len(scores)
