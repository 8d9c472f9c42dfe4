"""Search in archives too large to compare every row: lists of near rows in 8 bits a number, rescored exactly."""

from collections.abc import Iterator
from math import isqrt
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from embeddings.protocols import DimensionMismatch, Neighbours
from embeddings.vector_file import VectorFile

# FAISS's stubs give the C++ signatures; its Python classes take arrays and keywords.
_faiss: Any = faiss

# docs/GROWTH.md has the measurements behind these numbers.
PROBES = 128  # lists that a search looks through
SPARE = 100  # rows beyond those wanted whose exact scores decide
FEW = 2048  # allowed rows up to which each is compared exactly

_LISTS_A_ROOT = 3  # lists = 3 · √rows
_MOST_LISTS = 16_384
_SAMPLES_A_LIST = 40
_ROUNDS = 10
_BLOCK = 8192  # rows that are held while the lists are filled


class IvfVectorIndex:
    """A `VectorIndex` that finds candidates in compressed lists; many threads may search at once.

    Every score that it gives is the exact one; what it can miss is a row whose list was not looked through.

    Args:
        exact: the vectors themselves.
        lists: the same rows, compressed.
        few: allowed rows up to which a filtered search compares each of them.

    Raises:
        ValueError: `exact` and `lists` do not hold the same rows.
    """

    def __init__(self, exact: VectorFile, lists: faiss.IndexIVFScalarQuantizer, few: int = FEW) -> None:
        if (lists.ntotal, lists.d) != (exact.size, exact.dimension):
            raise ValueError(
                f"The lists hold {lists.ntotal} rows of {lists.d} numbers, the vectors are {exact.size} of"
                f" {exact.dimension}. Reindex."
            )
        self._exact, self._few = exact, few
        self._lists: Any = lists

    @property
    def size(self) -> int:
        """Number of rows."""
        return self._exact.size

    @property
    def dimension(self) -> int:
        """Length of each vector."""
        return self._exact.dimension

    def search(
        self, query: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None = None
    ) -> Neighbours:
        """Return at most `k` rows that are most similar to `query`, best first; nearly always the most similar.

        Args:
            query: shape (dimension,), L2-normalised, so that scores are cosines in [-1, 1].
            k: upper bound, at least 1; fewer come back when fewer rows are allowed.
            allowed: shape (size,); rows that are False are left out. None allows all.

        Returns:
            Rows and exact scores, each of shape (min(k, allowed rows),). Equal scores keep the lower row first.

        Raises:
            DimensionMismatch: `query` has not the index's dimension, or `allowed` not its size.
        """
        self._check(query)
        found = self.size if allowed is None else self._count(allowed)
        if found == 0:
            return Neighbours(np.empty(0, np.int64), np.empty(0, np.float32))
        if allowed is not None and found <= self._few:
            rows = np.flatnonzero(allowed)
        else:
            rows = np.sort(self._candidates(query, min(k, found), found, allowed))
        scores = self.scores(query, rows)
        order = np.lexsort((rows, -scores))[:k]
        return Neighbours(rows[order], scores[order])

    def scores(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the exact similarity of `query` to each of `rows`, shape (len(rows),).

        Raises:
            DimensionMismatch: `query` has not the index's dimension.
        """
        self._check(query)
        scores = np.empty(len(rows), dtype=np.float32)
        if len(rows):
            x, vectors, places = _matrix(query), self._exact.vectors(rows), np.arange(len(rows))
            pointers = [faiss.swig_ptr(a) for a in (scores, x, vectors, places)]
            # The kernel of the exact index, so that a row scores the same to the last bit in either.
            _faiss.fvec_inner_products_by_idx(*pointers, self.dimension, 1, len(rows))
        return scores

    def vectors(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the stored vectors of `rows`, shape (len(rows), dimension)."""
        return self._exact.vectors(rows)

    def _candidates(
        self, query: NDArray[np.float32], wanted: int, found: int, allowed: NDArray[np.bool_] | None
    ) -> NDArray[np.int64]:
        """Return the rows whose compressed vectors are most similar, `wanted` and some more, in no order."""
        # As many allowed rows are looked through with a filter as without.
        probes = min(self._lists.nlist, -(-self._lists.nprobe * self.size // found))
        depth = min(wanted + SPARE, found)
        while True:
            scores, rows = self._nearest(query, depth, probes, allowed)
            if len(rows) < depth and probes < self._lists.nlist:
                probes = min(probes * 4, self._lists.nlist)
            elif len(rows) == depth < found and scores[-1] == scores[wanted - 1]:
                depth = min(depth * 4, found)  # a run of equal vectors, of which the lowest rows come first
            else:
                return rows

    def _nearest(
        self, query: NDArray[np.float32], depth: int, probes: int, allowed: NDArray[np.bool_] | None
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        selector: Any = None
        if allowed is not None:
            bitmap: Any = np.packbits(allowed, bitorder="little")
            selector = _faiss.IDSelectorBitmap(bitmap)
        parameters = _faiss.SearchParametersIVF(nprobe=probes, sel=selector)
        scores, rows = self._lists.search(_matrix(query), depth, params=parameters)
        present = rows[0] >= 0
        return scores[0][present], rows[0][present]

    def _check(self, query: NDArray[np.float32]) -> None:
        if query.shape != (self.dimension,):
            raise DimensionMismatch(
                f"The query has the shape {query.shape}, the index needs ({self.dimension},). "
                "Encode the question with the model that built the index."
            )

    def _count(self, allowed: NDArray[np.bool_]) -> int:
        if allowed.shape != (self.size,):
            raise DimensionMismatch(
                f"The mask has the shape {allowed.shape}, the index needs ({self.size},)."
            )
        return int(np.count_nonzero(allowed))


def write_lists(exact: VectorFile, path: Path) -> None:
    """Sort the rows of `exact` into lists and write those to `path`; equal rows give equal bytes.

    Held in memory are the lists, a sample of the rows and one block of them.

    Raises:
        OSError, RuntimeError: the disk refuses.

    Source: Sivic and Zisserman, "Video Google", ICCV 2003, for inverted lists; Jégou, Douze and Schmid,
    "Product quantization for nearest neighbor search", PAMI 2011, for rescoring what they give.
    """
    count = max(1, min(_LISTS_A_ROOT * isqrt(exact.size), exact.size, _MOST_LISTS))
    centres = faiss.IndexFlatIP(exact.dimension)
    lists: Any = faiss.IndexIVFScalarQuantizer(
        centres, exact.dimension, count, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, False
    )
    lists.cp.seed, lists.cp.niter, lists.cp.spherical = 1, _ROUNDS, True
    lists.cp.min_points_per_centroid, lists.cp.max_points_per_centroid = 1, _SAMPLES_A_LIST
    lists.nprobe = PROBES
    sampled = min(exact.size, count * _SAMPLES_A_LIST)
    lists.train(exact.vectors(np.arange(sampled) * exact.size // sampled))
    for block in _blocks(exact):
        lists.add(block)
    with path.open("wb") as file:
        _faiss.write_index(lists, _faiss.PyCallbackIOWriter(file.write))


def read_lists(path: Path) -> faiss.IndexIVFScalarQuantizer:
    """Read what `write_lists` wrote; check the file's SHA-256 first, for FAISS notices no damage.

    Raises:
        ValueError: the file holds another type of index.
    """
    lists = faiss.read_index(str(path))
    if type(lists) is not faiss.IndexIVFScalarQuantizer:
        raise ValueError(f"{path} holds a {type(lists).__name__}, not an IndexIVFScalarQuantizer. Reindex.")
    return lists


def _blocks(exact: VectorFile) -> Iterator[NDArray[np.float32]]:
    for start in range(0, exact.size, _BLOCK):
        yield exact.vectors(np.arange(start, min(start + _BLOCK, exact.size)))


def _matrix(query: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(query.reshape(1, -1), dtype=np.float32)
