"""The word vectors of the packaged backbone, read from its file when needed: one table for encoder and reader."""

import json
import os
import threading
import weakref
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.protocols import ModelUnavailable

_NAME = "embeddings.word_embeddings.weight"
_LENGTH_BYTES = 8
_LONGEST_HEADER = 10 << 20
_KINDS = {"F32": np.dtype("<f4")}
# A text of an archive has a word that is not among so many once or twice.
KEPT = 8192


class WordTable:
    """The vectors of all words, half of the model's weights, of which a text needs a few hundred.

    They stay in the file, for holding them all takes 47 MB; those that were asked for last are kept, up to `KEPT`.

    Args:
        path: a safetensors file (a length of 8 bytes, a JSON header, then the tensors), whose hash was checked.

    Raises:
        ModelUnavailable: the file holds no such table.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = os.open(path, os.O_RDONLY)
            weakref.finalize(self, os.close, self._file)
            size = int.from_bytes(os.read(self._file, _LENGTH_BYTES), "little")
            entry = json.loads(os.read(self._file, min(size, _LONGEST_HEADER)))[_NAME]
            self._kind = _KINDS[entry["dtype"]]
            self._dimension = int(entry["shape"][1])
            self._begin = _LENGTH_BYTES + size + int(entry["data_offsets"][0])
            self._places = np.full(int(entry["shape"][0]), -1, dtype=np.int64)
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise ModelUnavailable(
                f"No word vectors can be read from {path} ({type(error).__name__}: {error})."
            ) from error
        self._rows = np.empty((KEPT, self._dimension), dtype=self._kind)
        self._used, self._lock = 0, threading.Lock()

    def vectors(self, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors of words by their `numbers` (…), shape (…, dimension); safe from several threads.

        Raises:
            OSError: the file is shorter than it was.
            IndexError: the table has no such word.
        """
        with self._lock:
            places = self._places[numbers]
            if (places < 0).any():
                self._fetch(np.unique(numbers))
                places = self._places[numbers]
            found: NDArray[np.float32] = self._rows[places]
            return found

    def _fetch(self, numbers: NDArray[np.int64]) -> None:
        """Read what is not kept of the distinct `numbers`; where room is short, all that was kept gives way."""
        missing = numbers[self._places[numbers] < 0]
        if self._used + len(missing) > len(self._rows):
            self._places[:], self._used, missing = -1, 0, numbers
            self._rows = np.empty((max(KEPT, len(missing)), self._dimension), dtype=self._kind)
        size = self._rows.itemsize * self._dimension
        for number in missing.tolist():
            if os.preadv(self._file, [self._rows[self._used].data], self._begin + number * size) != size:
                raise OSError(f"{self._path} ends within its word vectors")
            self._places[number] = self._used
            self._used += 1


@lru_cache(maxsize=1)
def word_table(backbone: Path) -> WordTable:
    """Return the table of the model in the folder `backbone`; encoder and reader share it."""
    return WordTable(backbone / "model.safetensors")
