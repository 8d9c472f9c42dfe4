"""The write flow: sources → articles → passages → vectors → generation → publish."""

import hashlib
import logging
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from embeddings.protocols import Encoder
from qa_service import article_store, generations
from qa_service.archive import Backends, open_generation
from qa_service.article_store import ArticleStore, ArticleStoreWriter
from qa_service.deletion_guard import refusal
from qa_service.domain import Article, Passage
from qa_service.errors import GenerationError, SourceError
from qa_service.families import write_families
from qa_service.generation_changes import Changes, changes_between
from qa_service.index_files import PassageVectors, write_indexes
from qa_service.parsing import Noted, Renamed, Skipped, read_sources
from qa_service.parsing.bounded import BoundedParser
from qa_service.predecessor import Predecessor, open_predecessor
from qa_service.progress import Progress
from qa_service.reindex_report import ReindexReport
from qa_service.remembered_files import RememberingParser
from qa_service.vector_journal import VectorJournal
from qa_service.writer_lock import writer_lock

__all__ = ["Chunker", "Progress", "ReindexReport", "reindex"]

_log = logging.getLogger(__name__)


class Chunker(Protocol):
    """Cuts articles into passages and says what of a passage is encoded."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """What decides the cut and the encoded text; stored in the manifest."""

    def chunk(self, article: Article) -> tuple[Passage, ...]:
        """Return the article's passages in order."""

    def encoding_text(self, title: str, text: str) -> str:
        """Return what the encoder sees of a passage."""


@dataclass(slots=True)
class _Tally:
    undated: int = 0
    inferred_dates: int = 0
    furniture_lines: int = 0


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
    if_changed: bool = False,
    max_deleted: float = 1.0,
    expendable: Callable[[], Set[str]] = frozenset,
    progress: Progress = lambda stage, done, total: None,
) -> ReindexReport:
    """Read every source and publish a new generation of the whole archive.

    Args:
        full: parse every file and encode every passage again, whatever is known of unchanged ones.
        dry_run: read and compare, but write nothing to the data folder.
        if_changed: publish nothing where the generation that answers says the same already.
        max_deleted: share of the present articles that may go, in [0, 1].
        expendable: ids of articles that may go without being counted.

    Raises:
        SourceError: a source cannot be read, or none holds an article; nothing is written.
        TooMuchDeleted: more articles would go than may; nothing is published.
        WriterBusy: another reindex is at work.
        GenerationError: the disk did not keep what was written; nothing is published.
    """
    started = time.monotonic()
    with closing(RememberingParser(data_dir, BoundedParser(), trusting=not full)) as parser:
        notes: list[Noted] = []
        items = _read_ahead(read_sources(sources, parser=parser, on_note=notes.append), sources)
        with _workplace(data_dir, dry_run) as folder:
            if not dry_run:
                parser.allow_writing()
            previous = open_predecessor(data_dir, backends, set_aside=not dry_run)
            keyer = _Keyer(encoder.weight_hash, chunker.encoding_text)
            tally, skipped = _store_articles(items, folder, chunker, keyer, progress)
            store_path = folder / article_store.FILE_NAME
            changes = changes_between(previous.path if previous else None, store_path)
            refused = refusal(changes, previous.articles if previous else 0, max_deleted, expendable)
            if refused and not dry_run:
                raise refused
            store = ArticleStore(store_path)
            counts = store.counts()
            name = None
            with VectorJournal.opened(data_dir, encoder.dimension, full=full, read_only=dry_run) as journal:
                reusable = None if full else previous
                vectors = PassageVectors(store, encoder, chunker.encoding_text, reusable, journal)
                encoded, resumed = vectors.count_missing(), vectors.count_resumed()
                idle = if_changed and _is_current(data_dir, previous, changes, encoder, chunker)
                if not dry_run and not idle:
                    write_indexes(folder, store, vectors, backends, progress)
                    write_families(folder, store, reusable.path.parent if reusable else None, progress)
                    name = _publish(data_dir, folder, previous, encoder, chunker, backends, counts)
                    journal.remove()
                    parser.forget_the_rest()
                    _prune(data_dir, keep)
    return ReindexReport(
        outcome="dry run" if dry_run else "unchanged" if idle else "published",
        generation=name,
        **counts,
        encoded=encoded,
        reused=counts["passages"] - encoded,
        resumed=resumed,
        undated=tally.undated,
        inferred_dates=tally.inferred_dates,
        added=len(changes.added),
        changed=len(changes.changed),
        renamed=len(changes.renamed),
        removed=len(changes.removed),
        unchanged=changes.unchanged,
        furniture_lines=tally.furniture_lines,
        skipped=tuple(skipped),
        notes=tuple(notes),
        refused=str(refused) if refused else None,
        seconds=time.monotonic() - started,
    )


def _read_ahead(
    items: Iterator[Article | Skipped | Renamed], sources: Sequence[Path]
) -> Iterator[Article | Skipped | Renamed]:
    """Read to the first article before anything is written; without one, nothing is."""
    head: list[Article | Skipped | Renamed] = []
    for item in items:
        head.append(item)
        if isinstance(item, Article):
            return chain(head, items)
    named = ", ".join(str(s) for s in sources)
    reasons = "; ".join(f"{s.origin}: {s.reason}" for s in head[:5] if isinstance(s, Skipped))
    raise SourceError(
        f"No article was found in {named}{f' ({reasons})' if reasons else ''}. The index is left as it was."
    )


@contextmanager
def _workplace(data_dir: Path, dry_run: bool) -> Iterator[Path]:
    """Give a folder to build in; what the disk refuses there becomes a GenerationError."""
    try:
        if dry_run:
            with tempfile.TemporaryDirectory(prefix="qa-dry-run-") as folder:
                yield Path(folder)
        else:
            with writer_lock(data_dir), generations.building_folder(data_dir) as building:
                yield building
    except (OSError, sqlite3.Error) as error:
        raise GenerationError(
            f"Writing the new generation to {data_dir} failed: {error}. Free some space or mend the disk;"
            " the index is left as it was."
        ) from error


@dataclass(frozen=True, slots=True)
class _Keyer:
    """Names vectors: equal weights and equal encoded text give equal keys."""

    weight_hash: str
    encoding_text: Callable[[str, str], str]

    def __call__(self, title: str, text: str) -> bytes:
        seen = f"{self.weight_hash}\n{self.encoding_text(title, text)}"
        return hashlib.sha256(seen.encode()).digest()[:16]


def _store_articles(
    items: Iterable[Article | Skipped | Renamed],
    folder: Path,
    chunker: Chunker,
    keyer: _Keyer,
    progress: Progress,
) -> tuple[_Tally, list[Skipped]]:
    tally, skipped = _Tally(), []
    with closing(ArticleStoreWriter(folder / article_store.FILE_NAME)) as writer:
        for item in items:
            if isinstance(item, Skipped):
                skipped.append(item)
                continue
            if isinstance(item, Renamed):
                writer.rename(item.before, item.now)
                continue
            passages = chunker.chunk(item)
            writer.add(item, passages, [keyer(item.title, p.text) for p in passages])
            tally.undated += item.published_at is None
            tally.inferred_dates += item.published_at_inferred
            tally.furniture_lines += len(item.furniture)
            progress("reading", writer.articles, None)
    return tally, skipped


def _is_current(
    data_dir: Path, previous: Predecessor | None, changes: Changes, encoder: Encoder, chunker: Chunker
) -> bool:
    """Return whether what answers now was made of the same articles in the same way."""
    return (
        previous is not None
        and previous.generation == generations.current_id(data_dir)
        and not (changes.added or changes.changed or changes.renamed or changes.removed)
        and previous.manifest.encoder["weight_hash"] == encoder.weight_hash
        and previous.manifest.chunker == chunker.settings
    )


def _publish(
    data_dir: Path,
    folder: Path,
    previous: Predecessor | None,
    encoder: Encoder,
    chunker: Chunker,
    backends: Backends,
    counts: Mapping[str, int],
) -> str:
    manifest = generations.seal(
        folder,
        parent=previous.generation if previous else None,
        encoder={
            "name": encoder.name,
            "weight_hash": encoder.weight_hash,
            "number_format": encoder.number_format,
            "dimension": encoder.dimension,
        },
        chunker=chunker.settings,
        counts=counts,
    )
    open_generation(folder, backends, encoder.weight_hash)
    return generations.publish(data_dir, folder, manifest)


def _prune(data_dir: Path, keep: int) -> None:
    try:
        generations.prune(data_dir, keep)
    except (OSError, GenerationError) as error:  # the new generation is published all the same
        _log.warning("An old generation in %s could not be removed: %s", data_dir, error)
