"""What files held when they were last read, so that only files whose bytes are new are parsed."""

import json
import logging
import platform
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from importlib import metadata
from pathlib import Path

from qa_service.parsing.bounded import BoundedParser
from qa_service.parsing.draft import Draft, Noted, Skipped
from qa_service.parsing.frames import draft_from, plain_draft

FILE_NAME = "parsed.sqlite"
LARGEST_BYTES = 1 << 20  # a larger file is parsed again: what it holds would be held twice meanwhile
_KEPT_TOGETHER = 64
_CHECK_BYTES = 16
_CODE = Path(__file__).parent / "parsing"

_log = logging.getLogger(__name__)


class RememberingParser:
    """A `Parser` that asks another one only for files that it does not know.

    What is known hangs on a file's bytes, its place, its type and the code that parses, so it can be used without a
    further look; what was read only in part is never kept. Nothing is written before `allow_writing`. The memory
    can be deleted at any time; where it cannot be read, files are parsed as if there were none.

    Args:
        trusting: use what is known; otherwise every file is parsed, and known from then on.
    """

    def __init__(self, data_dir: Path, parser: BoundedParser, *, trusting: bool = True) -> None:
        self._path, self._parser, self._trusting = data_dir / FILE_NAME, parser, trusting
        self._connection: sqlite3.Connection | None = None
        self._usable, self._writable = True, False
        self._waiting: dict[bytes, bytes] = {}
        self._used: set[bytes] = set()

    def read(self, path: Path, origin: str, suffix: str) -> Iterator[Draft | Skipped | Noted]:
        """Yield what the file holds."""
        if path.stat().st_size > LARGEST_BYTES:
            yield from self._parser.read(path, origin, suffix)
            return
        key = _key(path, origin, suffix)
        self._used.add(key)
        known = self._known(key)
        if known is not None:
            yield from known
            return
        items = []
        for item in self._parser.read(path, origin, suffix):
            items.append(item)
            yield item
        if not any(isinstance(item, Skipped) for item in items) and _key(path, origin, suffix) == key:
            self._waiting[key] = _packed(items)
            if self._writable and len(self._waiting) >= _KEPT_TOGETHER:
                self._write()

    def allow_writing(self) -> None:
        """Let the memory be written from now on; call it with the writer lock held."""
        self._let_go()
        self._writable = True

    def forget_the_rest(self) -> None:
        """Write down what is new and forget every file that was not read this time."""
        self._write()
        self._guarded(self._prune)

    def close(self) -> None:
        """End the other parser's process and close the file."""
        self._parser.close()
        self._let_go()

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _known(self, key: bytes) -> list[Draft | Noted] | None:
        if not self._trusting or (self._connection is None and not self._path.exists()):
            return None
        found: list[bytes] = []
        self._guarded(lambda: found.extend(self._stored(key)))
        return _unpacked(found[0]) if found else None

    def _stored(self, key: bytes) -> list[bytes]:
        rows = self._opened().execute("SELECT items FROM files WHERE key = ?", (key,)).fetchall()
        return [items for (items,) in rows]

    def _write(self) -> None:
        waiting, self._waiting = self._waiting, {}
        self._guarded(lambda: self._insert(waiting))

    def _insert(self, waiting: dict[bytes, bytes]) -> None:
        with self._opened() as connection:
            connection.executemany("INSERT OR REPLACE INTO files VALUES (?, ?)", waiting.items())

    def _prune(self) -> None:
        with self._opened() as connection:
            connection.execute("CREATE TEMP TABLE used (key BLOB PRIMARY KEY)")
            connection.executemany("INSERT INTO used VALUES (?)", ((key,) for key in self._used))
            connection.execute("DELETE FROM files WHERE key NOT IN (SELECT key FROM used)")

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            mode = "rwc" if self._writable else "ro"
            self._connection = sqlite3.connect(f"{self._path.absolute().as_uri()}?mode={mode}", uri=True)
            if self._writable:
                self._connection.execute("PRAGMA synchronous=OFF")
                self._connection.execute(
                    "CREATE TABLE IF NOT EXISTS files (key BLOB PRIMARY KEY, items BLOB NOT NULL)"
                )
        return self._connection

    def _guarded(self, step: Callable[[], object]) -> None:
        """Run a step; where the file fails, go on without it, and let a writer begin it anew."""
        if not self._usable:
            return
        try:
            step()
        except sqlite3.Error as error:
            _log.warning("%s cannot be used (%s); every file is parsed.", self._path, error)
            self._usable = False
            self._let_go()
            if self._writable:
                self._path.unlink(missing_ok=True)


def _key(path: Path, origin: str, suffix: str) -> bytes:
    place = f"{_parser_version()}\0{origin}\0{suffix}\0{path.name}\0"
    digest = blake2b(place.encode("utf-8", "replace"), digest_size=32)
    digest.update(path.read_bytes())
    return digest.digest()


@cache
def _parser_version() -> str:
    """Return a hash of the code that parses and of the versions of what it may call."""
    digest = blake2b(platform.python_version().encode(), digest_size=16)
    for file in sorted(_CODE.rglob("*.py")):
        digest.update(file.read_bytes())
    for name in sorted(re.split(r"[^\w.-]", need)[0] for need in _requirements()):
        with suppress(metadata.PackageNotFoundError):
            digest.update(f"{name} {metadata.version(name)}\n".encode())
    return digest.hexdigest()


def _requirements() -> list[str]:
    """Return what the project names as its dependencies; none where it runs without being installed."""
    try:
        return metadata.requires("qa-service") or []
    except metadata.PackageNotFoundError:
        return []


def _packed(items: Sequence[Draft | Skipped | Noted]) -> bytes:
    plain = [
        ["draft", plain_draft(item)] if isinstance(item, Draft) else ["note", [item.origin, item.remark]]
        for item in items
        if not isinstance(item, Skipped)
    ]
    body = zlib.compress(json.dumps(plain).encode(), 1)
    return blake2b(body, digest_size=_CHECK_BYTES).digest() + body


def _unpacked(stored: bytes) -> list[Draft | Noted] | None:
    """Return what was packed, or None where its bytes have changed."""
    check, body = stored[:_CHECK_BYTES], stored[_CHECK_BYTES:]
    if blake2b(body, digest_size=_CHECK_BYTES).digest() != check:
        return None
    plain = json.loads(zlib.decompress(body))
    return [draft_from(value) if kind == "draft" else Noted(*value) for kind, value in plain]
