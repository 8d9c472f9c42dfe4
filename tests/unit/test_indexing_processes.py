"""A reindex that is killed, meets another one or a full disk leaves the old generation or the new one, never half.

The quick form of the fault suite: every reindex here is a process of its own.
"""

import multiprocessing
import random
import resource
import time
from collections.abc import Iterator
from multiprocessing.context import ForkServerContext
from multiprocessing.queues import SimpleQueue
from pathlib import Path

import pytest

from qa_service import generations
from qa_service.archive import open_current
from qa_service.errors import QAError, WriterBusy
from tests.unit.index_building import BACKENDS, HashEncoder, build, bytes_under, write_articles

KILLS = 12
OLD = {f"a{n}": f"Story {n}.\n\nPlace {n}." for n in range(20)}
NEW = {f"b{n}": f"Report {n}.\n\nPlace {n}.\n\nTime {n}." for n in range(30)}


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Processes that start in milliseconds, with everything imported already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.unit.index_building"])
    return context


@pytest.fixture
def sources(tmp_path: Path) -> tuple[Path, Path]:
    return write_articles(tmp_path / "old.jsonl", OLD), write_articles(tmp_path / "new.jsonl", NEW)


def reindex_slowly(data_dir: Path, source: Path, delay_s: float, started: "SimpleQueue[float]") -> None:
    started.put(time.monotonic())
    build(data_dir, source, encoder=HashEncoder(delay_s=delay_s))
    started.put(time.monotonic())


def reindex_under_limits(
    data_dir: Path, source: Path, limits: list[int], told: "SimpleQueue[tuple[int, str]]"
) -> None:
    """Reindex with each limit in bytes on the size of a file, and tell what came of it."""
    for limit in limits:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        try:
            outcome = build(data_dir, source).generation or "no id"
        except QAError as error:
            outcome = f"{error.code}: {error}"
        except Exception as error:
            outcome = f"not translated: {error!r}"
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        told.put((limit, outcome))


def kill_points() -> Iterator[float]:
    """Shares of a run's time, spread over all of it."""
    chance = random.Random(20)
    for n in range(KILLS):
        yield (n + chance.random()) / KILLS


def test_a_killed_reindex_leaves_the_old_or_the_new_generation(
    tmp_path: Path, processes: ForkServerContext, sources: tuple[Path, Path]
) -> None:
    data_dir = tmp_path / "data"
    build(data_dir, sources[0])

    def start(n: int) -> tuple[multiprocessing.process.BaseProcess, "SimpleQueue[float]"]:
        queue: SimpleQueue[float] = processes.SimpleQueue()  # one each: a killed process can hold its lock
        process = processes.Process(target=reindex_slowly, args=(data_dir, sources[n % 2], 0.1, queue))
        process.start()
        return process, queue

    whole, queue = start(1)
    duration = -queue.get() + queue.get()
    whole.join()
    left_behind = finished = 0
    for n, share in enumerate(kill_points()):
        before = generations.current_id(data_dir)
        process, queue = start(n)
        time.sleep(max(0.0, queue.get() + share * duration - time.monotonic()))
        process.kill()
        process.join()

        archive = open_current(data_dir, BACKENDS, "a" * 64)
        assert archive.warnings == ()
        expected = OLD if archive.store.find("a0") else NEW
        assert archive.info.articles == len(expected)
        assert {s.article_id for s in archive.store.articles(100)} == set(expected)
        finished += archive.info.generation != before
        left_behind += any(p.name.startswith(".") for p in (data_dir / "generations").iterdir())
        for name in generations.generation_ids(data_dir):
            generations.verify(data_dir / "generations" / name)

    assert left_behind, "no kill hit a reindex while it built"
    assert finished < KILLS
    report = build(data_dir, sources[1])
    kept = {path.name for path in (data_dir / "generations").iterdir()}
    assert kept == set(generations.generation_ids(data_dir))
    assert report.generation in kept
    assert len(kept) == 2


def test_of_two_reindexes_one_runs_and_the_other_says_so(
    tmp_path: Path, processes: ForkServerContext, sources: tuple[Path, Path]
) -> None:
    data_dir = tmp_path / "data"
    queue: SimpleQueue[float] = processes.SimpleQueue()
    first = processes.Process(target=reindex_slowly, args=(data_dir, sources[0], 1.0, queue))
    first.start()
    queue.get()
    while not (data_dir / "generations").exists() or not any((data_dir / "generations").iterdir()):
        time.sleep(0.005)

    with pytest.raises(WriterBusy, match="Another reindex is writing"):
        build(data_dir, sources[1])
    first.join()

    assert first.exitcode == 0
    archive = open_current(data_dir, BACKENDS, None)
    assert archive.info.articles == len(OLD)


def test_a_full_disk_is_told_and_the_old_generation_stays(
    tmp_path: Path, processes: ForkServerContext, sources: tuple[Path, Path]
) -> None:
    """Each file of a generation in turn finds no room for its last bytes, or its last page."""
    build(tmp_path / "roomy", sources[1])
    sizes = {len(content) for content in bytes_under(tmp_path / "roomy").values()} - {0}
    limits = sorted({size - short for size in sizes for short in (1, 100, 4096) if size > short})
    data_dir = tmp_path / "data"
    build(data_dir, sources[0])
    before = bytes_under(data_dir)
    queue: SimpleQueue[tuple[int, str]] = processes.SimpleQueue()

    process = processes.Process(target=reindex_under_limits, args=(data_dir, sources[1], limits, queue))
    process.start()
    outcomes = [queue.get() for _ in limits]
    process.join()

    assert [limit for limit, _ in outcomes] == limits
    assert [told for told in outcomes if not told[1].startswith("generation_")] == []
    assert bytes_under(data_dir) == before
