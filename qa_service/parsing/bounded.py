"""Parses files in a process of its own that is killed when a file takes too long or too much."""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qa_service.parsing.draft import Draft, Noted, Skipped
from qa_service.parsing.formats import holds_many
from qa_service.parsing.frames import HEAD, LARGEST_FRAME, draft_from, packed, unpacked
from qa_service.parsing.worker import OUT_OF_MEMORY

# A second less than is promised, for killing a process takes its time on a busy machine.
SECONDS_A_FILE = 9.0
MEMORY_MIB = 512
_SECONDS_TO_START = 60.0
_SECONDS_TO_END = 2.0
_PACKAGES = Path(__file__).resolve().parents[2]


class _Stopped(Exception):
    """The process ended or was ended; the message is the reason that people read.

    Attributes:
        spent: the process itself may be the cause, such as memory that earlier files used up.
    """

    def __init__(self, reason: str, *, spent: bool) -> None:
        super().__init__(reason)
        self.spent = spent


class BoundedParser:
    """Reads files one after another in one process, which is started anew after it was killed.

    Close it when all is read. A file of one article has `seconds` in all; where a file holds any number
    of articles, each has as much.
    """

    def __init__(self, seconds: float = SECONDS_A_FILE, memory_mib: int = MEMORY_MIB) -> None:
        self._seconds = seconds
        self._memory_mib = memory_mib
        self._worker: _Worker | None = None

    def close(self) -> None:
        """End the process; the next file would start another."""
        if self._worker is not None:
            self._worker.end()
            self._worker = None

    def read(self, path: Path, origin: str, suffix: str) -> Iterator[Draft | Skipped | Noted]:
        """Yield what a file holds, or the reason why it, or the rest of it, was given up."""
        fresh, sent = self._worker is None, 0
        try:
            for item in self._read(path, origin, suffix):
                sent += 1
                yield item
        except _Stopped as stopped:
            self.close()
            if fresh or sent or not stopped.spent:
                after = f" after {sent:,} articles or remarks of it" if sent else ""
                yield Skipped(origin, f"{stopped}{after}")
                return
            yield from self.read(path, origin, suffix)  # in a fresh process, which is the last try
        except GeneratorExit:
            self.close()  # the file is given up in its midst
            raise

    def _read(self, path: Path, origin: str, suffix: str) -> Iterator[Draft | Skipped | Noted]:
        if self._worker is None:
            self._worker = _Worker(self._memory_mib)
        worker = self._worker
        worker.send({"path": str(path), "origin": origin, "suffix": suffix})
        left, many = _SECONDS_TO_START, holds_many(suffix)
        while True:
            began = time.monotonic()
            kind, value = worker.receive(left, self._seconds)
            left -= time.monotonic() - began
            if kind == "done":
                return
            if kind == "ready" or many:
                left = self._seconds
            if kind != "ready":
                yield _item(kind, value)


def _item(kind: str, value: Any) -> Draft | Skipped | Noted:
    try:
        if kind == "draft":
            return draft_from(value)
        first, second = map(str, value)
    except (ValueError, TypeError, KeyError, IndexError):
        raise _Stopped("the parser answered nonsense", spent=False) from None
    return Noted(first, second) if kind == "note" else Skipped(first, second)


class _Worker:
    """A running process and what it has sent so far."""

    def __init__(self, memory_mib: int) -> None:
        self._memory_mib = memory_mib
        # -P and PYTHONPATH: modules come from where this package is, never from the folder one stands in.
        environment = {**os.environ, "PYTHONPATH": str(_PACKAGES)}
        self._process = subprocess.Popen(  # noqa: S603 - nothing in it comes from outside
            [sys.executable, "-P", "-m", "qa_service.parsing.worker", str(memory_mib)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        self._received = bytearray()

    def send(self, message: dict[str, Any]) -> None:
        """Send a request."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(packed(message))
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None

    def receive(self, seconds: float, limit: float) -> tuple[str, Any]:
        """Return kind and value of the next message, waiting no longer than `seconds` of the file's `limit`.

        Raises:
            _Stopped: none came in time, or the process ended.
        """
        until = time.monotonic() + seconds
        self._fill(HEAD.size, until, limit)
        (size,) = HEAD.unpack(self._received[: HEAD.size])
        if size > LARGEST_FRAME:
            raise _Stopped("the parser answered nonsense", spent=False)
        self._fill(HEAD.size + size, until, limit)
        body = bytes(self._received[HEAD.size : HEAD.size + size])
        del self._received[: HEAD.size + size]
        try:
            message = unpacked(body)
            return str(message["kind"]), message["value"]
        except (ValueError, KeyError, RecursionError):
            raise _Stopped("the parser answered nonsense", spent=False) from None

    def _fill(self, size: int, until: float, limit: float) -> None:
        assert self._process.stdout is not None
        output = self._process.stdout.fileno()
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            while len(self._received) < size:
                if not selector.select(max(0.0, until - time.monotonic())):
                    raise _Stopped(f"it took longer than {limit:g} s to read", spent=False)
                chunk = os.read(output, 1 << 20)
                if not chunk:
                    raise self._ended()
                self._received += chunk

    def _ended(self) -> _Stopped:
        try:
            status = self._process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            return _Stopped("the parser closed its output", spent=False)
        if status in {OUT_OF_MEMORY, -signal.SIGKILL}:
            return _Stopped(f"it needs more than {self._memory_mib} MiB of memory to read", spent=True)
        how = signal.Signals(-status).name if status < 0 else f"status {status}"
        return _Stopped(f"the parser crashed on it ({how})", spent=True)

    def end(self) -> None:
        """Kill the process and wait until it is gone."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
