"""Risk and coverage against values counted by hand, and what has to hold for any answers."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.evaluation.intervals import upper_bound
from qa_service.evaluation.selective import area_under, excess_area, operating_point, risk_curve

ANSWERS = st.lists(
    st.tuples(st.integers(0, 10).map(lambda n: n / 10), st.booleans()), min_size=1, max_size=60
)


def parted(answers: list[tuple[float, bool]]) -> tuple[list[float], list[bool]]:
    return [score for score, _ in answers], [wrong for _, wrong in answers]


def test_curve_and_area_by_hand() -> None:
    curve = risk_curve([0.9, 0.5, 0.7, 0.7], [False, True, True, False], total=5)
    assert curve.thresholds.tolist() == [0.9, 0.7, 0.5]
    assert curve.answered.tolist() == [1, 3, 4]
    assert curve.wrong.tolist() == [0, 1, 2]
    assert curve.coverages.tolist() == pytest.approx([0.2, 0.6, 0.8])
    assert curve.risks.tolist() == pytest.approx([0, 1 / 3, 1 / 2])
    # k = 1 to 4; half of the tied pair's one error falls to each of its places.
    area = (0 + 0.5 / 2 + 1 / 3 + 2 / 4) / 4
    assert area_under(curve) == pytest.approx(area)
    assert excess_area(curve) == pytest.approx(area - (0 + 0 + 1 / 3 + 2 / 4) / 4)


def test_nothing_answered_gives_no_figures() -> None:
    curve = risk_curve([], [], total=3)
    assert (area_under(curve), excess_area(curve)) == (None, None)
    point = operating_point([], [], 0.1, total=3)
    assert (point.threshold, point.coverage, point.answered, point.held_out_error) == (None, None, 0, None)
    assert point.sure_threshold is None


def test_a_point_is_the_lowest_threshold_that_keeps_to_the_error() -> None:
    scores, wrong = [0.9, 0.8, 0.7, 0.6, 0.5], [False, True, False, False, True]
    point = operating_point(scores, wrong, 0.25, total=10)
    assert (point.threshold, point.answered, point.wrong, point.coverage) == (0.6, 4, 1, 0.4)
    # The halves are 0.9, 0.7, 0.5 (one wrong) and 0.8, 0.6 (one wrong): the first picks 0.7, by which 0.8 is answered,
    # wrongly; the second, whose best is wrong, picks nothing.
    assert point.held_out_error == 1.0
    assert (point.held_out_low, point.held_out_high) == pytest.approx((0.025, 1.0))
    assert point.sure_threshold is None


def test_a_clean_record_is_sure_once_it_is_long_enough() -> None:
    scores = [1 - n / 1000 for n in range(200)]
    point = operating_point(scores, [False] * 200, 0.05)
    assert (point.sure_threshold, point.sure_coverage) == (scores[-1], 1.0)
    assert operating_point(scores[:50], [False] * 50, 0.05).sure_threshold is None


def test_the_sure_threshold_keeps_its_promise() -> None:
    random = np.random.default_rng(5)
    broken = found = 0
    for _ in range(200):
        scores = random.random(300)
        wrong = random.random(300) > scores
        threshold = operating_point(scores.tolist(), wrong.tolist(), 0.2).sure_threshold
        if threshold is not None:
            found += 1
            broken += (1 - threshold) / 2 > 0.2  # the true error above a threshold t is (1 - t) / 2
    assert found > 100
    assert broken <= 0.05 * 200


@given(ANSWERS)
def test_areas_keep_their_bounds_and_order_does_not_matter(answers: list[tuple[float, bool]]) -> None:
    scores, wrong = parted(answers)
    curve = risk_curve(scores, wrong)
    area, excess = area_under(curve), excess_area(curve)
    assert area is not None
    assert excess is not None
    assert 0 <= excess <= area <= 1
    backwards = risk_curve(scores[::-1], wrong[::-1])
    assert area_under(backwards) == pytest.approx(area)
    assert curve.risks[-1] == pytest.approx(sum(wrong) / len(wrong))
    assert (np.diff(curve.coverages) > 0).all()


@given(ANSWERS)
def test_a_perfect_order_has_no_excess(answers: list[tuple[float, bool]]) -> None:
    wrong = [one for _, one in answers]
    ordered = risk_curve([0.0 if one else 1.0 for one in wrong], wrong)
    reversed_ = risk_curve([1.0 if one else 0.0 for one in wrong], wrong)
    worst, best = area_under(reversed_), area_under(ordered)
    assert best is not None
    assert worst is not None
    assert best <= worst
    if not any(wrong):
        assert excess_area(ordered) == 0.0


@given(ANSWERS, st.sampled_from([0.05, 0.2, 0.5]))
def test_points_keep_to_what_is_accepted(answers: list[tuple[float, bool]], accepted: float) -> None:
    scores, wrong = parted(answers)
    point = operating_point(scores, wrong, accepted)
    kept = [one for score, one in answers if point.threshold is not None and score >= point.threshold]
    assert (len(kept), sum(kept)) == (point.answered, point.wrong)
    assert sum(kept) <= accepted * len(kept)
    if point.sure_threshold is not None:
        sure = [one for score, one in answers if score >= point.sure_threshold]
        assert upper_bound(sum(sure), len(sure), 0.05) <= accepted


def test_thousands_of_answers_take_no_quadratic_time() -> None:
    random = np.random.default_rng(1)

    def seconds(n: int) -> float:
        scores = random.random(n)
        start = time.process_time()
        area_under(risk_curve(scores.tolist(), (random.random(n) > scores).tolist()))
        operating_point(scores.tolist(), (random.random(n) > scores).tolist(), 0.1)
        return time.process_time() - start

    seconds(1000)
    assert min(seconds(40_000) for _ in range(3)) < 40 * max(min(seconds(4_000) for _ in range(3)), 1e-3)
