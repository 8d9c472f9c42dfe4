"""A progress bar on a terminal, silence elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import click

from qa_service.indexing import Progress


@contextmanager
def terminal_progress(stream: TextIO) -> Iterator[Progress]:
    """Give a callback that draws each stage as a line of its own on `stream`."""
    if not stream.isatty():
        yield lambda stage, done, total: None
        return
    bars: dict[str, click._termui_impl.ProgressBar[int]] = {}

    def show(stage: str, done: int, total: int | None) -> None:
        if total is None:
            stream.write(f"\r{stage} {done:,}")
            stream.flush()
            return
        if stage not in bars:
            stream.write("\n")
            bars[stage] = click.progressbar(length=total, label=stage, file=stream, show_pos=True)
            bars[stage].render_progress()
        bars[stage].update(done - bars[stage].pos)

    try:
        yield show
    finally:
        for bar in bars.values():
            bar.render_finish()
