"""Search in lists, which archives beyond the exact size get: what it finds, misses, keeps and refuses."""

import os
import subprocess
import sys
from pathlib import Path

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from embeddings.vector_file import VectorFile, write_vectors
from embeddings.vector_index import FaissVectorIndexBackend, FlatVectorIndex
from embeddings.vector_index_ivf import IvfVectorIndex, read_lists, write_lists

DIMENSION, ROWS = 48, 6000
LISTS = FaissVectorIndexBackend(exact_up_to=1000)
EXACT = FaissVectorIndexBackend()


def drawn(rows: int, seed: int) -> NDArray[np.float32]:
    """Return vectors around forty centres, as texts on forty matters would have."""
    draw = np.random.default_rng(seed)
    centres = np.random.default_rng(1).normal(size=(40, DIMENSION))
    made = centres[draw.integers(0, 40, rows)] + 0.8 * draw.normal(size=(rows, DIMENSION))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


VECTORS, QUERIES = drawn(ROWS, 2), drawn(40, 3)


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> IvfVectorIndex:
    path = tmp_path_factory.mktemp("lists") / "vectors.faiss"
    LISTS.build(iter([VECTORS[:5000], VECTORS[5000:]]), DIMENSION, path)
    index = LISTS.load(path)
    assert isinstance(index, IvfVectorIndex)
    return index


@pytest.fixture(scope="module")
def exact(tmp_path_factory: pytest.TempPathFactory) -> FlatVectorIndex:
    path = tmp_path_factory.mktemp("exact") / "vectors.faiss"
    EXACT.build([VECTORS], DIMENSION, path)
    index = EXACT.load(path)
    assert isinstance(index, FlatVectorIndex)
    return index


def recall(
    lists: IvfVectorIndex, exact: FlatVectorIndex, k: int, allowed: NDArray[np.bool_] | None = None
) -> float:
    shares = []
    for query in QUERIES:
        found, best = lists.search(query, k, allowed), exact.search(query, k, allowed)
        assert found.rows.shape == best.rows.shape
        assert allowed is None or allowed[found.rows].all()
        shares.append(np.isin(best.rows, found.rows).mean())
    return float(np.mean(shares))


@pytest.mark.parametrize("k", [10, 200])
def test_nearly_all_of_the_exact_best_are_found(
    lists: IvfVectorIndex, exact: FlatVectorIndex, k: int
) -> None:
    assert recall(lists, exact, k) >= 0.98


@pytest.mark.parametrize("kept", [1, 10, 400, 2047, 2049, 4000])
def test_a_filter_keeps_the_recall_however_few_it_allows(
    lists: IvfVectorIndex, exact: FlatVectorIndex, kept: int
) -> None:
    scattered = np.zeros(ROWS, dtype=np.bool_)
    scattered[np.random.default_rng(4).permutation(ROWS)[:kept]] = True
    of_one_sort = np.zeros(ROWS, dtype=np.bool_)
    of_one_sort[np.argsort(VECTORS[:, 0])[:kept]] = True
    for allowed in (scattered, of_one_sort):
        assert recall(lists, exact, 10, allowed) >= (1.0 if kept <= 2048 else 0.98)


def test_scores_are_exact_to_the_last_bit(lists: IvfVectorIndex, exact: FlatVectorIndex) -> None:
    found = lists.search(QUERIES[0], 300)
    np.testing.assert_array_equal(found.scores, exact.scores(QUERIES[0], found.rows))
    np.testing.assert_array_equal(found.scores, lists.scores(QUERIES[0], found.rows))


def test_vectors_come_back_bit_by_bit_in_any_order(lists: IvfVectorIndex) -> None:
    rows = np.array([5999, 0, 1, 2, 700, 2, 3])
    assert lists.vectors(rows).tobytes() == VECTORS[rows].tobytes()
    assert lists.vectors(np.arange(ROWS)).tobytes() == VECTORS.tobytes()
    for outside in (-1, ROWS):
        with pytest.raises(IndexError, match="there are 6000"):
            lists.vectors(np.array([0, outside]))


def test_a_long_run_of_equal_vectors_gives_its_lowest_rows(tmp_path: Path) -> None:
    block = VECTORS.copy()
    same = np.random.default_rng(6).permutation(ROWS)[:900]
    block[same] = VECTORS[0]
    LISTS.build([block], DIMENSION, tmp_path / "vectors.faiss")
    found = LISTS.load(tmp_path / "vectors.faiss").search(VECTORS[0], 30)
    assert found.rows.tolist() == np.union1d(same, [0])[:30].tolist()


def test_all_rows_come_back_where_all_are_wanted(lists: IvfVectorIndex) -> None:
    assert np.sort(lists.search(QUERIES[0], ROWS).rows).tolist() == list(range(ROWS))


def test_equal_vectors_give_equal_bytes_with_any_number_of_threads(tmp_path: Path) -> None:
    program = (
        "import sys, numpy as np; from pathlib import Path;"
        "from embeddings.vector_index import FaissVectorIndexBackend as B;"
        "v = np.random.default_rng(0).normal(size=(4000, 96)).astype('f4');"
        "B(exact_up_to=0).build([v[:1500], v[1500:]], 96, Path(sys.argv[1]) / 'vectors.faiss')"
    )
    for threads in ("1", "2"):
        (tmp_path / threads).mkdir()
        limits = {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / threads)], check=True, env={**os.environ, **limits}
        )
    for name in ("vectors.faiss", "vectors.ivf"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_the_vectors_are_stored_as_faiss_stores_them(tmp_path: Path) -> None:
    write_vectors(iter([VECTORS[:10], VECTORS[10:99]]), DIMENSION, tmp_path / "ours")
    index = faiss.IndexFlatIP(DIMENSION)
    index.add(VECTORS[:99])  # type: ignore[call-arg]
    faiss.write_index(index, str(tmp_path / "theirs"))
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()


def test_the_size_alone_decides_and_what_was_written_stays_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "vectors.faiss"
    LISTS.build([VECTORS[:1001]], DIMENSION, path)
    assert isinstance(EXACT.load(path), IvfVectorIndex)
    LISTS.build([VECTORS[:1000]], DIMENSION, path)
    assert isinstance(LISTS.load(path), FlatVectorIndex)
    EXACT.build([VECTORS], DIMENSION, path)  # as archives of any size were written before there were lists
    assert isinstance(LISTS.load(path), FlatVectorIndex)


def test_parts_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "vectors.faiss"
    LISTS.build([VECTORS[:2000]], DIMENSION, path)
    write_vectors([VECTORS[:1999]], DIMENSION, path)
    with pytest.raises(ValueError, match="2000 rows of 48 numbers, the vectors are 1999"):
        LISTS.load(path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match="too few for 1999 rows"):
        LISTS.load(path)
    faiss.write_index(faiss.IndexFlatL2(DIMENSION), str(path))
    with pytest.raises(ValueError, match="not with an IndexFlatIP"):
        LISTS.load(path)
    with pytest.raises(ValueError, match="IndexFlatL2"):
        read_lists(path)


def test_a_file_that_is_cut_while_it_is_open_is_an_error_not_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "vectors.faiss"
    write_vectors([VECTORS], DIMENSION, path)
    file = VectorFile(path)
    os.truncate(path, path.stat().st_size - 1)
    with pytest.raises(OSError, match="ends inside row 5999"):
        file.vectors(np.array([5999]))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that refuses every write")
def test_a_full_disk_is_an_error(tmp_path: Path) -> None:
    write_vectors([VECTORS], DIMENSION, tmp_path / "vectors.faiss")
    with pytest.raises(OSError, match="No space"):
        write_lists(VectorFile(tmp_path / "vectors.faiss"), Path("/dev/full"))
    with pytest.raises(OSError, match="No space"):
        write_vectors([VECTORS], DIMENSION, Path("/dev/full"))
