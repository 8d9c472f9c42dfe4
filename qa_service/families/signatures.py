"""MinHash signatures of texts: a kilobyte each that tells about how much two texts share without reading them."""

from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa_service.families.resemblance import LEAST_WORDS, SHINGLE_WORDS, shingles
from qa_service.key_table import KEY_BYTES, KeyTable

PLACES = 256
KEYS, SIGNATURES = "keys.npy", "signatures.npy"
_SEED = 1
_EMPTY = np.uint32(0xFFFFFFFF)  # in every place of the signature of a text that has no shingle


@cache
def _signed_by() -> str:
    return f"datasketch {version('datasketch')} {PLACES} {_SEED} {SHINGLE_WORDS} {LEAST_WORDS}"


def text_key(text: str) -> bytes:
    """Name the signature of `text`: equal texts, signed by the same library in the same way, have equal names."""
    return blake2b(f"{_signed_by()}\n{text}".encode(), digest_size=KEY_BYTES).digest()


class KnownSignatures:
    """The signatures that an earlier generation stored; those of unchanged texts are taken over.

    Args:
        folder: where that generation keeps its families; None, or one without signatures, knows nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._rows = KeyTable()
        if folder is None or not (folder / SIGNATURES).exists():
            return
        keys = np.load(folder / KEYS, allow_pickle=False)
        self._signatures: NDArray[np.uint32] = np.load(folder / SIGNATURES, mmap_mode="r", allow_pickle=False)
        self._rows = KeyTable(key.tobytes() for key in keys)

    def find(self, key: bytes) -> NDArray[np.uint32] | None:
        """Return the signature of the text that `key` names, shape (PLACES,), or None."""
        row = self._rows.find(key)
        return None if row is None else self._signatures[row]


def signer() -> Callable[[str], NDArray[np.uint32]]:
    """Return what signs texts: a signature of shape (PLACES,) for each, the same on every machine."""
    from datasketch import MinHash  # takes a second to import, and most reindexes have something to sign

    blank = MinHash(num_perm=PLACES, seed=_SEED, scheme="affine32")

    def sign(text: str) -> NDArray[np.uint32]:
        found = shingles(text)
        if not found:
            return np.full(PLACES, _EMPTY)
        signed = blank.copy()
        signed.update_batch([shingle.encode() for shingle in found])
        return np.asarray(signed.hashvalues, dtype=np.uint32)

    return sign


def is_signed(signature: NDArray[np.uint32]) -> bool:
    """Return whether a signature, shape (PLACES,), is that of a text long enough to be compared."""
    return bool((signature != _EMPTY).any())
