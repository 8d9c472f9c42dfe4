"""What every vector index promises, on the real one and on the stand-in; then what is the real one's own."""

from pathlib import Path
from tempfile import TemporaryDirectory

import faiss
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from embeddings.protocols import DimensionMismatch, VectorIndex, VectorIndexBackend
from embeddings.vector_index import FaissVectorIndexBackend
from tests.fakes import ListVectorIndexBackend

every_backend = pytest.mark.parametrize(
    "backend",
    [FaissVectorIndexBackend(), FaissVectorIndexBackend(exact_up_to=0), ListVectorIndexBackend()],
    ids=["faiss", "faiss lists", "list"],
)
AXES = np.eye(4, dtype=np.float32)


def built(backend: VectorIndexBackend, *blocks: NDArray[np.float32], dimension: int = 4) -> VectorIndex:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "vectors"
        backend.build(iter(blocks), dimension, path)
        return backend.load(path)


@every_backend
def test_blocks_become_rows_in_their_order(backend: VectorIndexBackend) -> None:
    index = built(backend, AXES[:1], AXES[1:])
    assert (index.size, index.dimension) == (4, 4)
    np.testing.assert_array_equal(index.vectors(np.array([3, 0])), AXES[[3, 0]])


@every_backend
def test_the_most_similar_rows_come_first(backend: VectorIndexBackend) -> None:
    index = built(backend, AXES)
    found = index.search(np.array([0.0, 0.6, 0.0, 0.8], dtype=np.float32), 2)
    assert found.rows.tolist() == [3, 1]
    np.testing.assert_allclose(found.scores, [0.8, 0.6], rtol=1e-6)
    assert (found.rows.dtype, found.scores.dtype) == (np.int64, np.float32)


@every_backend
def test_equal_scores_keep_the_lower_row_first(backend: VectorIndexBackend) -> None:
    block = np.repeat(AXES[:2], 40, axis=0)[::-1].copy()
    index = built(backend, block)
    assert index.search(AXES[0], 5).rows.tolist() == [40, 41, 42, 43, 44]
    assert index.search(AXES[0], 43).rows.tolist() == [*range(40, 80), 0, 1, 2]


@every_backend
def test_a_mask_leaves_rows_out(backend: VectorIndexBackend) -> None:
    index = built(backend, np.repeat(AXES, 5, axis=0))
    allowed = np.zeros(20, dtype=np.bool_)
    allowed[[2, 4, 17]] = True
    assert index.search(AXES[0], 10, allowed).rows.tolist() == [2, 4, 17]
    assert index.search(AXES[0], 1, allowed).rows.tolist() == [2]
    assert index.search(AXES[0], 1, np.zeros(20, dtype=np.bool_)).rows.size == 0


@every_backend
def test_an_empty_index_finds_nothing(backend: VectorIndexBackend) -> None:
    index = built(backend)
    assert (index.size, index.dimension) == (0, 4)
    assert index.search(AXES[0], 3).rows.shape == (0,)
    assert index.scores(AXES[0], np.empty(0, dtype=np.int64)).shape == (0,)
    assert index.vectors(np.empty(0, dtype=np.int64)).shape == (0, 4)


@every_backend
def test_a_wrong_dimension_is_refused(backend: VectorIndexBackend, tmp_path: Path) -> None:
    index = built(backend, AXES)
    for wrong in (np.ones(3, dtype=np.float32), np.ones((1, 4), dtype=np.float32)):
        with pytest.raises(DimensionMismatch):
            index.search(wrong, 1)
        with pytest.raises(DimensionMismatch):
            index.scores(wrong, np.array([0]))
    with pytest.raises(DimensionMismatch):
        index.search(AXES[0], 1, np.ones(3, dtype=np.bool_))
    with pytest.raises(DimensionMismatch):
        backend.build([np.ones((2, 3), dtype=np.float32)], 4, tmp_path / "vectors")


@every_backend
@given(
    rows=arrays.arrays(np.int8, st.tuples(st.integers(1, 60), st.just(3)), elements=st.integers(-2, 2)),
    query=arrays.arrays(np.int8, 3, elements=st.integers(-2, 2)),
    k=st.integers(1, 70),
    data=st.data(),
)
def test_a_search_is_the_head_of_all_scores_in_order(
    backend: VectorIndexBackend, rows: NDArray[np.int8], query: NDArray[np.int8], k: int, data: st.DataObject
) -> None:
    allowed = data.draw(st.none() | arrays.arrays(np.bool_, len(rows)))
    index = built(backend, rows.astype(np.float32), dimension=3)
    products = rows.astype(np.int64) @ query.astype(np.int64)
    ranked = [r for r in np.lexsort((np.arange(len(rows)), -products)) if allowed is None or allowed[r]]
    found = index.search(query.astype(np.float32), k, allowed)
    assert found.rows.tolist() == ranked[:k]
    np.testing.assert_array_equal(found.scores, products[ranked[:k]])
    np.testing.assert_array_equal(index.scores(query.astype(np.float32), found.rows), found.scores)


def test_a_row_scores_the_same_to_the_last_bit_either_way() -> None:
    draw = np.random.default_rng(5)
    block = draw.normal(size=(700, 384)).astype(np.float32)
    block /= np.linalg.norm(block, axis=1, keepdims=True)
    index = built(FaissVectorIndexBackend(), block, dimension=384)
    found = index.search(block[7], 700)
    np.testing.assert_array_equal(index.scores(block[7], found.rows), found.scores)


def test_vectors_can_be_changed_without_changing_the_index() -> None:
    index = built(FaissVectorIndexBackend(), AXES)
    index.vectors(np.array([0]))[:] = 9
    np.testing.assert_array_equal(index.vectors(np.array([0])), AXES[:1])


def test_another_type_of_index_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    faiss.write_index(faiss.IndexFlatL2(4), str(path))
    with pytest.raises(ValueError, match="IndexFlatL2"):
        FaissVectorIndexBackend().load(path)
