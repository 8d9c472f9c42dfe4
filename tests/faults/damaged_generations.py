"""Bytes that change on the disk: every damage is found, the generation before answers, nothing is deleted."""

import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from qa_service import generations
from qa_service.archive import LiveArchive, open_current
from qa_service.errors import GenerationDamaged
from qa_service.quarantine import quarantined
from tests.faults.reindex_processes import WEIGHTS, write_source
from tests.faults.rows import Result, Row
from tests.faults.temporary import temporary_folder
from tests.unit.index_building import BACKENDS, build, bytes_under

_LIMIT_S = 5.0

Hurt = Callable[[Path, list[Path], random.Random], None]


def _flip(path: Path, files: list[Path], chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    bit = chance.randrange(8 * len(content))
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


def _truncate(path: Path, files: list[Path], chance: random.Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: chance.randrange(len(content))])


def _tail(path: Path, files: list[Path], chance: random.Random) -> None:
    path.write_bytes(path.read_bytes() + chance.randbytes(chance.randint(1, 4096)))


def _swap(path: Path, files: list[Path], chance: random.Random) -> None:
    other = chance.choice([file for file in files if file.read_bytes() != path.read_bytes()])
    content = path.read_bytes()
    path.write_bytes(other.read_bytes())
    other.write_bytes(content)


def _trial(hurt: Hurt) -> Callable[[bool], Result]:
    def try_it(quick: bool) -> Result:
        return _try_damage(hurt, 40 if quick else 2000, 4 if quick else 20)

    return try_it


def _try_damage(hurt: Hurt, times: int, wanted_looks: int) -> Result:
    """Damage each file in turn; open now and then, as a service does, to see what answers and how fast."""
    chance, found, answered, slowest = random.Random(9), 0, 0, 0.0
    with temporary_folder() as folder:
        data_dir = folder / "data"
        old = build(data_dir, write_source(folder, "old", 30)).generation
        new = build(data_dir, write_source(folder, "new", 30)).generation
        damaged = data_dir / "generations" / str(new)
        whole = bytes_under(damaged)
        files = [damaged / name for name, content in whole.items() if content]
        for n in range(times):
            hurt(files[n % len(files)], files, chance)
            names = set(bytes_under(damaged))
            try:
                generations.verify(damaged)
            except GenerationDamaged:
                found += 1
            if n % max(1, times // wanted_looks) == 0:
                began = time.perf_counter()
                archive = open_current(data_dir, BACKENDS, WEIGHTS)
                slowest = max(slowest, time.perf_counter() - began)
                answered += archive.info.generation == old and bool(archive.warnings)
            assert set(bytes_under(damaged)) == names, "something was deleted"
            for name, content in whole.items():
                (damaged / name).write_bytes(content)
        looks = len(range(0, times, max(1, times // wanted_looks)))
        generations.verify(damaged)
    held = found == times and answered == looks and slowest <= _LIMIT_S
    return Result(
        held,
        f"{found:,} of {times:,} found, {answered} of {looks} answered from the one before within {slowest:.2f} s",
    )


def try_quarantine(quick: bool) -> Result:
    """Damage what answers; a reindex sets it aside, and every byte of it is still there."""
    with temporary_folder() as folder:
        data_dir = folder / "data"
        build(data_dir, write_source(folder, "old", 5))
        live = LiveArchive(data_dir, BACKENDS, WEIGHTS, refresh_s=3600)
        name = str(build(data_dir, write_source(folder, "new", 5)).generation)
        _flip(data_dir / "generations" / name / "vectors.faiss", [], random.Random(1))
        before = bytes_under(data_dir / "generations" / name)
        live.refresh()
        warned = live.current().info.generation != name and name in str(live.current().warnings)
        newest = build(data_dir, folder / "new.jsonl").generation
        live.refresh()
        kept = bytes_under(data_dir / "quarantine" / name) == before and quarantined(data_dir) == [name]
        mended = live.current().info.generation == newest and not live.current().warnings
    return Result(warned and kept and mended, f"warned: {warned}, every byte kept: {kept}, mended: {mended}")


def try_foreign_files(quick: bool) -> Result:
    """Put another generation's files in place of a generation's own, one by one and all at once."""
    with temporary_folder() as folder:
        data_dir = folder / "data"
        old = data_dir / "generations" / str(build(data_dir, write_source(folder, "old", 5)).generation)
        new = data_dir / "generations" / str(build(data_dir, write_source(folder, "new", 5)).generation)
        names = [name for name, content in bytes_under(new).items() if content != (old / name).read_bytes()]
        found = 0
        for chosen in [*([name] for name in names), names]:
            kept = {name: (new / name).read_bytes() for name in chosen}
            for name in chosen:
                shutil.copyfile(old / name, new / name)
            try:
                generations.verify(new)
            except GenerationDamaged:
                found += 1
            for name, content in kept.items():
                (new / name).write_bytes(content)
    return Result(found == len(names) + 1, f"{found} of {len(names) + 1} found")


_ENDING = (
    "of any file are refused: 2,000 of 2,000; the generation before answers within 5 s, nothing is deleted"
)
ROWS = [
    Row("bit-flips", f"Single flipped bits {_ENDING}", _trial(_flip)),
    Row("truncation", f"Cuts at any length {_ENDING}", _trial(_truncate)),
    Row("tail-junk", f"Junk at the ends {_ENDING}", _trial(_tail)),
    Row(
        "swapped-files",
        f"Two files in each other's place, whichever, {_ENDING.replace('of any file ', '')}",
        _trial(_swap),
    ),
    Row(
        "foreign-files",
        "Files of another generation in place of its own are refused, one alone or all",
        try_foreign_files,
    ),
    Row("quarantine", "What is damaged is set aside by the next reindex, with every byte", try_quarantine),
]
