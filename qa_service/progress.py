"""How far a reindex is: the callback that it calls, and bars for a terminal."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TextIO

import click

_SHOWN_EVERY_S = 0.1  # a terminal that is written to for every article slows the reading down


class Progress(Protocol):
    """Told how far a reindex is."""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Say that `done` of `total` (None when unknown) units of `stage` are done."""


@contextmanager
def terminal_progress(stream: TextIO) -> Iterator[Progress]:
    """Give a callback that draws each stage as a line of its own on `stream`; silent when that is no terminal."""
    if not stream.isatty():
        yield lambda stage, done, total: None
        return
    lines = _Lines(stream)
    try:
        yield lines.show
    finally:
        lines.finish()


class _Lines:
    """A count for a stage of unknown length, a bar for one whose length is known."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._stage: str | None = None
        self._count = ""
        self._shown_at = 0.0
        self._bar: Any = None  # click does not export the type of its bars

    def show(self, stage: str, done: int, total: int | None) -> None:
        """See `Progress`."""
        if stage != self._stage:
            self.finish()
            self._stage, self._shown_at = stage, 0.0
        if total is None:
            self._count = f"\r{stage} {done:,}"
            if time.monotonic() - self._shown_at >= _SHOWN_EVERY_S:
                self._shown_at = time.monotonic()
                self._stream.write(self._count)
                self._stream.flush()
            return
        if self._bar is None:
            self._bar = click.progressbar(length=total, label=stage, file=self._stream, show_pos=True)
        self._bar.update(done - self._bar.pos)

    def finish(self) -> None:
        """End the line that is being drawn with its last state, so that what follows starts on its own."""
        if self._bar is not None:
            self._bar.render_finish()
        elif self._count:
            self._stream.write(f"{self._count}\n")
        self._stream.flush()
        self._stage, self._count, self._bar = None, "", None
