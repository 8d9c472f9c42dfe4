"""An opened generation, and the one that a running service answers from while new ones are published."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from embeddings.protocols import LexicalIndex, LexicalIndexBackend, VectorIndex, VectorIndexBackend
from qa_service import article_store, generations
from qa_service.article_store import ArticleStore
from qa_service.domain import IndexInfo
from qa_service.errors import GenerationDamaged, GenerationMismatch, IndexMissing, QAError, StaleCursor

VECTORS = "vectors.faiss"
LEXICAL = "lexical"

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

    manifest: generations.Manifest
    store: ArticleStore
    vectors: VectorIndex
    lexical: LexicalIndex
    info: IndexInfo
    warnings: tuple[str, ...] = ()


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
    store = ArticleStore(folder / article_store.FILE_NAME)
    vectors = backends.vectors.load(folder / VECTORS)
    lexical = backends.lexical.load(folder / LEXICAL)
    passages = manifest.counts["passages"]
    if not vectors.size == lexical.size == passages == store.counts()["passages"]:
        raise GenerationDamaged(
            f"Generation {folder.name} holds {passages} passages, {vectors.size} vectors and {lexical.size} lexical"
            " rows. It is kept as it is; run `qa-service generations rollback` or reindex."
        )
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
    return Archive(manifest, store, vectors, lexical, info)


def open_current(data_dir: Path, backends: Backends, encoder_hash: str | None) -> Archive:
    """Open the current generation or, when it is damaged, the newest intact one with a warning.

    Raises:
        IndexMissing: nothing was published yet.
        GenerationError: no generation can be opened; the error is the current one's.
    """
    root = data_dir / "generations"
    try:
        return open_generation(root / generations.current_id(data_dir), backends, encoder_hash)
    except GenerationDamaged as error:
        damage = error
    for name in generations.generation_ids(data_dir):
        try:
            archive = open_generation(root / name, backends, encoder_hash)
        except QAError:
            continue
        return replace(archive, warnings=(f"{damage} Answers come from generation {name}.",))
    raise damage


class LiveArchive:
    """Keeps the newest generation open and swaps it in while requests go on.

    A request takes `current()` once and works on that value: whatever is published meanwhile,
    all of its answer comes from one generation.
    """

    def __init__(self, data_dir: Path, backends: Backends, encoder_hash: str, refresh_s: float) -> None:
        self._data_dir, self._backends, self._encoder_hash = data_dir, backends, encoder_hash
        self._refresh_s = refresh_s
        self._archive: Archive | None = None
        self._pinned: Archive | None = None
        self._seen: str | None = None
        self._trouble: QAError | None = None
        self._pin_lock = threading.Lock()
        self._stop = threading.Event()
        self._on_swap: Callable[[Archive], None] = lambda archive: None

    def start(self, on_swap: Callable[[Archive], None]) -> None:
        """Open the current generation, then watch for new ones in the background.

        `on_swap` is called with each generation before requests get to see it.
        """
        self._on_swap = on_swap
        self.refresh()
        threading.Thread(target=self._watch, name="generation-watch", daemon=True).start()

    def stop(self) -> None:
        """End the watch."""
        self._stop.set()

    def current(self) -> Archive:
        """Return the generation that answers now.

        Raises:
            IndexMissing, GenerationError: none can be opened; says why.
        """
        archive = self._archive
        if archive is None:
            raise self._trouble or IndexMissing(f"There is no index in {self._data_dir} yet.")
        return archive

    def at(self, generation: str | None) -> Archive:
        """Return the named generation while it is on disk, or the current one for None.

        Raises:
            StaleCursor: it is gone.
        """
        archive = self.current()
        if generation is None or generation == archive.info.generation:
            return archive
        with self._pin_lock:
            if self._pinned is None or self._pinned.info.generation != generation:
                if generation not in generations.generation_ids(self._data_dir):
                    raise StaleCursor(
                        f"The index generation {generation!r} is gone; start again without a cursor.", gone=True
                    )
                self._pinned = open_generation(
                    self._data_dir / "generations" / generation, self._backends, self._encoder_hash
                )
            return self._pinned

    def trouble(self) -> QAError | None:
        """Return why the newest generation is not the one that answers, if that is so."""
        return self._trouble

    def refresh(self) -> None:
        """Look for a new generation and swap it in; trouble is kept for `trouble()` and the log."""
        try:
            name = generations.current_id(self._data_dir)
            if name == self._seen:
                return
            archive = open_current(self._data_dir, self._backends, self._encoder_hash)
            self._on_swap(archive)
        except IndexMissing as error:
            self._trouble = None if self._archive else error
            return
        except QAError as error:
            if str(error) != str(self._trouble):
                _log.error("%s", error)
            self._trouble = error
            return
        for warning in archive.warnings:
            _log.warning("%s", warning)
        self._archive, self._seen, self._trouble = archive, name, None

    def _watch(self) -> None:
        while not self._stop.wait(self._refresh_s):
            try:
                self.refresh()
            except Exception:
                _log.exception("Looking for a new generation failed; the open one goes on answering.")
