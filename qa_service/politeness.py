"""Lets whoever waits for an answer go first: long work takes the processor that nobody else wants."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NICE = 10  # a tenth of what a process of usual priority gets where both want the same core
_SESSION = Path("/proc/self/autogroup")
_WRITTEN_AGAIN_AFTER_S = 0.15  # the kernel refuses a second change within a tenth of a second


@contextmanager
def lower_priority(session: Path = _SESSION) -> Iterator[None]:
    """Run what is inside at a lower priority, as far as the system allows; what it starts inherits that.

    Linux may share the processor out among sessions first (autogroups), and then among the processes of each. A server
    runs in another session than a reindex, so that of the reindex is lowered too, and put back afterwards. Call
    it before threads are started: each has a priority of its own.

    Args:
        session: the file that holds the session's priority; where there is none, sessions do not count.

    Source: sched(7), "The autogroup feature".
    """
    own, shared = os.getpriority(os.PRIO_PROCESS, 0), _session_nice(session)
    _set_own(max(own, NICE))
    if shared is not None and shared < NICE:
        _write(session, NICE)
    try:
        yield
    finally:
        _set_own(own)
        if shared is not None and shared < NICE:
            _write(session, shared)


def _session_nice(session: Path) -> int | None:
    try:
        found = re.search(r"nice (-?\d+)", session.read_text())
    except OSError:
        return None
    return int(found[1]) if found else None


def _set_own(nice: int) -> None:
    with suppress(PermissionError):  # only the administrator may go back up
        os.setpriority(os.PRIO_PROCESS, 0, nice)


def _write(session: Path, nice: int) -> None:
    for wait_s in (_WRITTEN_AGAIN_AFTER_S, 0.0):
        try:
            session.write_text(str(nice))
        except BlockingIOError:
            time.sleep(wait_s)
        except OSError:
            return
        else:
            return
