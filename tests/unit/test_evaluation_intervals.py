"""Intervals against published values, and that they hold what they say."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.evaluation.intervals import NOTHING, clopper_pearson, mean_estimate, upper_bound, wilson

COUNTS = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_values_from_the_literature() -> None:
    # Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    for count, n, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert wilson(count / n, n) == pytest.approx((low, high), abs=5e-5)
    for count, n, low, high in (
        (81, 263, 0.2527, 0.3676),
        (15, 148, 0.0578, 0.1617),
        (0, 20, 0, 0.1684),
        (1, 29, 0.0009, 0.1776),
    ):
        assert clopper_pearson(count, n) == pytest.approx((low, high), abs=5e-5)


def test_the_bound_of_a_clean_record_has_a_closed_form() -> None:
    for n in (1, 7, 5000):
        assert upper_bound(0, n, 0.05) == pytest.approx(1 - 0.05 ** (1 / n), abs=1e-9)
    assert upper_bound(3, 3, 0.05) == 1.0


@given(COUNTS)
def test_intervals_hold_the_share_and_mirror(counted: tuple[int, int]) -> None:
    count, n = counted
    for low, high in (wilson(count / n, n), clopper_pearson(count, n)):
        assert 0 <= low <= count / n <= high <= 1
        assert high - low < 1
    low, high = clopper_pearson(count, n)
    mirrored = clopper_pearson(n - count, n)
    assert (1 - high, 1 - low) == pytest.approx(mirrored, abs=1e-9)
    seen = (
        sum(math.comb(n, i) * high**i * (1 - high) ** (n - i) for i in range(count + 1)) if n < 60 else 0.025
    )
    assert count == n or seen == pytest.approx(0.025, rel=1e-6)


def test_a_mean_of_nothing_is_nothing() -> None:
    assert mean_estimate([]) == NOTHING
    one = mean_estimate([1.0])
    assert (one.value, one.n) == (1.0, 1)
    assert one.low is not None
    assert one.low < 0.21
