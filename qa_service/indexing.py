"""The write flow: sources → articles → passages → vectors → generation → publish."""

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from embeddings.protocols import Encoder
from qa_service import article_store, generations
from qa_service.archive import LEXICAL, VECTORS, Archive, Backends, open_current, open_generation
from qa_service.article_store import ArticleStore, ArticleStoreWriter
from qa_service.domain import Article, Passage
from qa_service.errors import GenerationDamaged, GenerationError, IndexMissing, SourceError
from qa_service.parsing import Skipped, read_sources

BLOCK = 1024
_T = TypeVar("_T")


class Chunker(Protocol):
    """Cuts articles into passages and says what of a passage is encoded."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """What decides the cut and the encoded text; stored in the manifest."""

    def chunk(self, article: Article) -> tuple[Passage, ...]:
        """Return the article's passages in order."""

    def encoding_text(self, title: str, text: str) -> str:
        """Return what the encoder sees of a passage."""


class Progress(Protocol):
    """Told how far a reindex is."""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Say that `done` of `total` (None when unknown) units of `stage` are done."""


@dataclass(frozen=True, slots=True)
class ReindexReport:
    """What a reindex did or, on a dry run, would do (`generation` is None then).

    Attributes:
        encoded, reused: passages whose vectors were computed, or taken over from the generation before.
        undated, inferred_dates: articles without a date, and with one read off a hint.
        added, changed, removed, unchanged: articles, against the generation before.
    """

    generation: str | None
    articles: int
    paragraphs: int
    passages: int
    encoded: int
    reused: int
    undated: int
    inferred_dates: int
    added: int
    changed: int
    removed: int
    unchanged: int
    furniture_lines: int
    skipped: tuple[Skipped, ...]
    seconds: float


@dataclass(slots=True)
class _Tally:
    undated: int = 0
    inferred_dates: int = 0
    furniture_lines: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0


def reindex(
    sources: Sequence[Path],
    data_dir: Path,
    *,
    encoder: Encoder,
    chunker: Chunker,
    backends: Backends,
    keep: int = 2,
    full: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda stage, done, total: None,
) -> ReindexReport:
    """Read every source and publish a new generation of the whole archive.

    Args:
        full: encode every passage again instead of taking over the vectors of unchanged ones.
        dry_run: read and compare, but publish nothing.

    Raises:
        SourceError: a source cannot be read or holds no article; nothing is published.
        WriterBusy: another reindex is at work.
        GenerationError: the disk did not keep what was written; nothing is published.
    """
    started = time.monotonic()
    with generations.writer_lock(data_dir), generations.building_folder(data_dir) as folder:
        previous = _previous(data_dir, backends)
        keyer = _Keyer(encoder.weight_hash, chunker.encoding_text)
        tally, skipped = _store_articles(sources, folder, chunker, keyer, previous, progress)
        store = ArticleStore(folder / article_store.FILE_NAME)
        counts = store.counts()
        if not counts["articles"]:
            raise SourceError(_nothing_found(sources, skipped))
        reusable = None if full else previous
        name, encoded = None, _count_missing(store, reusable)
        if not dry_run:
            try:
                _write_indexes(folder, store, encoder, chunker, backends, reusable, encoded, progress)
                name = _publish(data_dir, folder, previous, encoder, chunker, backends, counts, keep)
            except (OSError, sqlite3.Error) as error:
                raise GenerationError(
                    f"Writing the new generation to {data_dir} failed: {error}. The index is left as it was."
                ) from error
    before = previous.info.articles if previous else 0
    return ReindexReport(
        generation=name,
        **counts,
        encoded=encoded,
        reused=counts["passages"] - encoded,
        undated=tally.undated,
        inferred_dates=tally.inferred_dates,
        added=tally.added,
        changed=tally.changed,
        unchanged=tally.unchanged,
        removed=before - tally.changed - tally.unchanged,
        furniture_lines=tally.furniture_lines,
        skipped=tuple(skipped),
        seconds=time.monotonic() - started,
    )


@dataclass(frozen=True, slots=True)
class _Keyer:
    """Names vectors: equal weights and equal encoded text give equal keys."""

    weight_hash: str
    encoding_text: Callable[[str, str], str]

    def __call__(self, title: str, text: str) -> bytes:
        seen = f"{self.weight_hash}\n{self.encoding_text(title, text)}"
        return hashlib.sha256(seen.encode()).digest()[:16]


def _previous(data_dir: Path, backends: Backends) -> Archive | None:
    """Open what answers now, whatever encoder made it; a damaged archive gives nothing to take over."""
    try:
        return open_current(data_dir, backends, None)
    except (IndexMissing, GenerationError):
        return None


def _store_articles(
    sources: Sequence[Path], folder: Path, chunker: Chunker, keyer: _Keyer, previous: Archive | None, progress: Progress
) -> tuple[_Tally, list[Skipped]]:
    tally, skipped = _Tally(), []
    writer = ArticleStoreWriter(folder / article_store.FILE_NAME)
    for item in read_sources(sources):
        if isinstance(item, Skipped):
            skipped.append(item)
            continue
        passages = chunker.chunk(item)
        writer.add(item, passages, [keyer(item.title, p.text) for p in passages])
        tally.undated += item.published_at is None
        tally.inferred_dates += item.published_at_inferred
        tally.furniture_lines += len(item.furniture)
        _compare(item, previous, tally)
        progress("reading", writer.articles, None)
    writer.close()
    return tally, skipped


def _compare(article: Article, previous: Archive | None, tally: _Tally) -> None:
    before = previous.store.find(article.article_id) if previous else None
    if before is None:
        tally.added += 1
    elif before == article:
        tally.unchanged += 1
    else:
        tally.changed += 1


def _count_missing(store: ArticleStore, reusable: Archive | None) -> int:
    return sum(
        len(block) - (0 if reusable is None else _known(block, reusable)[0].size)
        for block in _batched(store.passage_texts(), BLOCK)
    )


def _known(
    block: Sequence[article_store.PassageText], reusable: Archive
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return positions in `block` whose vectors `reusable` has, and its rows for them."""
    rows = reusable.store.rows_by_key(p.vector_key for p in block)
    pairs = [(i, rows[p.vector_key]) for i, p in enumerate(block) if p.vector_key in rows]
    positions, found = zip(*pairs, strict=True) if pairs else ((), ())
    return np.array(positions, dtype=np.int64), np.array(found, dtype=np.int64)


def _write_indexes(
    folder: Path,
    store: ArticleStore,
    encoder: Encoder,
    chunker: Chunker,
    backends: Backends,
    reusable: Archive | None,
    total: int,
    progress: Progress,
) -> None:
    """Write both indexes, then read them back and compare: FAISS does not report a failed write."""
    written = hashlib.sha256()

    def blocks() -> Iterator[NDArray[np.float32]]:
        done = 0
        for block in _batched(store.passage_texts(), BLOCK):
            vectors = np.empty((len(block), encoder.dimension), dtype=np.float32)
            missing = np.ones(len(block), dtype=np.bool_)
            if reusable is not None:
                positions, rows = _known(block, reusable)
                vectors[positions] = reusable.vectors.vectors(rows)
                missing[positions] = False
            for part in _batched(np.flatnonzero(missing).tolist(), 128):
                texts = [chunker.encoding_text(block[i].title, block[i].text) for i in part]
                vectors[list(part)] = encoder.encode_documents(texts)
                done += len(part)
                progress("encoding", done, total)
            written.update(vectors.tobytes())
            yield vectors

    backends.vectors.build(blocks(), encoder.dimension, folder / VECTORS)
    backends.lexical.build((p.text for p in store.passage_texts()), folder / LEXICAL)
    stored, index = hashlib.sha256(), backends.vectors.load(folder / VECTORS)
    for start in range(0, index.size, BLOCK):
        rows = np.arange(start, min(start + BLOCK, index.size), dtype=np.int64)
        stored.update(index.vectors(rows).tobytes())
    if stored.digest() != written.digest():
        raise GenerationDamaged("The vectors read back differ from those written: check the disk and its free space.")


def _publish(
    data_dir: Path,
    folder: Path,
    previous: Archive | None,
    encoder: Encoder,
    chunker: Chunker,
    backends: Backends,
    counts: Mapping[str, int],
    keep: int,
) -> str:
    manifest = generations.seal(
        folder,
        parent=previous.info.generation if previous else None,
        encoder={"name": encoder.name, "weight_hash": encoder.weight_hash, "dimension": encoder.dimension},
        chunker=chunker.settings,
        counts=counts,
    )
    open_generation(folder, backends, encoder.weight_hash)
    name = generations.publish(data_dir, folder, manifest)
    generations.prune(data_dir, keep)
    return name


def _nothing_found(sources: Sequence[Path], skipped: Sequence[Skipped]) -> str:
    named = ", ".join(str(s) for s in sources)
    reasons = "; ".join(f"{s.origin}: {s.reason}" for s in skipped[:5])
    return f"No article was found in {named}{f' ({reasons})' if reasons else ''}. The index is left as it was."


def _batched(items: Iterable[_T], size: int) -> Iterator[tuple[_T, ...]]:
    iterator = iter(items)
    while block := tuple(islice(iterator, size)):
        yield block
