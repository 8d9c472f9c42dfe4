"""AUROC, calibration error and Brier score against values counted by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.evaluation.confidence_measures import (
    auroc,
    bin_numbers,
    brier,
    calibration_error,
    calibration_error_by_chance,
    reliability,
)
from qa_service.evaluation.intervals import NOTHING

SCORES = st.lists(st.floats(0, 1), min_size=1, max_size=40)


def test_auroc_by_hand() -> None:
    # Pairs: 2 beats 1, ties 2; 3 beats both: 3.5 of 4.
    assert auroc([2, 3], [1, 2]).value == 0.875
    assert auroc([1], [2]).value == 0.0
    assert auroc([0.5] * 3, [0.5] * 4).value == 0.5
    assert auroc([], [1]) == auroc([1], []) == NOTHING


@given(SCORES, SCORES)
def test_auroc_is_symmetric_and_lies_in_its_interval(positive: list[float], negative: list[float]) -> None:
    one, other = auroc(positive, negative), auroc(negative, positive)
    assert one.value is not None
    assert one.low is not None
    assert one.high is not None
    assert other.value == pytest.approx(1 - one.value)
    assert (other.low, other.high) == pytest.approx((1 - one.high, 1 - one.low))
    assert 0 <= one.low <= one.value <= one.high <= 1


@given(st.integers(1, 30), st.integers(1, 30))
def test_a_perfect_split_of_few_questions_is_not_certain(m: int, n: int) -> None:
    split, twice = auroc([1] * m, [0] * n), auroc([1] * 2 * m, [0] * 2 * n)
    assert split.low is not None
    assert twice.low is not None
    assert split.low < twice.low < 1


def test_calibration_by_hand() -> None:
    bins = reliability([0.05, 0.15, 0.15, 0.95, 1.0], [False, True, False, True, True])
    assert [one.right.n for one in bins] == [1, 2, 0, 0, 0, 0, 0, 0, 0, 2]
    assert (bins[1].confidence, bins[1].right.value) == (pytest.approx(0.15), 0.5)
    assert (bins[2].confidence, bins[2].right) == (None, NOTHING)
    assert calibration_error(bins) == pytest.approx((0.05 + 2 * 0.35 + 2 * 0.025) / 5)
    assert brier([0.5, 1.0], [True, True]) == pytest.approx(0.125)


def test_nothing_answered_gives_no_figures() -> None:
    assert calibration_error(reliability([], [])) is None
    assert brier([], []) is None
    assert calibration_error_by_chance([]) is None


def test_a_score_on_an_edge_starts_its_bin() -> None:
    assert bin_numbers([n / 10 for n in range(11)], 10) == [*range(10), 9]


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_calibration_error_keeps_its_bounds(answers: list[tuple[float, bool]]) -> None:
    scores, right = [s for s, _ in answers], [r for _, r in answers]
    bins = reliability(scores, right)
    error, squared = calibration_error(bins), brier(scores, right)
    assert error is not None
    assert squared is not None
    assert 0 <= error <= 1
    assert error**2 <= squared + 1e-9  # within a bin the mean gap is at most the root of the mean square
    assert sum(one.right.n for one in bins) == len(answers)
    assert all(one.confidence is None or one.start - 1e-9 <= one.confidence <= one.end for one in bins)


def test_what_chance_alone_shows_is_what_true_confidences_show() -> None:
    random = np.random.default_rng(2)
    scores = random.random(150)
    shown = [calibration_error(reliability(scores, random.random(150) < scores)) for _ in range(300)]
    assert calibration_error_by_chance(scores.tolist()) == pytest.approx(np.mean(shown), rel=0.1)
