"""Vectors as they are computed, on disk at once, so that a reindex that is cut off goes on where it stopped."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from qa_service.key_table import KEY_BYTES, KeyTable

FILE_NAME = "unfinished.vectors"
_FORMAT, _CHECK_BYTES, _HEADER_BYTES = 1, 8, 128


class VectorJournal:
    """Records of one key, one vector and their checksum, appended batch by batch.

    A vector's key holds its text and the encoder's weights, so a record is good for whichever run needs it. A
    record that was cut off or altered ends what is read: a reindex encodes from there on again.
    """

    def __init__(self, path: Path, dimension: int, *, full: bool) -> None:
        self._path, self._dimension, self._full = path, dimension, full
        self._vector_bytes = 4 * dimension
        self._record_bytes = KEY_BYTES + self._vector_bytes + _CHECK_BYTES
        self._file: IO[bytes] | None = None
        self._keys = KeyTable()

    @classmethod
    @contextmanager
    def opened(
        cls, data_dir: Path, dimension: int, *, full: bool, read_only: bool = False
    ) -> "Iterator[VectorJournal]":
        """Give the journal of `data_dir`, read as far as it is whole.

        Args:
            dimension: length of each vector; a journal of another is begun anew.
            full: the run encodes everything again; it goes on with no journal but that of another such run.
            read_only: for dry runs, which look and write nothing.
        """
        journal = cls(data_dir / FILE_NAME, dimension, full=full)
        try:
            journal._open(read_only)
            yield journal
        finally:
            if journal._file is not None:
                journal._file.close()

    def holds(self, key: bytes) -> bool:
        """Return whether the vector of `key` is in it."""
        return self._keys.find(key) is not None

    def __len__(self) -> int:
        """Return how many vectors it holds."""
        return len(self._keys)

    def vectors(self, keys: Sequence[bytes]) -> NDArray[np.float32]:
        """Return the vectors of `keys`, all of which it holds, shape (len(keys), dimension)."""
        found = np.empty((len(keys), self._dimension), dtype=np.float32)
        for row, key in enumerate(keys):
            record = self._keys.find(key)
            assert self._file is not None
            assert record is not None
            self._file.seek(self._place(record) + KEY_BYTES)
            found[row] = np.frombuffer(self._file.read(self._vector_bytes), dtype="<f4")
        return found

    def append(self, keys: Iterable[bytes], vectors: NDArray[np.float32]) -> None:
        """Write vectors, row i that of the i-th key, so that the process may be killed right after.

        Raises:
            OSError: the disk refuses.
        """
        if self._file is None:
            self._file = self._path.open("x+b")
        if not len(self._keys):
            self._begin(self._file)
        bodies = [
            key + row.astype("<f4").tobytes() for key, row in zip(keys, np.atleast_2d(vectors), strict=True)
        ]
        self._file.seek(self._place(len(self._keys)))
        self._file.write(b"".join(body + _check(body) for body in bodies))
        self._file.flush()
        for body in bodies:
            self._keys.add(body[:KEY_BYTES])

    def remove(self) -> None:
        """Delete the journal: its vectors are in a published generation."""
        self._path.unlink(missing_ok=True)

    def _open(self, read_only: bool) -> None:
        if self._path.exists():
            self._file = self._path.open("rb" if read_only else "r+b")
            self._read()

    def _header(self, full: bool) -> bytes:
        said = {"format": _FORMAT, "dimension": self._dimension, "full": full}
        return json.dumps(said).encode().ljust(_HEADER_BYTES - 1) + b"\n"

    def _begin(self, file: IO[bytes]) -> None:
        file.seek(0)
        file.truncate()
        file.write(self._header(self._full))

    def _place(self, record: int) -> int:
        """Return where a record begins in the file."""
        return _HEADER_BYTES + record * self._record_bytes

    def _read(self) -> None:
        assert self._file is not None
        header = self._file.read(_HEADER_BYTES)
        fitting = [self._header(True)] if self._full else [self._header(True), self._header(False)]
        if header not in fitting:
            return
        while len(record := self._file.read(self._record_bytes)) == self._record_bytes:
            body, check = record[:-_CHECK_BYTES], record[-_CHECK_BYTES:]
            if _check(body) != check:
                break
            self._keys.add(body[:KEY_BYTES])


def _check(body: bytes) -> bytes:
    return blake2b(body, digest_size=_CHECK_BYTES).digest()
