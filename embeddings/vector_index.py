"""Exact inner-product search over vectors in one FAISS file."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from embeddings.protocols import DimensionMismatch, Neighbours


class FlatVectorIndex:
    """A `VectorIndex` that compares the query with every row; many threads may search at once."""

    def __init__(self, index: faiss.IndexFlatIP) -> None:
        # FAISS's stubs give the C++ signatures; its Python classes take arrays and keywords.
        self._index: Any = index

    @property
    def size(self) -> int:
        """Number of rows."""
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Length of each vector."""
        return int(self._index.d)

    def search(
        self, query: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None = None
    ) -> Neighbours:
        """Return the at most `k` rows most similar to `query`, best first.

        Args:
            query: shape (dimension,), L2-normalised, so that scores are cosines in [-1, 1].
            k: upper bound, at least 1; fewer come back when fewer rows are allowed.
            allowed: shape (size,); rows that are False are left out. None allows all.

        Returns:
            Rows and scores, each of shape (min(k, allowed rows),). Equal scores keep the lower row first.

        Raises:
            DimensionMismatch: `query` has not the index's dimension, or `allowed` not its size.
        """
        self._check(query)
        found = self.size if allowed is None else self._count(allowed)
        if found == 0:
            return Neighbours(np.empty(0, np.int64), np.empty(0, np.float32))
        # FAISS cuts a run of equal scores anywhere: ask for more until the run at the cut is complete.
        wanted = min(k, found)
        depth = min(wanted + 8, found)
        while True:
            scores, rows = self._nearest(query, depth, allowed)
            if depth == found or scores[-1] < scores[wanted - 1]:
                break
            depth = min(depth * 4, found)
        order = np.lexsort((rows, -scores))[:wanted]
        return Neighbours(rows[order], scores[order])

    def scores(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the similarity of `query` to each of `rows`, shape (len(rows),).

        Raises:
            DimensionMismatch: `query` has not the index's dimension.
        """
        self._check(query)
        scores = np.empty(len(rows), dtype=np.float32)
        labels = np.ascontiguousarray(rows, dtype=np.int64)
        if len(rows):
            # The kernel that `search` runs, so that a row scores the same to the last bit either way.
            self._index.compute_distance_subset(
                1, faiss.swig_ptr(_matrix(query)), len(rows), faiss.swig_ptr(scores), faiss.swig_ptr(labels)
            )
        return scores

    def vectors(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return a copy of the stored vectors of `rows`, shape (len(rows), dimension)."""
        return np.asarray(self._index.reconstruct_batch(rows), dtype=np.float32).reshape(
            len(rows), self.dimension
        )

    def _nearest(
        self, query: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        parameters = None
        if allowed is not None:
            bitmap: Any = np.packbits(allowed, bitorder="little")
            selector = faiss.IDSelectorBitmap(bitmap)  # type: ignore[call-arg]
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        scores, rows = self._index.search(_matrix(query), k, params=parameters)
        return scores[0], rows[0]

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


class FlatVectorIndexBackend:
    """A `VectorIndexBackend` that keeps all rows uncompressed in one file."""

    def build(self, blocks: Iterable[NDArray[np.float32]], dimension: int, path: Path) -> None:
        """Write the index of all rows of `blocks`, in order, to the file `path`.

        Raises:
            DimensionMismatch: a block is not of shape (n, dimension).
        """
        index = faiss.IndexFlatIP(dimension)
        for block in blocks:
            if block.ndim != 2 or block.shape[1] != dimension:
                raise DimensionMismatch(
                    f"A block has the shape {block.shape}, the index needs (n, {dimension})."
                )
            index.add(np.ascontiguousarray(block, dtype=np.float32))
        faiss.write_index(index, str(path))

    def load(self, path: Path) -> FlatVectorIndex:
        """Open the index stored at `path`; check the file's SHA-256 first, for FAISS notices no damage.

        Raises:
            ValueError: the file holds another type of index.
        """
        index = faiss.read_index(str(path))
        if type(index) is not faiss.IndexFlatIP:
            raise ValueError(f"{path} holds a {type(index).__name__}, not an IndexFlatIP. Reindex.")
        return FlatVectorIndex(index)


def _matrix(query: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(query.reshape(1, -1), dtype=np.float32)
