"""How two rankings become one."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from qa_service.fusion import DENSE_WEIGHT, fuse


def array(*values: float) -> NDArray[np.float32]:
    return np.array(values, dtype=np.float32)


def scores(low: float, high: float) -> st.SearchStrategy[NDArray[np.float32]]:
    return arrays.arrays(np.float32, 6, elements=st.floats(low, high, width=32))


def test_both_scales_count_in_deviations_from_the_mean() -> None:
    # Two candidates lie one deviation above and below the mean, whatever the unit.
    np.testing.assert_allclose(
        fuse(array(0.9, 0.1), array(0, 30)), [2 * DENSE_WEIGHT - 1, 1 - 2 * DENSE_WEIGHT]
    )
    np.testing.assert_allclose(fuse(array(0.9, 0.1), array(12, 3)), [1, -1])


def test_how_far_ahead_a_candidate_is_counts() -> None:
    """Ranks would call it a draw: each candidate is first once and second once."""
    fused = fuse(array(0.50, 0.51, 0.1, 0.1), array(20, 5, 4, 4))
    assert fused.argmax() == 0


def test_a_ranking_that_tells_nothing_apart_leaves_the_order_to_the_other() -> None:
    assert fuse(array(0.3, 0.3, 0.3), array(1, 3, 2)).argsort().tolist() == [0, 2, 1]
    assert fuse(array(0.3, 0.1, 0.2), array(0, 0, 0)).argsort().tolist() == [1, 2, 0]
    rounding = np.float32(0.3) + np.array([0, 1, 0], dtype=np.float32) * np.float32(3e-8)
    assert fuse(rounding, array(1, 0, 2)).argmax() == 2


def test_few_candidates_are_no_trouble() -> None:
    assert fuse(array(), array()).shape == (0,)
    assert fuse(array(0.7), array(3)).tolist() == [0]


def test_lists_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="one of each"):
        fuse(array(0.1, 0.2), array(1))


@given(dense=scores(-1, 1), lexical=scores(0, 60), order=st.permutations(range(6)))
def test_the_order_of_candidates_does_not_matter(
    dense: NDArray[np.float32], lexical: NDArray[np.float32], order: list[int]
) -> None:
    np.testing.assert_allclose(fuse(dense[order], lexical[order]), fuse(dense, lexical)[order], atol=1e-5)


@given(dense=scores(-1, 1), lexical=scores(0, 60))
def test_a_candidate_behind_in_both_is_behind(
    dense: NDArray[np.float32], lexical: NDArray[np.float32]
) -> None:
    assume(dense.std() > 1e-3 and lexical.std() > 1e-3)
    fused = fuse(dense, lexical)
    for behind in range(6):
        ahead = (dense > dense[behind] + 1e-3) & (lexical > lexical[behind] + 1e-3)
        assert (fused[ahead] > fused[behind]).all()


@given(dense=scores(-1, 1), lexical=scores(0, 60), unit=st.sampled_from([0.25, 4.0]))
def test_the_unit_of_a_score_does_not_matter(
    dense: NDArray[np.float32], lexical: NDArray[np.float32], unit: float
) -> None:
    assume(lexical.std() > 1e-3)
    np.testing.assert_allclose(fuse(dense, lexical * np.float32(unit)), fuse(dense, lexical), atol=1e-5)
