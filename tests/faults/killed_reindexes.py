"""Reindexes that are killed or meet another one: the old generation or the new one answers, never half of one."""

import random
import time
from collections import Counter
from pathlib import Path

from qa_service import generations
from qa_service.errors import QAError, WriterBusy
from qa_service.vector_journal import FILE_NAME as JOURNAL
from tests.faults.reindex_processes import half_state, heard, processes, started, write_source
from tests.faults.rows import Result, Row
from tests.faults.temporary import temporary_folder
from tests.unit.index_building import HashEncoder, build

_BATCH_S = 0.05
_HEADER_BYTES = 128


def try_kills(quick: bool) -> Result:
    """Kill a reindex at points spread over all of its run, each of articles never seen before."""
    kills, articles = (4, 80) if quick else (300, 200)
    chance, seen, half = random.Random(20), Counter[str](), []
    context = processes()
    with temporary_folder() as folder:
        data_dir = folder / "data"
        build(data_dir, write_source(folder, "first", 20))
        whole, told = started(context, data_dir, write_source(folder, "whole", articles), _BATCH_S)
        duration = -heard(whole, told) + heard(whole, told)[0]
        whole.join()
        for n in range(kills):
            before = generations.current_id(data_dir)
            process, told = started(context, data_dir, write_source(folder, f"k{n}", articles), _BATCH_S)
            share = (n + chance.random()) / kills
            time.sleep(max(0.0, heard(process, told) + share * duration - time.monotonic()))
            process.kill()
            process.join()
            if trouble := half_state(data_dir):
                half.append(trouble)
            seen["new" if generations.current_id(data_dir) != before else "old"] += 1
            seen["left in the making"] += any(p.name[0] == "." for p in (data_dir / "generations").iterdir())
            seen["vectors kept"] += (data_dir / JOURNAL).exists()
        report = build(data_dir, folder / "first.jsonl")
        tidy = {p.name for p in (data_dir / "generations").iterdir()} == set(
            generations.generation_ids(data_dir)
        )
        tidy &= not (data_dir / JOURNAL).exists() and report.articles == 20
    counted = ", ".join(f"{what} {count}" for what, count in seen.items())
    held = not half and tidy and seen["left in the making"] > 0 and seen["old"] > 0
    return Result(
        held, f"{kills} kills, {len(half)} half states ({half[0] if half else counted}), tidied: {tidy}"
    )


def try_two_writers(quick: bool) -> Result:
    """Start a reindex while another one runs, again and again: one runs, the other says so and ends."""
    times = 2 if quick else 100
    refused = published = 0
    context = processes()
    with temporary_folder() as folder:
        data_dir = folder / "data"
        build(data_dir, write_source(folder, "first", 5))
        for n in range(times):
            running, told = started(context, data_dir, write_source(folder, f"w{n}", 100), 2 * _BATCH_S)
            heard(running, told)
            _wait_for(data_dir, "generations/.building-*/*")
            try:
                build(data_dir, folder / "first.jsonl")
            except WriterBusy as error:
                refused += "Another reindex is writing" in str(error)
            published += heard(running, told)[1] == generations.current_id(data_dir)
            running.join()
    return Result(
        refused == published == times, f"of {times} pairs {refused} refused and {published} published"
    )


def try_killed_holder(quick: bool) -> Result:
    """Kill what holds the lock; the next reindex gets it at once and goes on with the vectors that were made."""
    times, freed, resumed = (3 if quick else 100), 0, 0
    context = processes()
    with temporary_folder() as folder:
        data_dir = folder / "data"
        for n in range(times):
            source = write_source(folder, f"h{n}", 200)
            holder, told = started(context, data_dir, source, 2 * _BATCH_S)
            heard(holder, told)
            _wait_for(data_dir, JOURNAL, more_than=_HEADER_BYTES)
            holder.kill()
            holder.join()
            encoder = HashEncoder()
            try:
                freed += build(data_dir, source, encoder=encoder).articles == 200
            except QAError:
                continue
            resumed += len(encoder.encoded) < 400

    held = freed == times and resumed > 0
    return Result(held, f"{freed} of {times} locks freed, {resumed} went on with vectors already made")


def _wait_for(data_dir: Path, pattern: str, more_than: int = -1) -> None:
    """Wait until another process, which then holds the lock, has written a file; trying the lock would hinder it."""
    ends = time.monotonic() + 30
    while not any(path.stat().st_size > more_than for path in data_dir.glob(pattern)):
        if time.monotonic() > ends:
            raise TimeoutError(f"no process made {pattern}")
        time.sleep(0.002)


ROWS = [
    Row(
        "killed-reindex",
        "kill -9 at 300 random points of a reindex: 0 half states, leftovers removed by the next",
        try_kills,
    ),
    Row(
        "two-writers",
        "Of two reindexes at once one runs, the other says so and ends: 100 of 100",
        try_two_writers,
    ),
    Row(
        "killed-holder",
        "The lock of a killed reindex frees, and its vectors are used: 100 of 100",
        try_killed_holder,
    ),
]
