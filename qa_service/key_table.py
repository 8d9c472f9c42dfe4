"""Numbers of keys in 24 bytes each, where a dictionary takes two hundred."""

import struct
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

KEY_BYTES = 16
_HALVES = struct.Struct(">QQ")
_RECENT = 4096


class KeyTable:
    """Keys of 16 bytes in the order in which they were added; each is found by its number, from 0.

    What was added last waits in a dictionary, of at most a sixteenth of all, until it is sorted in with the rest.

    >>> table = KeyTable([b"a" * 16, b"b" * 16])
    >>> table.find(b"b" * 16), table.find(b"c" * 16), len(table)
    (1, None, 2)
    """

    def __init__(self, keys: Iterable[bytes] = ()) -> None:
        self._high = self._low = np.empty(0, dtype=np.uint64)
        self._numbers = np.empty(0, dtype=np.int64)
        self._recent: dict[bytes, int] = {}
        self._size = 0
        for key in keys:
            self.add(key)

    def __len__(self) -> int:
        """Return how many keys were added, repeated ones too."""
        return self._size

    def add(self, key: bytes) -> None:
        """Give `key` the next number; a key that was there keeps its first one."""
        if self.find(key) is None:
            self._recent[key] = self._size
        self._size += 1
        if len(self._recent) > _RECENT + len(self._high) // 16:
            self._sort_in()

    def find(self, key: bytes) -> int | None:
        """Return the number of `key`, or None where it was not added."""
        if key in self._recent:
            return self._recent[key]
        high, low = _HALVES.unpack(key)
        at = int(np.searchsorted(self._high, np.uint64(high)))
        while at < len(self._high) and self._high[at] == high:
            if self._low[at] == low:
                return int(self._numbers[at])
            at += 1
        return None

    def _sort_in(self) -> None:
        halves: NDArray[np.uint64] = np.frombuffer(b"".join(self._recent), dtype=">u8").astype(np.uint64)
        high = np.concatenate([self._high, halves[0::2]])
        low = np.concatenate([self._low, halves[1::2]])
        numbers = np.concatenate([self._numbers, np.array(list(self._recent.values()), dtype=np.int64)])
        order = np.lexsort((low, high))
        self._high, self._low, self._numbers = high[order], low[order], numbers[order]
        self._recent = {}
