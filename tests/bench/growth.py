"""Measures growing archives: `python -m tests.bench.growth --shared ../shared --sizes 2000 20000 100000 500000`.

Each archive is built and opened in a process of its own, so that memory is told apart; then one process opens all
of them and puts each question to one after the other, so that other work on the machine falls on all alike. Times
are CPU times of the whole process, which other work does not stretch as it does the clock. The encoder's share is
the same at every size and part of `ask`.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from embeddings.protocols import Encoder
from embeddings.vector_index import FlatVectorIndex
from qa_service import bootstrap
from qa_service.archive import VECTORS, Archive, open_current
from qa_service.domain import Question
from qa_service.settings import Settings
from tests.bench.collection import Collection, load_squad
from tests.bench.grown_archive import GrownArchive, Sentences, publish

SIZES = (2_000, 20_000, 100_000, 500_000)
HEAD = (
    "paragraphs", "index", "build s", "build MB", "disk B each", "open s", "memory B each",
    "dense ms", "words ms", "retrieve ms", "ask CPU ms", "ask p50 ms", "ask p95 ms", "ask, times the first",
    "recall@10", "recall@200", "read alike",
)  # fmt: skip


class Bench:
    """What every step needs: the settings, the models and the questions."""

    def __init__(self, given: argparse.Namespace) -> None:
        self.folder, self.shared, self.count = given.folder, given.shared, given.questions
        self.settings = Settings(data_dir=given.folder, inference=given.inference)
        self.encoder: Encoder = bootstrap.load_encoder(self.settings)

    def collection(self) -> Collection:
        """Return the real articles and questions."""
        return load_squad(self.shared)

    def questions(self) -> list[str]:
        """Return the same random questions each time."""
        return random.Random(3).sample(self.collection().questions, self.count)

    def place(self, size: int) -> Path:
        """Return the data folder of the archive of this size."""
        return Path(self.folder) / str(size)

    def open(self, size: int) -> Archive:
        """Open the archive of this size, its checksums verified."""
        return open_current(self.place(size), bootstrap.BACKENDS, self.encoder.weight_hash)

    def build(self, sizes: list[int]) -> dict[str, Any]:
        """Build one archive; return the CPU seconds of each step and the peak of memory."""
        sentences = Sentences.of(self.collection(), self.encoder, Path(self.folder) / "sentences")
        spent, last = {}, time.process_time()
        grown = GrownArchive(sentences, sizes[0])
        for step in publish(grown, self.place(sizes[0]), bootstrap.BACKENDS, self.encoder):
            spent[step], last = time.process_time() - last, time.process_time()
        print(f"{sizes[0]}: built, {spent}", file=sys.stderr, flush=True)
        # Without the models, which a reindex needs at any size.
        return {
            "build s": sum(spent.values()),
            "build MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
        }

    def memory(self, sizes: list[int]) -> dict[str, Any]:
        """Open one archive, ask all questions and return what of it is in memory."""
        answerer = bootstrap.build_answerer(self.settings, self.encoder)
        questions, started = self.questions(), time.process_time()
        archive = self.open(sizes[0])
        opened = time.process_time() - started
        for question in questions:
            answerer.ask(archive, Question(question))
        files = archive.manifest.files.values()
        return {
            "index": archive.manifest.vector_index,
            "disk B each": sum(one["size"] for one in files) / sizes[0],
            "open s": opened,
            "resident": resident(),
        }

    def latency(self, sizes: list[int]) -> dict[str, Any]:
        """Return the medians of each size, every question put to all sizes in turns."""
        answerer = bootstrap.build_answerer(self.settings, self.encoder)
        retriever = bootstrap.build_retriever(self.settings, self.encoder)
        depth = self.settings.retrieval_depth
        archives = {size: self.open(size) for size in sizes}
        spent: dict[int, list[list[tuple[float, float]]]] = {size: [] for size in sizes}
        for question in self.questions():
            query = self.encoder.encode_query(question)
            for size, archive in archives.items():
                calls: list[Callable[[Archive], object]] = [
                    lambda a: a.vectors.search(query, depth),  # noqa: B023 - they are called at once
                    lambda a: a.lexical.search(question, depth),  # noqa: B023
                    lambda a: retriever.retrieve(a, question, limit=8),  # noqa: B023
                    lambda a: answerer.ask(a, Question(question)),  # noqa: B023
                ]
                spent[size].append([timed(call, archive) for call in calls])
        found: dict[str, Any] = {}
        for size in sizes:
            (dense, words, retrieve, ask), (*_, clock) = np.percentile(spent[size], 50, axis=0).T.tolist()
            found[str(size)] = {
                "dense ms": dense,
                "words ms": words,
                "retrieve ms": retrieve,
                "ask CPU ms": ask,
                "ask p50 ms": clock,
                "ask p95 ms": float(np.percentile([calls[-1][1] for calls in spent[size]], 95)),
            }
        return found

    def recall(self, sizes: list[int]) -> dict[str, Any]:
        """Return how much of what exact search finds the index finds, alone and after fusion."""
        archive = self.open(sizes[0])
        path = next(self.place(sizes[0]).glob(f"generations/*/{VECTORS}"))
        exact: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        sure = replace(archive, vectors=FlatVectorIndex(exact))
        retriever = bootstrap.build_retriever(self.settings, self.encoder)
        shares = []
        for question in self.questions():
            query = self.encoder.encode_query(question)
            found, best = (a.vectors.search(query, 200).rows for a in (archive, sure))
            read, wanted = (
                [hit.row for hit in retriever.retrieve(a, question, limit=10).hits] for a in (archive, sure)
            )
            shares.append(
                [
                    np.isin(best[:10], found[:10]).mean(),
                    np.isin(best, found).mean(),
                    np.isin(wanted, read).mean(),
                ]
            )
        return dict(
            zip(("recall@10", "recall@200", "read alike"), np.mean(shares, axis=0).tolist(), strict=True)
        )


def timed(call: Callable[[Archive], object], archive: Archive) -> tuple[float, float]:
    """Return the CPU time and the clock's time of one call in milliseconds."""
    cpu, clock = time.process_time(), time.perf_counter()
    call(archive)
    return 1000 * (time.process_time() - cpu), 1000 * (time.perf_counter() - clock)


def resident() -> int:
    """Return the bytes of this process in memory, mapped files included."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def main() -> None:
    """Build what is not there yet, measure, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--inference", default="auto")
    parser.add_argument("--folder", type=Path, help="keeps the archives; a temporary folder otherwise")
    parser.add_argument("--step", choices=("build", "memory", "latency", "recall"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        print(json.dumps(getattr(Bench(given), given.step)(given.sizes)))
        return
    with tempfile.TemporaryDirectory(prefix="qa-growth-") as scratch:
        given.folder = given.folder or Path(scratch)
        print_table(measured(given))


def measured(given: argparse.Namespace) -> list[dict[str, Any]]:
    """Return a row for each size."""
    rows: list[dict[str, Any]] = []
    for size in sorted(given.sizes):
        row: dict[str, Any] = {"paragraphs": size}
        kept = given.folder / f"{size}.json"
        if not kept.exists():
            kept.write_text(json.dumps(run(given, "build", [size])), encoding="utf-8")
        row |= json.loads(kept.read_text(encoding="utf-8"))
        row |= run(given, "memory", [size]) | run(given, "recall", [size])
        rows.append(row)
    latencies = run(given, "latency", sorted(given.sizes))
    least = rows[0]
    for row in rows:
        row |= latencies[str(row["paragraphs"])]
        more = row["paragraphs"] - least["paragraphs"]
        row["memory B each"] = (row["resident"] - least["resident"]) / more if more else 0.0
        row["ask, times the first"] = row["ask p50 ms"] / latencies[str(least["paragraphs"])]["ask p50 ms"]
    return rows


def run(given: argparse.Namespace, step: str, sizes: list[int]) -> dict[str, Any]:
    """Run a step in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.growth", "--step", step, "--shared", str(given.shared)]
    command += [
        "--folder",
        str(given.folder),
        "--questions",
        str(given.questions),
        "--inference",
        given.inference,
    ]
    done = subprocess.run(
        [*command, "--sizes", *map(str, sizes)], stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f"{step} {sizes}: {found}", file=sys.stderr, flush=True)
    return found


def print_table(rows: list[dict[str, Any]]) -> None:
    """Print a Markdown table."""
    print(f"| {' | '.join(HEAD)} |\n{'|---' * len(HEAD)}|")
    for row in rows:
        cells = [f"{row[name]:,.4g}" if isinstance(row[name], float) else f"{row[name]}" for name in HEAD]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
