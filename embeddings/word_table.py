"""The word vectors of the packaged backbone, read from its file when needed: one table for encoder and reader."""

import json
import os
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


class WordTable:
    """The vectors of all words, half of the model's weights, of which a text needs a few hundred.

    They stay in the file: looking them up takes microseconds a word, holding them 47 MB of a server's memory.

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
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise ModelUnavailable(
                f"No word vectors can be read from {path} ({type(error).__name__}: {error})."
            ) from error

    def vectors(self, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors of words by their `numbers` (…), shape (…, dimension); safe from several threads.

        Raises:
            OSError: the file is shorter than it was.
        """
        distinct, places = np.unique(numbers, return_inverse=True)
        rows = np.empty((len(distinct), self._dimension), dtype=self._kind)
        size = rows.itemsize * self._dimension
        for row, number in zip(rows, distinct.tolist(), strict=True):
            if os.preadv(self._file, [row.data], self._begin + number * size) != size:
                raise OSError(f"{self._path} ends within its word vectors")
        return rows[places.reshape(numbers.shape)]


@lru_cache(maxsize=1)
def word_table(backbone: Path) -> WordTable:
    """Return the table of the model in the folder `backbone`; encoder and reader share it."""
    return WordTable(backbone / "model.safetensors")
