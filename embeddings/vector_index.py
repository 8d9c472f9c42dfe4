"""Inner-product search over vectors in FAISS files: exact where that is free, in lists where rows are many."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from embeddings.protocols import DimensionMismatch, Neighbours
from embeddings.vector_file import VectorFile, write_vectors
from embeddings.vector_index_ivf import FEW, IvfVectorIndex, read_lists, write_lists

# Rows up to which comparing all of them costs next to nothing of an answer; docs/GROWTH.md has the table.
EXACT_UP_TO = 25_000


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


class FaissVectorIndexBackend:
    """A `VectorIndexBackend` that keeps all rows uncompressed in one file, and beside it lists where they are many.

    The file of lists, `vectors.ivf` beside `vectors.faiss`, is there or not from the building on; nothing else
    says how an index is searched.

    Args:
        exact_up_to: rows up to which a search compares the query with every one of them.
    """

    def __init__(self, exact_up_to: int = EXACT_UP_TO) -> None:
        self._exact_up_to = exact_up_to

    def build(self, blocks: Iterable[NDArray[np.float32]], dimension: int, path: Path) -> None:
        """Write the index of all rows of `blocks`, in order, to the file `path`; equal rows give equal bytes.

        Raises:
            DimensionMismatch: a block is not of shape (n, dimension).
            OSError, RuntimeError: the disk refuses.
        """
        rows = write_vectors(blocks, dimension, path)
        if rows > self._exact_up_to:
            write_lists(VectorFile(path), _lists_path(path))
        else:
            _lists_path(path).unlink(missing_ok=True)

    def load(self, path: Path) -> FlatVectorIndex | IvfVectorIndex:
        """Open the index stored at `path`; check the files' SHA-256 first, for FAISS notices no damage.

        Raises:
            ValueError: a file holds another type of index, or the two do not hold the same rows.
        """
        if _lists_path(path).exists():
            return IvfVectorIndex(
                VectorFile(path), read_lists(_lists_path(path)), min(FEW, self._exact_up_to)
            )
        index = faiss.read_index(str(path))
        if type(index) is not faiss.IndexFlatIP:
            raise ValueError(f"{path} holds a {type(index).__name__}, not an IndexFlatIP. Reindex.")
        return FlatVectorIndex(index)


def _lists_path(path: Path) -> Path:
    return path.with_suffix(".ivf")


def _matrix(query: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(query.reshape(1, -1), dtype=np.float32)
