"""The vectors and the lexical index of a new generation; unchanged passages keep their vectors."""

import hashlib
from collections import ChainMap
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

    def blocks(self, progress: Progress) -> Iterator[NDArray[np.float32]]:
        """Yield the vectors in the order of rows, in blocks of shape (n, dimension)."""
        done, total = 0, self.count_missing()
        repeated = {key for key, passages in self.store.vector_keys() if passages > 1}
        kept: dict[bytes, NDArray[np.float32]] = {}
        for block in _batched(self.store.passage_texts(), BLOCK):
            rows = self._rows(p.vector_key for p in block)
            made = dict(zip(rows, self._taken_over(list(rows.values())), strict=True))
            absent = {p.vector_key for p in block if p.vector_key not in made}
            resumed = [key for key in absent if self.journal.holds(key)]
            made.update(zip(resumed, self.journal.vectors(resumed), strict=True))
            vectors = ChainMap(made, kept)
            fresh = {p.vector_key: p for p in block if p.vector_key not in vectors}
            for part in _batched(fresh.values(), ENCODED_TOGETHER):
                encoded = self.encoder.encode_documents([self.encoding_text(p.title, p.text) for p in part])
                made.update(zip((p.vector_key for p in part), encoded, strict=True))
                self.journal.append([p.vector_key for p in part], encoded)
                done += len(part)
                progress("encoding", done, total)
            kept.update((key, made[key]) for key in fresh if key in repeated)
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
