"""The generation that a new one grows from: its articles to compare with, its vectors to take over."""

import logging
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from embeddings.protocols import VectorIndex
from qa_service import article_store, generations
from qa_service.archive import VECTORS, Backends
from qa_service.article_store import ArticleStore
from qa_service.errors import GenerationDamaged, GenerationError, IndexMissing
from qa_service.manifest import Manifest
from qa_service.quarantine import quarantine

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Predecessor:
    """An intact generation, open for what can be taken over; its lexical index is not needed and not opened.

    Attributes:
        path: its file of articles.
    """

    generation: str
    path: Path
    store: ArticleStore
    vectors: VectorIndex
    manifest: Manifest

    @property
    def articles(self) -> int:
        """How many articles it holds."""
        return self.manifest.counts["articles"]


def open_predecessor(data_dir: Path, backends: Backends, *, set_aside: bool) -> Predecessor | None:
    """Open what answers now, whatever encoder made it, or the nearest intact generation that can be read.

    Args:
        set_aside: move generations whose bytes are not those that were written into quarantine; needs the writer lock.
    """
    try:
        current = generations.current_id(data_dir)
    except IndexMissing:
        return None
    except GenerationError as error:
        _log.warning("%s", error)
        current = ""
    for name in [current] * bool(current) + generations.lineage(data_dir, current):
        try:
            return _open(data_dir / "generations" / name, backends)
        except GenerationDamaged as error:
            _log.warning("%s", error)
            if set_aside:
                quarantine(data_dir, name, error)
        except GenerationError as error:
            _log.warning("%s", error)
    return None


def _open(folder: Path, backends: Backends) -> Predecessor:
    manifest = generations.verify(folder)
    try:
        path = folder / article_store.FILE_NAME
        store, vectors = ArticleStore(path), backends.vectors.load(folder / VECTORS)
        counts = store.counts()
    except (OSError, RuntimeError, ValueError, sqlite3.Error, GenerationDamaged) as error:
        raise GenerationError(
            f"Nothing can be taken over from generation {folder.name} ({type(error).__name__}: {error});"
            " every passage is encoded again."
        ) from error
    if vectors.size != counts["passages"] or vectors.dimension != manifest.encoder["dimension"]:
        raise GenerationError(
            f"Nothing can be taken over from generation {folder.name}, which holds {vectors.size} vectors for"
            f" {counts['passages']} passages; every passage is encoded again."
        )
    return Predecessor(folder.name, path, store, vectors, manifest)
