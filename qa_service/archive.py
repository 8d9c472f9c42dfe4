"""An opened generation, and the one that a running service answers from while new ones are published."""

import logging
import math
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from embeddings.protocols import LexicalIndex, LexicalIndexBackend, VectorIndex, VectorIndexBackend
from qa_service import article_store, generations
from qa_service.article_store import ArticleStore
from qa_service.domain import IndexInfo
from qa_service.errors import (
    GenerationDamaged,
    GenerationError,
    GenerationMismatch,
    IndexMissing,
    QAError,
    StaleCursor,
)
from qa_service.families import Families
from qa_service.manifest import Manifest

VECTORS = "vectors.faiss"
LEXICAL = "lexical"
_UNREADABLE = (OSError, EOFError, LookupError, RuntimeError, TypeError, ValueError, sqlite3.Error)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Backends:
    """How the two indexes of a generation are written and read."""

    vectors: VectorIndexBackend
    lexical: LexicalIndexBackend


@dataclass(frozen=True, slots=True)
class Archive:
    """One generation, open for reading; every part belongs to it and to no other.

    Attributes:
        warnings: what people should know, such as that a damaged newer generation was passed over.
    """

    manifest: Manifest
    store: ArticleStore
    vectors: VectorIndex
    lexical: LexicalIndex
    info: IndexInfo
    warnings: tuple[str, ...] = ()
    families: Families = field(default_factory=Families)


def open_generation(folder: Path, backends: Backends, encoder_hash: str | None) -> Archive:
    """Verify a generation's checksums, then open it.

    Args:
        encoder_hash: weights that questions are encoded with; None skips the comparison.

    Raises:
        GenerationDamaged: a file is missing or altered, or the parts do not fit each other.
        GenerationMismatch: written with another encoder or by another version.
    """
    manifest = generations.verify(folder)
    if encoder_hash is not None and manifest.encoder["weight_hash"] != encoder_hash:
        raise GenerationMismatch(
            f"Generation {folder.name} was made with the encoder {manifest.encoder['name']}"
            f" ({manifest.encoder['weight_hash'][:12]}…), but {encoder_hash[:12]}… is set."
            " Set QA_ENCODER back, or reindex."
        )
    try:
        store = ArticleStore(folder / article_store.FILE_NAME)
        vectors = backends.vectors.load(folder / VECTORS)
        lexical = backends.lexical.load(folder / LEXICAL)
        families = Families.load(folder)
    except _UNREADABLE as error:  # whole, yet not what the installed libraries read
        raise _unfit(folder, f"cannot be opened ({type(error).__name__}: {error})") from error
    passages, dimension = manifest.counts["passages"], manifest.encoder["dimension"]
    if not vectors.size == lexical.size == passages == store.counts()["passages"]:
        sizes = f"{passages} passages, {vectors.size} vectors and {lexical.size} lexical rows"
        raise _unfit(folder, f"holds {sizes}")
    if vectors.dimension != dimension:
        raise _unfit(folder, f"holds vectors of dimension {vectors.dimension} instead of {dimension}")
    first, last = store.date_range()
    info = IndexInfo(
        generation=folder.name,
        built_at=manifest.built_at,
        articles=manifest.counts["articles"],
        passages=passages,
        embedding_model=manifest.encoder["name"],
        first_date=first,
        last_date=last,
    )
    return Archive(manifest, store, vectors, lexical, info, families=families)


def _unfit(folder: Path, what: str) -> GenerationDamaged:
    return GenerationDamaged(
        f"Generation {folder.name} {what}. It is kept; run `qa-service generations rollback` or reindex."
    )


def open_current(data_dir: Path, backends: Backends, encoder_hash: str | None) -> Archive:
    """Open the current generation or, when it is damaged, the nearest intact one with a warning.

    Raises:
        IndexMissing: nothing was published yet.
        GenerationError: no generation can be opened; the error is the current one's.
    """
    root, current = data_dir / "generations", ""
    try:
        current = generations.current_id(data_dir)
        return open_generation(root / current, backends, encoder_hash)
    except GenerationDamaged as error:
        damage = error
    if current and generations.current_id(data_dir) != current:  # replaced and removed while it was read
        return open_current(data_dir, backends, encoder_hash)
    for name in generations.lineage(data_dir, current):
        try:
            archive = open_generation(root / name, backends, encoder_hash)
        except QAError:
            continue
        return _standing_in(archive, damage)
    raise damage


def _standing_in(archive: Archive, trouble: QAError) -> Archive:
    return replace(archive, warnings=(f"{trouble} Answers come from generation {archive.info.generation}.",))


class LiveArchive:
    """Keeps the newest generation open and swaps it in while requests go on.

    A request takes `current()` once and works on that value: whatever is published meanwhile,
    all of its answer comes from one generation.

    Args:
        refresh_s: seconds between looks for a new generation.
        retry_s: seconds between tries to open one that could not be; each try reads all of it.
    """

    def __init__(
        self,
        data_dir: Path,
        backends: Backends,
        encoder_hash: str,
        refresh_s: float,
        retry_s: float = 30.0,
    ) -> None:
        self._data_dir, self._backends, self._encoder_hash = data_dir, backends, encoder_hash
        self._refresh_s, self._retry_s = refresh_s, retry_s
        self._archive: Archive | None = None
        self._pinned: Archive | None = None
        self._seen: str | None = None
        self._retry_at = math.inf
        self._trouble: QAError | None = None
        self._refresh_lock, self._pin_lock = threading.Lock(), threading.Lock()
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None
        self._on_swap: Callable[[Archive], None] = lambda archive: None

    def start(self, on_swap: Callable[[Archive], None]) -> None:
        """Open the current generation, then watch for new ones in the background.

        `on_swap` is called with each generation before requests get to see it.
        """
        self._on_swap = on_swap
        self.refresh()
        self._watcher = threading.Thread(target=self._watch, name="generation-watch", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """End the watch."""
        self._stop.set()
        if self._watcher is not None:
            self._watcher.join(timeout=5)

    def current(self) -> Archive:
        """Return the generation that answers now.

        Raises:
            IndexMissing, GenerationError: none can be opened; says why.
        """
        archive, trouble = self._archive, self._trouble
        if archive is not None:
            return archive
        if trouble is None:
            raise IndexMissing("There is no index yet.")
        # A new one, for an exception that is kept collects the traceback of every raise.
        raise type(trouble)(str(trouble))

    def at(self, generation: str | None) -> Archive:
        """Return the named generation while it can be opened, or the current one for None.

        Raises:
            StaleCursor: it is gone or damaged.
        """
        archive = self.current()
        if generation is None or generation == archive.info.generation:
            return archive
        with self._pin_lock:
            pinned = self._pinned
            if pinned is None or pinned.info.generation != generation:
                pinned = self._pinned = self._open_named(generation)
            return pinned

    def _open_named(self, generation: str) -> Archive:
        gone = f"The index generation {generation[:60]!r} is gone; start again without a cursor."
        if generation not in generations.generation_ids(self._data_dir):
            raise StaleCursor(gone, gone=True)
        try:
            return self._open(generation)
        except GenerationError as error:
            raise StaleCursor(gone, gone=True) from error

    def _open(self, generation: str) -> Archive:
        return open_generation(
            self._data_dir / "generations" / generation, self._backends, self._encoder_hash
        )

    def trouble(self) -> QAError | None:
        """Return why the newest generation is not the one that answers, if that is so."""
        return self._trouble

    def refresh(self) -> None:
        """Look for a new generation and swap it in; trouble is kept for `trouble()` and the log."""
        with self._refresh_lock:
            try:
                archive = self._next()
                if archive is None:
                    return
                self._on_swap(archive)
            except QAError as error:
                self._keep_on(error)
                return
            for warning in archive.warnings:
                _log.warning("%s", warning)
            _log.info("Generation %s answers from now on.", archive.info.generation)
            told = tuple(map(self._without_path, archive.warnings))
            self._archive, self._pinned, self._trouble = replace(archive, warnings=told), None, None
            if not archive.warnings:
                self._retry_at = math.inf

    def _next(self) -> Archive | None:
        """Return the archive that is to answer from now on, or None when nothing is to change."""
        broken: GenerationDamaged | None = None
        try:
            pointer = generations.current_id(self._data_dir)
        except GenerationDamaged as error:
            pointer, broken = str(error), error
        set_aside = generations.is_set_aside(self._data_dir, pointer)
        seen = f"{pointer} in quarantine" if set_aside else pointer
        if seen == self._seen and time.monotonic() < self._retry_at:
            if self._retry_at == math.inf:
                self._trouble = None
            return None
        self._seen, self._retry_at = seen, time.monotonic() + self._retry_s
        if self._archive is None or (set_aside and pointer == self._archive.info.generation):
            return open_current(self._data_dir, self._backends, self._encoder_hash)
        if pointer == self._archive.info.generation:
            return replace(self._archive, warnings=())
        if broken is not None:
            raise broken
        try:
            return self._open(pointer)
        except GenerationDamaged:
            if generations.current_id(self._data_dir) != pointer:
                return (
                    None  # it was replaced and removed while it was read; the next look finds its successor
                )
            raise

    def _keep_on(self, trouble: QAError) -> None:
        told = type(trouble)(self._without_path(str(trouble)))
        if str(told) != str(self._trouble):
            _log.error("%s", trouble)
        self._trouble = told
        if self._archive is not None and isinstance(told, GenerationDamaged | GenerationMismatch):
            self._archive = _standing_in(self._archive, told)

    def _without_path(self, message: str) -> str:
        """Return `message` for whoever asks, who need not know where on the disk the data folder is."""
        where = str(self._data_dir)
        return message.replace(where, "the data folder") if self._data_dir.is_absolute() else message

    def _watch(self) -> None:
        while not self._stop.wait(self._refresh_s):
            try:
                self.refresh()
            except Exception:
                _log.exception("Looking for a new generation failed; the open one goes on answering.")
