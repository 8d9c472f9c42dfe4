"""Buckets give what their rate allows and no more, say when there is more, and stay few."""

import threading
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.rate_limits import TokenBuckets, too_many

SECOND = 1_000_000_000


class Clock:
    """Nanoseconds that move when a test says so."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


rates = st.integers(1, 100_000)
# Hundredths of the time in which one token comes back.
pauses = st.lists(st.integers(0, 1000), max_size=60)


@given(per_minute=rates, pauses=pauses)
def test_no_span_of_time_sees_more_than_the_burst_and_the_rate(per_minute: int, pauses: list[int]) -> None:
    clock = Clock()
    buckets = TokenBuckets(per_minute, clock=clock)
    taken: list[int] = []
    for pause in pauses:
        clock.now += pause * 60 * SECOND // (100 * per_minute)
        for _ in range(3):
            if buckets.take("anna") == 0:
                taken.append(clock.now)
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            span_ns = taken[last] - taken[first]
            assert (last - first + 1 - buckets.burst) * 60 * SECOND <= span_ns * per_minute


@given(per_minute=rates, pauses=pauses)
def test_whoever_keeps_to_the_rate_is_never_refused(per_minute: int, pauses: list[int]) -> None:
    clock = Clock()
    buckets = TokenBuckets(per_minute, clock=clock)
    interval_ns = -(-60 * SECOND // per_minute)
    for pause in pauses:
        clock.now += interval_ns + pause
        assert buckets.take("anna") == 0


@given(per_minute=rates, start_ns=st.integers(0, 10**18))
def test_after_the_wait_that_was_told_there_is_a_token(per_minute: int, start_ns: int) -> None:
    clock = Clock()
    clock.now = start_ns
    buckets = TokenBuckets(per_minute, clock=clock)
    for _ in range(buckets.burst):
        assert buckets.take("anna") == 0
    wait_s = buckets.take("anna")
    assert 1 <= wait_s <= 60
    assert buckets.take("anna") == wait_s  # being refused costs nothing
    clock.now += wait_s * SECOND
    assert buckets.take("anna") == 0


def test_names_are_counted_apart() -> None:
    buckets = TokenBuckets(4, clock=Clock())
    assert [buckets.take("anna"), buckets.take("anna")] == [0, 15]
    assert buckets.take("bert") == 0


def test_a_rate_of_nothing_is_no_limit() -> None:
    buckets = TokenBuckets(0, clock=Clock())
    assert {buckets.take("anna") for _ in range(10_000)} == {0}
    assert len(buckets) == 0


def test_buckets_that_are_full_again_are_forgotten() -> None:
    clock = Clock()
    buckets = TokenBuckets(60, clock=clock)
    for number in range(1000):
        buckets.take(f"name {number}")
    assert len(buckets) == 1000
    clock.now += SECOND
    buckets.take("anna")
    assert len(buckets) == 1


def test_there_are_never_more_buckets_than_the_most() -> None:
    clock = Clock()
    buckets = TokenBuckets(4, clock=clock, max_buckets=100)
    for number in range(1000):
        clock.now += 1
        buckets.take(f"name {number}")
        buckets.take("busy")
        assert len(buckets) <= 100
    assert buckets.take("busy") > 0  # who comes often is not the one forgotten


def test_a_clock_that_goes_back_locks_nobody_out_for_long() -> None:
    clock = Clock()
    clock.now = 100 * SECOND
    buckets = TokenBuckets(60, clock=clock)
    assert buckets.take("anna") == 0
    clock.now = 99 * SECOND
    assert buckets.take("anna") == 0


def test_threads_take_no_token_twice() -> None:
    buckets = TokenBuckets(4000, clock=Clock())
    taken: list[int] = []

    def take() -> None:
        taken.extend(buckets.take("anna") for _ in range(500))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken.count(0) == buckets.burst == 1000


@pytest.mark.parametrize(("wait_s", "words"), [(1, "1 second."), (12, "12 seconds.")])
def test_the_problem_says_when_to_come_back(wait_s: int, words: str) -> None:
    problem = too_many("requests", wait_s)
    assert (problem.status, problem.code) == (429, "rate_limited")
    assert problem.headers == {"Retry-After": str(wait_s)}
    assert problem.detail.endswith(words)


def test_bursts_grow_with_the_rate() -> None:
    bursts = [TokenBuckets(rate).burst for rate in (1, 4, 20, 600, 1200)]
    assert bursts == [1, 1, 5, 150, 300]
    assert all(small <= large for small, large in pairwise(bursts))
