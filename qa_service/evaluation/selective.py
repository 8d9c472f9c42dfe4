"""Answering only when sure: the risk-coverage curve, its area, and thresholds for an accepted error rate."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa_service.evaluation.intervals import clopper_pearson, upper_bound

ACCEPTED_ERRORS = (0.05, 0.1, 0.2)
# Chance that the threshold of `sure_threshold` does not keep its promise.
_DOUBT = 0.05


@dataclass(frozen=True, slots=True)
class RiskCurve:
    """How many are answered, and how many of those wrongly, at each threshold that makes a difference.

    Attributes:
        thresholds: distinct confidences, falling; shape (steps,).
        answered: how many answers have at least that confidence; shape (steps,).
        wrong: how many of those are wrong; shape (steps,).
        total: questions in all, those included that get no answer at any threshold.
    """

    thresholds: NDArray[np.float64]
    answered: NDArray[np.int64]
    wrong: NDArray[np.int64]
    total: int

    @property
    def risks(self) -> NDArray[np.float64]:
        """Share of wrong answers among the answered, shape (steps,)."""
        return self.wrong / self.answered

    @property
    def coverages(self) -> NDArray[np.float64]:
        """Share of all questions that is answered, shape (steps,)."""
        return self.answered / self.total


def risk_curve(confidences: Sequence[float], wrong: Sequence[bool], total: int | None = None) -> RiskCurve:
    """Return the risk-coverage curve; equal confidences are answered together or not at all.

    Source: El-Yaniv and Wiener (2010); Geifman and El-Yaniv (2017).
    """
    scores, errors = np.asarray(confidences, dtype=np.float64), np.asarray(wrong, dtype=np.int64)
    order = np.argsort(-scores, kind="stable")
    scores, counted = scores[order], np.cumsum(errors[order])
    last = np.flatnonzero(np.append(scores[1:] != scores[:-1], True)[: len(scores)])
    return RiskCurve(scores[last], last + 1, counted[last], len(scores) if total is None else total)


def area_under(curve: RiskCurve) -> float | None:
    """Return AURC: the mean, over k, of the share of wrong ones among the k most confident answers; in [0, 1].

    Equal confidences count as if put in every order, so that the order of the questions does not matter.

    Source: Geifman, Uziel and El-Yaniv (2019).
    """
    if not len(curve.answered):
        return None
    k = np.arange(1, curve.answered[-1] + 1)
    wrong = np.interp(k, np.append(0, curve.answered), np.append(0, curve.wrong))
    return float((wrong / k).mean())


def excess_area(curve: RiskCurve) -> float | None:
    """Return E-AURC: AURC less that of a confidence that puts every right answer before every wrong one.

    Source: Geifman, Uziel and El-Yaniv (2019).
    """
    area = area_under(curve)
    if area is None:
        return None
    answered, wrong = int(curve.answered[-1]), int(curve.wrong[-1])
    k = np.arange(1, answered + 1)
    best = (np.maximum(0, k - (answered - wrong)) / k).mean()
    return max(0.0, area - float(best))


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """What an accepted error rate costs.

    Attributes:
        accepted_error: the share of wrong answers among the given ones that a person accepts.
        threshold: the lowest at which these questions keep to it; None where none does.
        coverage: share of all questions that is answered then.
        answered, wrong: how many are answered then, and how many of them wrongly.
        held_out_error: share of wrong answers when each half of the questions is answered with the threshold that
            the other half chose; low, high: its exact 95% interval. None where nothing was answered.
        sure_threshold: one that keeps to it on further questions of this kind with 95% certainty; None where
            these are too few or too often wrong.
        sure_coverage: share of all questions that is answered at the sure threshold.
    """

    accepted_error: float
    threshold: float | None
    coverage: float | None
    answered: int
    wrong: int
    held_out_error: float | None
    held_out_low: float | None
    held_out_high: float | None
    sure_threshold: float | None
    sure_coverage: float | None


def operating_point(
    confidences: Sequence[float], wrong: Sequence[bool], accepted_error: float, total: int | None = None
) -> OperatingPoint:
    """Return what `accepted_error` costs on these answers, given in the order of the gold file."""
    curve = risk_curve(confidences, wrong, total)
    step = _last_within(curve, accepted_error)
    held_out, errors = _held_out(confidences, wrong, accepted_error)
    low, high = clopper_pearson(errors, held_out) if held_out else (None, None)
    sure = _sure_step(curve, accepted_error)
    return OperatingPoint(
        accepted_error=accepted_error,
        threshold=None if step is None else float(curve.thresholds[step]),
        coverage=None if step is None else float(curve.coverages[step]),
        answered=0 if step is None else int(curve.answered[step]),
        wrong=0 if step is None else int(curve.wrong[step]),
        held_out_error=errors / held_out if held_out else None,
        held_out_low=low,
        held_out_high=high,
        sure_threshold=None if sure is None else float(curve.thresholds[sure]),
        sure_coverage=None if sure is None else float(curve.coverages[sure]),
    )


def _last_within(curve: RiskCurve, accepted_error: float) -> int | None:
    """Return the step with the greatest coverage at which the risk is accepted."""
    steps = np.flatnonzero(curve.wrong <= accepted_error * curve.answered)
    return int(steps[-1]) if len(steps) else None


def _held_out(confidences: Sequence[float], wrong: Sequence[bool], accepted_error: float) -> tuple[int, int]:
    """Return how many are answered, and wrongly, by a threshold that the other half of the questions chose."""
    answered = errors = 0
    for chosen_on, tried_on in (
        (slice(0, None, 2), slice(1, None, 2)),
        (slice(1, None, 2), slice(0, None, 2)),
    ):
        curve = risk_curve(confidences[chosen_on], wrong[chosen_on])
        step = _last_within(curve, accepted_error)
        if step is not None:
            tried = zip(confidences[tried_on], wrong[tried_on], strict=True)
            kept = [error for score, error in tried if score >= curve.thresholds[step]]
            answered, errors = answered + len(kept), errors + sum(kept)
    return answered, errors


def _sure_step(curve: RiskCurve, accepted_error: float) -> int | None:
    """Return the step with the greatest coverage found whose upper bound of the risk is accepted.

    A binary search looks at few steps, and each look gets its share of the doubt, so that looking for a
    threshold does not undo the promise.

    Source: Geifman and El-Yaniv (2017), algorithm SGR.
    """
    steps = len(curve.answered)
    looks = max(1, math.ceil(math.log2(steps + 1)))
    doubt = _DOUBT / looks
    # With fewer answers not even a row of right ones would do: the search begins where one would.
    enough = math.ceil(math.log(doubt) / math.log1p(-accepted_error))
    low, high, found = int(np.searchsorted(curve.answered, enough)), steps - 1, None
    while low <= high:
        step = (low + high + 1) // 2
        if upper_bound(int(curve.wrong[step]), int(curve.answered[step]), doubt) <= accepted_error:
            found, low = step, step + 1
        else:
            high = step - 1
    return found
