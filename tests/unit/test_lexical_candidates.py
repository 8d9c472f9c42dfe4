"""The rows that can be among the best of a word search: none is missed, and few more are kept."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from embeddings.lexical_candidates import candidate_rows, impacts_of

SIZE = 60
Lists = list[tuple[NDArray[np.int32], NDArray[np.float32]]]
posting_lists = st.lists(
    st.dictionaries(st.integers(0, SIZE - 1), st.sampled_from([0.1, 0.25, 1.0, 3.0, 7.5]), min_size=1),
    min_size=1,
    max_size=6,
)


def as_lists(drawn: list[dict[int, float]]) -> Lists:
    return [
        (np.array(sorted(one), dtype=np.int32), np.array([one[row] for row in sorted(one)], dtype=np.float32))
        for one in drawn
    ]


def sums(lists: Lists) -> NDArray[np.float32]:
    total = np.zeros(SIZE, dtype=np.float32)
    for rows, impacts in lists:
        total[rows] += impacts
    return total


def found(lists: Lists, k: int, allowed: NDArray[np.bool_] | None = None, long: int = 1) -> list[int]:
    rows = candidate_rows(lists, lambda place: float(lists[place][1].max()), SIZE, k, allowed, long)
    return sorted(rows.tolist())


@given(drawn=posting_lists, k=st.integers(1, SIZE), long=st.sampled_from([1, 10, 1000]), data=st.data())
def test_every_row_that_scores_as_the_last_wanted_one_is_kept(
    drawn: list[dict[int, float]], k: int, long: int, data: st.DataObject
) -> None:
    lists = as_lists(drawn)
    mask = data.draw(st.none() | st.lists(st.booleans(), min_size=SIZE, max_size=SIZE))
    allowed = None if mask is None else np.array(mask)
    total = sums(lists) if allowed is None else np.where(allowed, sums(lists), 0)
    holders = np.flatnonzero(total)
    least = np.sort(total[holders])[::-1][: min(k, len(holders))]
    wanted = holders[total[holders] >= least[-1]] if len(least) else holders
    kept = found(lists, k, allowed, long)
    assert set(wanted.tolist()) <= set(kept) <= set(holders.tolist())
    assert len(kept) == len(set(kept))


def test_rows_that_only_a_common_word_would_bring_up_are_not_looked_at() -> None:
    rare = (np.arange(5, dtype=np.int32), np.full(5, 9, dtype=np.float32))
    common = (np.arange(SIZE, dtype=np.int32), np.full(SIZE, 0.5, dtype=np.float32))
    assert found([common, rare], 5) == [0, 1, 2, 3, 4]
    touched: list[int] = []

    class Watched(np.ndarray):  # type: ignore[type-arg]
        def __getitem__(self, key: object) -> object:
            touched.append(np.size(key))
            return np.asarray(self)[key]  # type: ignore[index]

    candidate_rows(
        [(common[0], common[1].view(Watched)), rare], lambda place: (0.5, 9.0)[place], SIZE, 5, None, 1
    )
    assert touched == [5]


def test_a_list_gives_nothing_to_rows_that_it_does_not_hold() -> None:
    holders, impacts = np.array([2, 7], dtype=np.int32), np.array([0.5, 1.5], dtype=np.float32)
    rows = np.array([9, 7, 0, 2], dtype=np.int32)
    assert impacts_of(holders, impacts, rows).tolist() == [0, 1.5, 0, 0.5]
