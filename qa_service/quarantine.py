"""Where damaged generations go: out of the way, never deleted, for people to look at."""

import logging
from pathlib import Path

from qa_service.durable_files import fsync
from qa_service.errors import GenerationDamaged

FOLDER = "quarantine"

_log = logging.getLogger(__name__)


def quarantine(data_dir: Path, name: str, damage: GenerationDamaged) -> Path | None:
    """Move a damaged generation to `DATA_DIR/quarantine` and return its place there.

    `current` goes on naming it, so that whoever answers instead says so until the next reindex or rollback.
    What cannot be read for want of rights is no damage and stays; so does all where the disk refuses the move.
    Call it with the writer lock held.
    """
    source, folder = data_dir / "generations" / name, data_dir / FOLDER
    if isinstance(damage.__cause__, PermissionError) or not source.exists():
        return None
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        target = _free(folder, name)
        source.rename(target)
        fsync(folder)
        fsync(source.parent)
    except OSError as error:
        _log.warning("Generation %s could not be moved to %s: %s", name, folder, error)
        return None
    _log.warning("Generation %s is kept in %s.", name, target)
    return target


def quarantined(data_dir: Path) -> list[str]:
    """Return the names of what lies in quarantine, newest first; empty where nothing can be read."""
    try:
        return sorted((path.name for path in (data_dir / FOLDER).iterdir()), reverse=True)
    except OSError:
        return []


def _free(folder: Path, name: str) -> Path:
    """Return a path for `name` that is not taken: what was restored from a backup can be damaged once more."""
    taken = {path.name for path in folder.iterdir()}
    candidates = (name, *(f"{name}-{number}" for number in range(2, len(taken) + 3)))
    return folder / next(candidate for candidate in candidates if candidate not in taken)
