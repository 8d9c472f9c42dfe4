"""Reindexes as processes of their own, which can be killed, limited and locked out."""

import ctypes
import multiprocessing
import resource
import struct
import time
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa_service import generations
from qa_service.archive import open_current
from qa_service.errors import QAError
from tests.unit.index_building import BACKENDS, HashEncoder, build, write_articles

WEIGHTS = "a" * 64
_CAPABILITY_VERSION = 0x20080522


class WideEncoder(HashEncoder):
    """Gives vectors of any multiple of eight numbers."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.dimension = dimension

    def encode_query(self, text: str) -> NDArray[np.float32]:
        return np.resize(super().encode_query(text), self.dimension)


def processes() -> ForkServerContext:
    """Return a context whose processes start in milliseconds, with everything imported already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.unit.index_building", "tests.faults.reindex_processes"])
    return context


def write_source(folder: Path, label: str, articles: int) -> Path:
    """Write a source all of whose articles and texts are marked by `label`."""
    texts = {f"{label}-{n}": f"Story {n} of {label}.\n\nPlace {n} of {label}." for n in range(articles)}
    return write_articles(folder / f"{label}.jsonl", texts)


def reindex_slowly(data_dir: Path, source: Path, delay_s: float, told: "SimpleQueue[Any]") -> None:
    """Reindex with an encoder that takes `delay_s` a batch; tell when it starts and how it ended."""
    told.put(time.monotonic())
    try:
        outcome = str(build(data_dir, source, encoder=HashEncoder(delay_s=delay_s)).generation)
    except QAError as error:
        outcome = error.code
    told.put((time.monotonic(), outcome))


def started(
    context: ForkServerContext, data_dir: Path, source: Path, delay_s: float
) -> "tuple[BaseProcess, SimpleQueue[Any]]":
    """Start a reindex; the queue gives the time of its start, then the time of its end with the outcome."""
    told: SimpleQueue[Any] = context.SimpleQueue()  # one each: a killed process can hold a queue's lock
    process = context.Process(target=reindex_slowly, args=(data_dir, source, delay_s, told))
    process.start()
    return process, told


def half_state(data_dir: Path) -> str:
    """Return what is half about the index: which generation answers, of what, and whether all are whole."""
    archive = open_current(data_dir, BACKENDS, WEIGHTS)
    if archive.warnings:
        return archive.warnings[0]
    labels = {summary.article_id.split("-")[0] for summary in archive.store.articles(1000)}
    if len(labels) != 1 or archive.info.articles != archive.manifest.counts["articles"]:
        return f"{archive.info.generation} holds {sorted(labels)}"
    for name in generations.generation_ids(data_dir):
        try:
            generations.verify(data_dir / "generations" / name)
        except QAError as error:
            return str(error)
    return ""


def reindex_under_limits(
    data_dir: Path, source: Path, dimension: int, limits: list[int], told: "SimpleQueue[Any]"
) -> None:
    """Reindex with each limit in bytes on the size of a file, and tell what came of it."""
    encoder = WideEncoder(dimension)
    for limit in limits:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        try:
            outcome = f"published {build(data_dir, source, encoder=encoder, full=True).generation}"
        except QAError as error:
            outcome = error.code
        except Exception as error:  # what is not translated is told as it is
            outcome = repr(error)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        told.put((limit, outcome))


def heard(process: BaseProcess, told: "SimpleQueue[Any]", wait_s: float = 120.0) -> Any:
    """Return what a process tells next; one that ended without a word is an error, not a wait for ever."""
    ends = time.monotonic() + wait_s
    while told.empty():
        if time.monotonic() > ends or (not process.is_alive() and told.empty()):
            process.kill()
            raise RuntimeError(f"the process said nothing more; its exit code is {process.exitcode}")
        time.sleep(0.002)
    return told.get()


def without_privileges() -> None:
    """Give up what lets root write to read-only folders; everybody else has nothing to give up."""
    header, nothing = struct.pack("=Ii", _CAPABILITY_VERSION, 0), bytes(24)
    if ctypes.CDLL(None, use_errno=True).capset(header, nothing):
        raise OSError(ctypes.get_errno(), "capset")
