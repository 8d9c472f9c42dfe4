"""Exact vectors in one file that FAISS can read: written block by block, read row by row without holding them."""

import os
import weakref
from collections.abc import Iterable
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from embeddings.protocols import DimensionMismatch

# Where FAISS keeps the number of rows and the number of floats in the head of an IndexFlatIP.
_ROWS_AT, _FLOATS_AT = 8, 37
_HEAD_BYTES = 45


def write_vectors(blocks: Iterable[NDArray[np.float32]], dimension: int, path: Path) -> int:
    """Write all rows of `blocks`, in order, as the IndexFlatIP that FAISS would write; return their number.

    Unlike FAISS this holds one block at a time, and a disk that refuses is an error.

    Raises:
        DimensionMismatch: a block is not of shape (n, dimension).
        OSError: the disk refuses.
    """
    rows = 0
    with path.open("wb") as file:
        file.write(_head(dimension, 0))
        for block in blocks:
            if block.ndim != 2 or block.shape[1] != dimension:
                raise DimensionMismatch(
                    f"A block has the shape {block.shape}, the index needs (n, {dimension})."
                )
            file.write(np.ascontiguousarray(block, dtype="<f4").data)
            rows += len(block)
        file.seek(0)
        file.write(_head(dimension, rows))
    return rows


class VectorFile:
    """Rows of such a file, read from the disk when they are asked for; many threads may read at once.

    Rows are read, not mapped: what a process maps counts as its memory from the first touch on, what it
    reads stays with the system's file cache, which gives way where memory is short.

    Raises:
        ValueError: the file holds another type of index, or not as many rows as it says.
    """

    def __init__(self, path: Path) -> None:
        file = path.open("rb", buffering=0)
        # The open file outlives the removal of its generation, as long as someone answers from it.
        weakref.finalize(self, file.close)
        self._path, self._file = path, file
        head = file.read(_HEAD_BYTES)
        self.dimension = int.from_bytes(head[4:8], "little")
        self.size = int.from_bytes(head[_ROWS_AT : _ROWS_AT + 8], "little")
        if head[:4] != b"IxFI" or head != _head(self.dimension, self.size):
            raise ValueError(f"{path} begins with {head[:4]!r}, not with an IndexFlatIP. Reindex.")
        self._row_bytes = 4 * self.dimension
        if path.stat().st_size != _HEAD_BYTES + self.size * self._row_bytes:
            raise ValueError(
                f"{path} has {path.stat().st_size} bytes, too few for {self.size} rows. Reindex."
            )

    def vectors(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors of `rows`, shape (len(rows), dimension).

        Raises:
            IndexError: there is no such row.
        """
        if len(rows) and not 0 <= int(rows.min()) <= int(rows.max()) < self.size:
            raise IndexError(f"Rows {rows.min()} to {rows.max()} were asked for, there are {self.size}.")
        read = np.empty((len(rows), self.dimension), dtype="<f4")
        memory = read.reshape(-1).view(np.uint8).data
        begins = np.flatnonzero(np.diff(rows, prepend=-2) != 1).tolist()
        for begin, end in zip(begins, [*begins[1:], len(rows)], strict=True):  # rows in a row at one go
            self._read(int(rows[begin]), memory[begin * self._row_bytes : end * self._row_bytes])
        return read

    def _read(self, row: int, into: memoryview) -> None:
        at, done = _HEAD_BYTES + row * self._row_bytes, 0
        while done < len(into):
            got = os.preadv(self._file.fileno(), [into[done:]], at + done)
            if not got:
                raise OSError(f"{self._path} ends inside row {row}. Check the disk and reindex.")
            done += got


def _head(dimension: int, rows: int) -> bytes:
    """Return the bytes in front of the floats."""
    head = bytearray(faiss.serialize_index(faiss.IndexFlatIP(dimension)).tobytes())
    head[_ROWS_AT : _ROWS_AT + 8] = rows.to_bytes(8, "little")
    head[_FLOATS_AT : _FLOATS_AT + 8] = (rows * dimension).to_bytes(8, "little")
    return bytes(head)
