"""Finds the rows that can be among the best of a word search without adding up the longest posting lists."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

# Postings from which on it pays to ask whether a list can still bring a new row up.
LONG = 8192
# Sums of float32 in another order differ by less than this share.
_ROUNDING = 1e-4


def candidate_rows(
    lists: Sequence[tuple[NDArray[np.int32], NDArray[np.float32]]],
    highest: Callable[[int], float],
    size: int,
    k: int,
    allowed: NDArray[np.bool_] | None,
    long: int = LONG,
) -> NDArray[np.int32]:
    """Return every row whose sum of impacts can be among the `k` highest, and few more; in no order.

    Lists are added up from the shortest, whose words are rare and count much, to the longest. As soon as the
    k-th best sum is more than all remaining lists together can add, no row that was not met can reach it:
    what remains is looked up for the rows that can still get there.

    Args:
        lists: rows, ascending, and impacts above 0 of each feature of the query.
        highest: an upper bound of the impacts of the list of this place.
        allowed: shape (size,); rows that are False are left out. None allows all.
        long: postings from which on a list is added up only if it can still bring a new row up.

    Source: Turtle and Flood, "Query evaluation: strategies and optimizations", 1995 (MaxScore).
    """
    order = sorted(range(len(lists)), key=lambda place: len(lists[place][0]))
    rest = np.cumsum([highest(place) for place in reversed(order)])[::-1] * (1 + _ROUNDING)
    sums, met = np.zeros(size, dtype=np.float32), [np.empty(0, np.int32)]
    floor, done = 0.0, 0
    for place in order:
        rows, impacts = lists[place]
        if len(rows) >= long:
            floor = _kth(sums[np.concatenate(met)], k)
            if floor > rest[done]:
                break
        before = sums[rows]
        fresh = rows[before == 0]
        met.append(fresh if allowed is None else fresh[allowed[fresh]])
        sums[rows] = before + impacts
        done += 1
    rows = np.concatenate(met)
    reached = sums[rows]
    for step in range(done, len(order)):
        rows, reached = _kept(rows, reached, floor - rest[step])
        reached = reached + impacts_of(*lists[order[step]], rows)
        floor = max(floor, _kth(reached, k))
    if done == len(order):
        floor = _kth(reached, k)
    return _kept(rows, reached, floor)[0]


def impacts_of(
    holders: NDArray[np.int32], impacts: NDArray[np.float32], rows: NDArray[np.int32]
) -> NDArray[np.float32]:
    """Return the impact of a list on each of `rows`, 0 for those that it does not hold."""
    places = np.minimum(np.searchsorted(holders, rows), len(holders) - 1)
    return np.where(holders[places] == rows, impacts[places], np.float32(0))


def _kth(values: NDArray[np.float32], k: int) -> float:
    """Return what the k-th highest of `values` is at least, 0 where there are not so many."""
    if len(values) < k:
        return 0.0
    return float(np.partition(values, len(values) - k)[len(values) - k]) * (1 - _ROUNDING)


def _kept(
    rows: NDArray[np.int32], reached: NDArray[np.float32], least: float
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    kept = reached >= least
    return rows[kept], reached[kept]
