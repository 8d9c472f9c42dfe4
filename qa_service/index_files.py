"""The vectors and the lexical index of a new generation; unchanged passages keep their vectors."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from embeddings.protocols import Encoder
from qa_service.archive import LEXICAL, VECTORS, Backends
from qa_service.article_store import ArticleStore
from qa_service.errors import GenerationDamaged, GenerationError
from qa_service.predecessor import Predecessor
from qa_service.progress import Progress
from qa_service.vector_journal import VectorJournal

BLOCK = 1024  # passages whose vectors are held at a time
ENCODED_TOGETHER = 128  # passages between two reports of progress
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class PassageVectors:
    """The vectors of a store's passages, each distinct text encoded once.

    Attributes:
        encoding_text: what of a passage's title and text the encoder sees.
        reusable: generation whose vectors are taken over where the keys agree.
        journal: what a run that was cut off had encoded already; gets what this one encodes.
    """

    store: ArticleStore
    encoder: Encoder
    encoding_text: Callable[[str, str], str]
    reusable: Predecessor | None
    journal: VectorJournal

    def count_missing(self) -> int:
        """Return how many vectors have to be computed."""
        unknown = (key for key, _ in self.store.vector_keys() if not self.journal.holds(key))
        return sum(len(block) - len(self._rows(block)) for block in _batched(unknown, BLOCK))

    def count_resumed(self) -> int:
        """Return how many vectors are there since an earlier run computed them and was cut off."""
        return sum(self.journal.holds(key) for key, _ in self.store.vector_keys()) if len(self.journal) else 0

    def blocks(self, progress: Progress) -> Iterator[NDArray[np.float32]]:
        """Yield the vectors in the order of rows, in blocks of shape (n, dimension)."""
        done = self.count_resumed()
        total = done + self.count_missing()
        if done:
            progress("encoded before", done, None)
        for block in _batched(self.store.passage_texts(), BLOCK):
            rows = self._rows(p.vector_key for p in block)
            vectors = dict(zip(rows, self._taken_over(list(rows.values())), strict=True))
            absent = {p.vector_key for p in block if p.vector_key not in vectors}
            journaled = [key for key in absent if self.journal.holds(key)]
            vectors.update(zip(journaled, self.journal.vectors(journaled), strict=True))
            fresh = {p.vector_key: p for p in block if p.vector_key not in vectors}
            for part in _batched(fresh.values(), ENCODED_TOGETHER):
                encoded = self.encoder.encode_documents([self.encoding_text(p.title, p.text) for p in part])
                vectors.update(zip((p.vector_key for p in part), encoded, strict=True))
                self.journal.append([p.vector_key for p in part], encoded)
                done += len(part)
                progress("encoding", done, total)
            yield np.stack([vectors[p.vector_key] for p in block])

    def _rows(self, keys: Iterable[bytes]) -> dict[bytes, int]:
        return {} if self.reusable is None else self.reusable.store.rows_by_key(keys)

    def _taken_over(self, rows: list[int]) -> Iterable[NDArray[np.float32]]:
        return () if self.reusable is None else self.reusable.vectors.vectors(np.array(rows, dtype=np.int64))


def write_indexes(
    folder: Path, store: ArticleStore, vectors: PassageVectors, backends: Backends, progress: Progress
) -> None:
    """Write both indexes, then read the vectors back and compare: FAISS does not report a failed write.

    Raises:
        GenerationError: an index could not be written, or reads otherwise than it was written.
    """
    written = hashlib.sha256()

    def hashed() -> Iterator[NDArray[np.float32]]:
        for block in vectors.blocks(progress):
            written.update(block.tobytes())
            yield block

    path = folder / VECTORS
    try:
        backends.vectors.build(hashed(), vectors.encoder.dimension, path)
        backends.lexical.build((p.text for p in store.passage_texts()), folder / LEXICAL)
        stored = _hash_of_vectors(backends, path)
    except RuntimeError as error:  # FAISS knows no other error
        raise GenerationError(
            f"Building the new indexes failed: {error}. The index is left as it was."
        ) from error
    if stored != written.digest():
        raise GenerationDamaged(
            f"{path.name} reads otherwise than it was written. Check the disk and its free space;"
            " the index is left as it was."
        )


def _hash_of_vectors(backends: Backends, path: Path) -> bytes:
    stored, index = hashlib.sha256(), backends.vectors.load(path)
    for start in range(0, index.size, BLOCK):
        rows = np.arange(start, min(start + BLOCK, index.size), dtype=np.int64)
        stored.update(index.vectors(rows).tobytes())
    return stored.digest()


def _batched(items: Iterable[_T], size: int) -> Iterator[tuple[_T, ...]]:
    iterator = iter(items)
    while block := tuple(islice(iterator, size)):
        yield block
