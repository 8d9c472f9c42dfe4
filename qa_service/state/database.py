"""The file state.db: opened when first used, brought up to date, shared by threads, never replaced."""

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from queue import Empty, Full, LifoQueue

from qa_service.errors import StateUnavailable
from qa_service.state.migrations import MIGRATIONS
from qa_service.state.troubles import (
    FILE_NAME,
    damaged,
    gone,
    is_busy,
    is_damage,
    locked,
    trouble_of,
    unusable,
)

BUSY_S = 2.0
_IDLE_CONNECTIONS = 8  # more are opened when more threads work at once, and closed afterwards
_RETRY_S = 0.02
_LEAST_BYTES = 512  # of a database that is not empty: one page of the smallest size
_log = logging.getLogger(__name__)
_Identity = tuple[int, int]


class Database:
    """What people create, in one SQLite file; safe to use from many threads and processes at once.

    Nothing is touched before the first use, and a use that fails leaves the next one to try again, so
    that a file that was mended serves without a restart.
    """

    def __init__(self, path: Path, *, migrations: Sequence[str] = MIGRATIONS, busy_s: float = BUSY_S) -> None:
        self._path, self._migrations, self._busy_s = path, tuple(migrations), busy_s
        self._idle: LifoQueue[tuple[_Identity, sqlite3.Connection]] = LifoQueue(_IDLE_CONNECTIONS)
        self._preparing, self._writing = threading.Lock(), threading.Lock()
        self._prepared: _Identity | None = None
        self._looked_through: _Identity | None = None
        self._told = ""

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection that sees one moment of the file; what is written through it is not kept.

        Raises:
            StateUnavailable: the file cannot be read; the message names the mend.
        """
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for one transaction: on the disk when the block ends, undone when it raises.

        Raises:
            StateUnavailable: the file cannot be written; the message names the mend.
        """
        # Threads of this process take turns here; SQLite's own way of waiting would let some starve.
        if not self._writing.acquire(timeout=self._busy_s):
            raise self._unavailable(locked())
        try:
            with self._transaction("BEGIN IMMEDIATE") as connection:
                yield connection
                connection.commit()
        finally:
            self._writing.release()

    def check(self) -> str:
        """Return in a few words that the file can be read and written.

        All of it is looked through when it is new to this process, and again after a part was found damaged.

        Raises:
            StateUnavailable: it cannot, or it is damaged.
        """
        if self._looked_through is None or self._looked_through != _identity(self._path):
            with self.reading() as connection:
                identity = self._prepared
                (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if found != "ok":
                raise self._unavailable(damaged(" ".join(found.split())))
            self._looked_through = identity
        with self.writing() as connection:
            return f"can be read and written, version {_version(connection)}"

    def close(self) -> None:
        """Close the connections that nobody uses; the next use opens new ones."""
        with suppress(Empty):
            while True:
                self._idle.get_nowait()[1].close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        """Lend a connection between `begin` and a rollback, which a commit before leaves without effect."""
        try:
            identity = self._prepare()
            connection = self._take(identity)
            try:
                connection.execute(begin)
                yield connection
            finally:
                connection.rollback()
                self._give_back(identity, connection)
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
            raise  # the caller's statement is wrong, not the file
        except StateUnavailable as error:
            raise self._unavailable(error) from error.__cause__
        except sqlite3.Error as error:
            if is_damage(error):
                self._looked_through = None
            raise self._unavailable(trouble_of(error)) from error
        self._told = ""

    def _prepare(self) -> _Identity:
        """Make the file and bring it up to date unless this very file was before; return which one it is."""
        identity = _identity(self._path)
        if identity is not None and identity == self._prepared:
            return identity
        with self._preparing:
            identity = _identity(self._path)
            if identity is None or identity != self._prepared:
                if identity is None and self._prepared is not None:
                    if not self._path.parent.exists():
                        raise self._unavailable(gone(self._path.parent))
                    _log.warning(
                        "%s was removed while it was in use; an empty one is begun. If that was not meant, stop the"
                        " server and put a backup in its place.", self._path,
                    )  # fmt: skip
                try:
                    identity = _create(self._path)
                except OSError as error:
                    raise self._unavailable(unusable(error)) from error
                _check_size(self._path)
                with closing(self._connect()) as connection:
                    self._migrate(connection)
                _warn_of_other_readers(self._path)
                self._prepared = identity
        return identity

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=self._busy_s,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # what people delete is gone from the disk too
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        """Run the steps that the file lacks, each in one transaction, beside other processes that may do the same."""
        _check_version(connection, len(self._migrations))
        _use_write_ahead_log(connection, self._busy_s)
        connection.execute("PRAGMA foreign_keys = OFF")  # else dropping a table takes along what refers to it
        for version, script in enumerate(self._migrations):
            connection.execute("BEGIN IMMEDIATE")
            try:
                if _version(connection) == version:
                    for statement in _statements(script):
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version = {version + 1}")
                connection.commit()
            finally:
                connection.rollback()

    def _take(self, identity: _Identity) -> sqlite3.Connection:
        with suppress(Empty):
            while True:
                opened, connection = self._idle.get_nowait()
                if opened == identity:
                    return connection
                connection.close()  # of a file that was moved away
        return self._connect()

    def _give_back(self, identity: _Identity, connection: sqlite3.Connection) -> None:
        try:
            self._idle.put_nowait((identity, connection))
        except Full:
            connection.close()

    def _unavailable(self, trouble: StateUnavailable) -> StateUnavailable:
        if str(trouble) != self._told:  # a log that says it once a request would drown everything else
            _log.error("%s: %s", self._path, trouble)
            self._told = str(trouble)
        return trouble


def verify(path: Path) -> str:
    """Read the whole of an existing file without changing it and return in a few words that it is sound.

    Raises:
        StateUnavailable: it is not.
    """
    try:
        _check_size(path)
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            _check_version(connection, len(MIGRATIONS))
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if found == "ok" and connection.execute("PRAGMA foreign_key_check").fetchone():
                found = "rows lack what they belong to"
            version = _version(connection)
    except OSError as error:
        raise unusable(error) from error
    except sqlite3.Error as error:
        raise trouble_of(error) from error
    if found != "ok":
        raise damaged(found)
    return f"sound, version {version}"


def _identity(path: Path) -> _Identity | None:
    try:
        seen = path.stat()
    except OSError:
        return None
    return seen.st_dev, seen.st_ino


def _create(path: Path) -> _Identity:
    """Make the file, for its owner's eyes alone, unless it is there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        # An existing file is not opened here: closing it would drop the locks that SQLite holds on it.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    seen = path.stat()
    return seen.st_dev, seen.st_ino


def _warn_of_other_readers(path: Path) -> None:
    """Say that others may read a file which this service did not make itself, such as one put back from a backup."""
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        _log.warning("%s can be read by others (mode %o): chmod 600 it and what is beside it.", path, mode)


def _check_size(path: Path) -> None:
    """Refuse the rest of a file that was cut off, which SQLite would take for an empty one and write over."""
    size = path.stat().st_size
    if 0 < size < _LEAST_BYTES:
        raise damaged(f"it has only {size} bytes")


def _use_write_ahead_log(connection: sqlite3.Connection, patience_s: float) -> None:
    """Let readers go on while one writes; SQLite does not wait for others by itself when it switches to that."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_S)
        else:
            return


def _check_version(connection: sqlite3.Connection, known: int) -> None:
    """Refuse a file that a newer release or another program wrote, before anything in it is changed."""
    version, tables = connection.execute(
        "SELECT user_version, (SELECT count(*) FROM sqlite_master) FROM pragma_user_version"
    ).fetchone()
    if version > known:
        raise StateUnavailable(
            f"{FILE_NAME} has version {version}, this release knows versions up to {known}."
            " Install the release that wrote it, or set QA_DATA_DIR to another folder."
        )
    if version == 0 and tables:
        raise StateUnavailable(
            f"{FILE_NAME} is a database of another program."
            " Move it away, or set QA_DATA_DIR to another folder."
        )


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of `script` one by one, as running a script as a whole would end the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
