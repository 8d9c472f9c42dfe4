"""Disks that are full or read-only: said at once, and the old generation answers."""

import errno
import os
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa_service import generations
from qa_service.archive import Backends, LiveArchive, open_current
from qa_service.chunking import ParagraphChunker
from qa_service.errors import QAError
from qa_service.indexing import reindex
from qa_service.remembered_files import FILE_NAME as PARSED
from qa_service.vector_journal import FILE_NAME as JOURNAL
from tests.faults.reindex_processes import (
    WEIGHTS,
    WideEncoder,
    heard,
    processes,
    reindex_under_limits,
    without_privileges,
    write_source,
)
from tests.faults.rows import Result, Row
from tests.faults.temporary import temporary_folder
from tests.unit.index_building import BACKENDS, HashEncoder, build, bytes_under, write_articles

_LONGEST = 8192


def try_size_limits(quick: bool) -> Result:
    """Let each file in turn, as far as it is the longest written so far, lack its last 1 to 8,192 bytes."""
    tries = 1 if quick else 60
    outcomes, unchanged = Counter[str](), True
    with temporary_folder() as folder:
        for number, (source, dimension) in enumerate(_shapes(folder)):
            data_dir = folder / f"data{number}"
            build(data_dir, write_source(folder, "old", 3))
            before = _without_journal(data_dir)
            build(folder / f"roomy{number}", source, encoder=WideEncoder(dimension))
            limits = list(_limits(folder / f"roomy{number}", tries))
            context = processes()
            told: Any = context.SimpleQueue()
            process = context.Process(
                target=reindex_under_limits, args=(data_dir, source, dimension, limits, told)
            )
            process.start()
            outcomes.update(heard(process, told)[1] for _ in limits)
            process.join()
            unchanged &= _without_journal(data_dir) == before
            unchanged &= open_current(data_dir, BACKENDS, WEIGHTS).warnings == ()
    told_of = sum(count for outcome, count in outcomes.items() if outcome.startswith("generation_"))
    held = told_of == outcomes.total() and unchanged
    other = "; ".join(outcome for outcome in outcomes if not outcome.startswith("generation_"))[:80]
    return Result(
        held, f"{told_of} of {outcomes.total()} reported{other and f' ({other})'}, old kept: {unchanged}"
    )


def _shapes(folder: Path) -> Iterator[tuple[Path, int]]:
    """Yield sources of which the articles, the vectors or the lexical index make the longest file."""
    yield write_source(folder, "articles", 60), 8
    yield write_source(folder, "vectors", 60), 512
    short = " ".join(f"{a}{b}" for a in "bcdfghjklmnpqrstvwxz" for b in "bcdfghjklmnpqrstvwxz")
    yield write_articles(folder / "lexical.jsonl", {f"l{n}": short[n % 7 :] for n in range(20)}), 8


def _limits(data_dir: Path, tries: int) -> Iterator[int]:
    chance = random.Random(4)
    sizes = sorted({len(content) for content in bytes_under(data_dir / "generations").values()}, reverse=True)
    for size in sizes[:3]:
        shorter = [1, 2, 512, 4096, _LONGEST, *(chance.randint(1, _LONGEST) for _ in range(tries))][:tries]
        yield from (size - short for short in shorter if short < size)


def _without_journal(data_dir: Path) -> dict[str, bytes]:
    """Return all files but what is kept for the next try."""
    return {name: content for name, content in bytes_under(data_dir).items() if name not in (JOURNAL, PARSED)}


class FullDisk:
    """A vector backend whose file stands on a disk without space."""

    def build(self, blocks: Iterable[NDArray[np.float32]], dimension: int, path: Path) -> None:
        path.symlink_to("/dev/full")
        BACKENDS.vectors.build(blocks, dimension, path)

    def load(self, path: Path) -> Any:
        return BACKENDS.vectors.load(path)


class FullDiskForWords(FullDisk):
    """A lexical backend that writes one of its files to a disk without space."""

    def build(self, texts: Iterable[str], path: Path) -> None:  # type: ignore[override]
        BACKENDS.lexical.build(texts, path)
        (path / "terms.json").unlink()
        (path / "terms.json").symlink_to("/dev/full")
        (path / "terms.json").write_text("[]")

    def load(self, path: Path) -> Any:
        return BACKENDS.lexical.load(path)


def try_full_disk(quick: bool) -> Result:
    """Write the vectors, then the words, to /dev/full, of which FAISS says nothing."""
    seen = []
    with temporary_folder() as folder:
        data_dir = folder / "data"
        build(data_dir, write_source(folder, "old", 3))
        before = _without_journal(data_dir)
        source = write_source(folder, "new", 3)
        for backends in (
            Backends(FullDisk(), BACKENDS.lexical),
            Backends(BACKENDS.vectors, FullDiskForWords()),
        ):
            try:
                _build_with(backends, data_dir, source)
                seen.append("published")
            except QAError as error:
                seen.append(error.code)
        kept = _without_journal(data_dir) == before
    return Result(
        kept and all(code.startswith("generation_") for code in seen), f"{', '.join(seen)}; old kept: {kept}"
    )


def _build_with(backends: Backends, data_dir: Path, source: Path) -> None:
    reindex([source], data_dir, encoder=HashEncoder(), chunker=ParagraphChunker(), backends=backends)


def try_read_only(quick: bool) -> Result:
    """Answer from a data folder that cannot be written, and be told so by whatever would write."""
    with temporary_folder() as folder:
        data_dir = folder / "data"
        name = build(data_dir, write_source(folder, "old", 3)).generation
        source = write_source(folder, "new", 3)
        folder.chmod(0o755)
        for path in [data_dir, *data_dir.rglob("*"), source]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        context = processes()
        told: Any = context.SimpleQueue()
        process = context.Process(target=_use_read_only, args=(data_dir, source, told))
        process.start()
        seen = heard(process, told)
        process.join()
        for path in [data_dir, *(path for path in data_dir.rglob("*") if path.is_dir())]:
            path.chmod(0o755)
    held = seen == [name, "generation_error", "generation_error", os.strerror(errno.EACCES)]
    return Result(
        held, f"answers, reindex and rollback: {seen[1:3]}, “{seen[3]}”" if held else f"seen: {seen}"
    )


def _use_read_only(data_dir: Path, source: Path, told: Any) -> None:
    without_privileges()
    live = LiveArchive(data_dir, BACKENDS, WEIGHTS, refresh_s=3600)
    live.refresh()
    seen, said = [live.current().info.generation], ""
    for write in (lambda: build(data_dir, source), lambda: generations.rollback(data_dir)):
        try:
            write()
            seen.append("written")
        except QAError as error:
            seen.append(error.code)
            said = next((text for text in (os.strerror(errno.EACCES),) if text in str(error)), str(error))
    told.put([*seen, said])


ROWS = [
    Row(
        "size-limits",
        "RLIMIT_FSIZE at the final size −1 to −8,192: 100% reported, the old generation answers",
        try_size_limits,
    ),
    Row(
        "full-disk",
        "Vectors or words written to /dev/full: reported, the old generation answers",
        try_full_disk,
    ),
    Row(
        "read-only", "A read-only data folder answers; reindex and rollback say what is wrong", try_read_only
    ),
]
