"""How far a reindex is: the callback that it calls, a line for a terminal and rare lines for a log."""

import shutil
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

_DRAWN_EVERY_S = 0.1  # a terminal that is written to for every article slows the reading down
_WRITTEN_EVERY_S = 60.0
_RATE_OVER_S = 60.0
_BAR_CELLS = 20


class Progress(Protocol):
    """Told how far a reindex is."""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Say that `done` of `total` (None when unknown) units of `stage` are done."""


@contextmanager
def shown_progress(stream: TextIO, clock: Callable[[], float] = time.monotonic) -> Iterator[Progress]:
    """Give a callback that shows each stage with its speed and the time that it will still take.

    A terminal gets a line for each stage, drawn over and over. Anything else, such as a log, gets a line a minute,
    so that a short run writes none.

    Args:
        clock: seconds that never go back.
    """
    lines = (_DrawnLine if stream.isatty() else _RareLines)(stream, clock)
    try:
        yield lines.show
    finally:
        lines.finish()


class _Pace:
    """What a stage does a second, over its last minute."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def per_second(self, now: float, done: int) -> float:
        """Return the units a second up to `done`; 0 where nothing can be said yet."""
        self._seen.append((now, done))
        while len(self._seen) > 2 and self._seen[1][0] <= now - _RATE_OVER_S:
            self._seen.popleft()
        began, before = self._seen[0]
        return (done - before) / (now - began) if now > began else 0.0


class _DrawnLine:
    """A count for a stage of unknown length, a bar for one whose length is known."""

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream, self._clock = stream, clock
        self._stage: str | None = None
        self._drawn_at, self._width, self._latest = 0.0, 0, (0, 0.0)
        self._total: int | None = None
        self._pace = _Pace()

    def show(self, stage: str, done: int, total: int | None) -> None:
        """See `Progress`."""
        now = self._clock()
        if stage != self._stage:
            self.finish()
            self._stage, self._drawn_at, self._pace = stage, now - _DRAWN_EVERY_S, _Pace()
        self._total, self._latest = total, (done, self._latest[1])
        if now - self._drawn_at >= _DRAWN_EVERY_S:
            self._drawn_at, self._latest = now, (done, self._pace.per_second(now, done))
            self._draw()

    def _draw(self) -> None:
        assert self._stage is not None
        done, rate = self._latest
        text = _line(self._stage, done, self._total, rate, bar=True)
        text = text[: shutil.get_terminal_size().columns - 1]
        self._stream.write(f"\r{text.ljust(self._width)}")
        self._stream.flush()
        self._width = len(text)

    def finish(self) -> None:
        """End the line that is being drawn with its last state, so that what follows starts on its own."""
        if self._stage is None:
            return
        self._draw()
        self._stream.write("\n")
        self._stream.flush()
        self._stage, self._width = None, 0


class _RareLines:
    """A line a minute for whatever is at work then."""

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream, self._clock = stream, clock
        self._written_at = clock()
        self._stage: str | None = None
        self._pace = _Pace()

    def show(self, stage: str, done: int, total: int | None) -> None:
        """See `Progress`."""
        now = self._clock()
        if stage != self._stage:
            self._stage, self._pace = stage, _Pace()
            self._pace.per_second(now, done)
        if now - self._written_at >= _WRITTEN_EVERY_S:
            self._written_at = now
            rate = self._pace.per_second(now, done)
            self._stream.write(f"{_line(stage, done, total, rate, bar=False)}\n")
            self._stream.flush()

    def finish(self) -> None:
        """Do nothing: each line stands alone."""


def _line(stage: str, done: int, total: int | None, rate: float, *, bar: bool) -> str:
    parts = [f"{stage} {done:,}"]
    if total is not None:
        drawn = f" [{'#' * (_BAR_CELLS * done // max(total, 1)):-<{_BAR_CELLS}}]" if bar else ""
        parts = [f"{stage}{drawn} {done:,} of {total:,}"]
    if rate:
        parts.append(f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.1f}/s")
        if total is not None and done < total:
            parts.append(f"{_duration((total - done) / rate)} left")
    return ", ".join(parts)


def _duration(seconds: float) -> str:
    """Return a time as people say it.

    >>> _duration(42.4), _duration(600), _duration(9000)
    ('42 s', '10 min', '2 h 30 min')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
