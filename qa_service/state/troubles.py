"""What SQLite says when state.db cannot be used, in words that name the mend."""

import sqlite3
from pathlib import Path

from qa_service.errors import StateUnavailable

FILE_NAME = "state.db"
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PERMISSIONS = "mend the permissions of the file and its folder"
_MENDS = {
    sqlite3.SQLITE_FULL: "free some space",
    sqlite3.SQLITE_IOERR: "look at the disk and free some space",
    sqlite3.SQLITE_READONLY: _PERMISSIONS,
    sqlite3.SQLITE_PERM: _PERMISSIONS,
    sqlite3.SQLITE_CANTOPEN: _PERMISSIONS,
}


def trouble_of(error: sqlite3.Error) -> StateUnavailable:
    """Return what `error` means for whoever wants to use the file."""
    if is_busy(error):
        return locked()
    mend = _MENDS.get(_primary_code(error))
    return StateUnavailable(f"{FILE_NAME} cannot be used ({error}); {mend}.") if mend else damaged(str(error))


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another connection stood in the way."""
    return _primary_code(error) in _BUSY


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the content of the file is not what SQLite wrote."""
    return _primary_code(error) in _DAMAGE


def gone(folder: Path) -> StateUnavailable:
    """Return the error for a data folder that vanished while it was in use; nothing is made in its place."""
    return StateUnavailable(f"The folder {folder} is gone; mount it again, or start the server anew.")


def locked() -> StateUnavailable:
    """Return the error for a file that others hold for too long."""
    return StateUnavailable(
        f"{FILE_NAME} is locked by another process. Try again; end the other process if it lasts."
    )


def damaged(seen: str) -> StateUnavailable:
    """Return the error for a file whose content cannot be used."""
    return StateUnavailable(
        f"{FILE_NAME} is damaged ({seen}). It is kept as it is; put a backup in its place,"
        " or move it away to begin with an empty one."
    )


def unusable(error: OSError) -> StateUnavailable:
    """Return the error for a file that cannot be made or reached."""
    return StateUnavailable(f"{FILE_NAME} cannot be used ({error.strerror}); {_PERMISSIONS}.")


def _primary_code(error: sqlite3.Error) -> int:
    # Extended codes keep the primary one in their lowest byte; https://sqlite.org/rescode.html, section 4.
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF
