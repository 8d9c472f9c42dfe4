"""Follows sources: reindexes whenever they have changed and then stood still for a moment."""

import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NoReturn

from qa_service.errors import QAError, WriterBusy

RETRY_S = 60.0


def watch(
    sources: Sequence[Path],
    reindex: Callable[[], None],
    *,
    poll_s: float,
    on_error: Callable[[QAError], None],
    sleep: Callable[[float], None] = time.sleep,
) -> NoReturn:
    """Reindex now, then after every change, until an exception such as SystemExit ends it.

    Files that are being copied change from look to look; only what looks the same twice is read. What fails is told
    once and tried again after a change, or after a minute; where another reindex is at work, at the next look.

    Args:
        poll_s: seconds between two looks.
    """
    done: bytes | None = None
    seen = fingerprint(sources)
    told, retry_at = "", 0.0
    while True:
        now = fingerprint(sources)
        if now == seen and (now != done or time.monotonic() >= retry_at > 0):
            try:
                reindex()
                told, retry_at = "", 0.0
            except QAError as error:
                retry_at = time.monotonic() + (poll_s if isinstance(error, WriterBusy) else RETRY_S)
                if str(error) != told:
                    on_error(error)
                told = str(error)
            done = now
        seen = now
        sleep(poll_s)


def fingerprint(sources: Sequence[Path]) -> bytes:
    """Return a hash of the names, sizes and times of all files that a reindex of `sources` would read."""
    seen = blake2b(digest_size=16)
    for source in sources:
        for path, status in _files(source):
            place = os.fsencode(path)
            seen.update(
                b"%d %s %d %d %d\n" % (len(place), place, status.st_size, status.st_mtime_ns, status.st_ino)
            )
        seen.update(b"\n")
    return seen.digest()


def _files(source: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield what stands below `source`, hidden names aside; what cannot be looked at is as good as gone."""
    waiting = [source]
    while waiting:
        path = waiting.pop()
        try:
            status = path.stat()
            yield path, status
            if stat.S_ISDIR(status.st_mode) and (path is source or not path.is_symlink()):
                waiting += sorted(inside for inside in path.iterdir() if not inside.name.startswith("."))
        except OSError:
            continue
