"""Measures memory and time of a large reindex: `python -m tests.bench.scale --shared ../shared --passages 50000`."""

import argparse
import gzip
import hashlib
import json
import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.protocols import LexicalIndex, Neighbours, VectorIndex
from embeddings.sentences import sentence_spans
from qa_service.archive import Backends
from qa_service.bootstrap import BACKENDS
from qa_service.chunking import ParagraphChunker
from qa_service.indexing import reindex
from tests.unit.index_building import HashEncoder

_PARAGRAPHS = 20  # of an article
_KIB, _MIB = 1024, 1 << 20


class FreeEncoder(HashEncoder):
    """Gives vectors that follow from the text's hash, in no time and without remembering any."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.dimension = dimension

    def encode_query(self, text: str) -> NDArray[np.float32]:
        drawn = np.frombuffer(hashlib.shake_128(text.encode()).digest(self.dimension), dtype=np.int8)
        vector = drawn.astype(np.float32) + np.float32(0.5)
        return vector / np.float32(np.linalg.norm(vector))

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self.encode_query(text) for text in texts])


@dataclass
class Stages:
    """Peak memory (MiB) and time (s) of each stage of a process, in order."""

    peaks: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    _name: str = "start"
    _began: float = field(default_factory=time.perf_counter)

    def begin(self, name: str) -> None:
        """End the present stage and begin another, unless it is that one already."""
        if name == self._name:
            return
        status = Path("/proc/self/status").read_text()
        peak = int(status.split("VmHWM:")[1].split()[0]) // _KIB
        self.peaks[self._name] = max(peak, self.peaks.get(self._name, 0))
        self.seconds[self._name] = self.seconds.get(self._name, 0.0) + time.perf_counter() - self._began
        self._name, self._began = name, time.perf_counter()
        Path("/proc/self/clear_refs").write_text("5")  # the peak is counted anew


@dataclass(frozen=True)
class _MarkedVectors:
    stages: Stages

    def build(self, blocks: Iterable[NDArray[np.float32]], dimension: int, path: Path) -> None:
        self.stages.begin("vectors")
        BACKENDS.vectors.build(blocks, dimension, path)
        self.stages.begin("after vectors")

    def load(self, path: Path) -> VectorIndex:
        return BACKENDS.vectors.load(path)


@dataclass(frozen=True)
class _MarkedLexical:
    """Marks the stage of the words; without them it writes next to nothing in their place."""

    stages: Stages
    words: bool

    def build(self, texts: Iterable[str], path: Path) -> None:
        self.stages.begin("words")
        if self.words:
            BACKENDS.lexical.build(texts, path)
        else:
            path.mkdir()
            (path / "size.json").write_text(str(sum(1 for _ in texts)))
        self.stages.begin("comparing vectors")

    def load(self, path: Path) -> LexicalIndex:
        if self.words:
            return BACKENDS.lexical.load(path)
        return _NoWords(int((path / "size.json").read_text()))


@dataclass(frozen=True)
class _NoWords:
    """A `LexicalIndex` that nothing can be found in, for what is opened once and never asked."""

    size: int

    def search(self, query: str, k: int, allowed: NDArray[np.bool_] | None = None) -> Neighbours:
        return Neighbours(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32))

    def scores(self, query: str, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        return np.zeros(len(rows), dtype=np.float32)

    def term_weights(self, text: str) -> dict[str, float]:
        return {}


def main() -> None:
    """Print a table of peak memory and time for each size and form, and the slope between the sizes."""
    given = _arguments()
    sentences = _sentences(given.shared)
    for form in given.forms:
        peaks: list[tuple[int, float]] = []
        for passages in given.passages:
            with tempfile.TemporaryDirectory(prefix="qa-scale-", dir=given.scratch) as scratch:
                folder = Path(scratch)
                write: Callable[[Path, Iterator[str]], Path] = _FORMS[form]
                source = write(folder, _articles(sentences, passages, given.sentences))
                for run in ("first", "again")[: 1 + given.again]:
                    if run == "again":
                        _change_one(source)
                    peak = _measure(source, folder / "data", given, f"{form}, {passages:,}, {run}")
                    if run == "first":
                        peaks.append((passages, peak))
        if len(peaks) > 1:
            (few, low), (many, high) = peaks[0], peaks[-1]
            vectors = 4 * given.dimension / _KIB
            slope = (high - low) * _KIB / (many - few)
            print(
                f"\n{form}: {slope:.2f} KiB of peak memory more for each passage, of which a vector is {vectors:.2f}\n"
            )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--passages", type=int, nargs="+", default=[50_000, 200_000, 500_000])
    parser.add_argument("--forms", nargs="+", choices=sorted(_FORMS), default=["jsonl"])
    parser.add_argument("--sentences", type=int, default=4, help="in each paragraph")
    parser.add_argument("--dimension", type=int, default=384)
    parser.add_argument("--no-words", dest="words", action="store_false", help="build no lexical index")
    parser.add_argument("--again", action="store_true", help="change one article and index once more")
    parser.add_argument("--scratch", type=Path, help="folder for sources and data; several GB")
    return parser.parse_args()


def _measure(source: Path, data_dir: Path, given: argparse.Namespace, label: str) -> float:
    """Reindex in a process of its own, print what it took and return its peak in MiB."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    child = context.Process(target=_index, args=(source, data_dir, given.dimension, given.words, there))
    child.start()
    there.close()
    try:
        told = here.recv()
    finally:
        child.join()
    stages = "; ".join(
        f"{name} {told['peaks'][name]:,} MiB {told['seconds'][name]:.0f} s" for name in told["peaks"]
    )
    print(
        f"{label}: peak {told['peak']:,} MiB (parser {told['parser']:,}), {told['s']:.0f} s,"
        f" {told['encoded']:,} encoded\n    {stages}",
        flush=True,
    )
    return float(told["peak"])


def _index(source: Path, data_dir: Path, dimension: int, words: bool, told: Connection) -> None:
    stages = Stages()
    began = time.perf_counter()
    report = reindex(
        [source],
        data_dir,
        encoder=FreeEncoder(dimension),
        chunker=ParagraphChunker(title=True),
        backends=Backends(_MarkedVectors(stages), _MarkedLexical(stages, words)),
        progress=lambda stage, done, total: stages.begin(stage),
    )
    stages.begin("end")
    told.send(
        {
            "peaks": stages.peaks,
            "seconds": stages.seconds,
            "peak": max(stages.peaks.values()),
            "parser": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // _KIB,
            "s": time.perf_counter() - began,
            "encoded": report.encoded,
        }
    )


def _sentences(shared: Path) -> list[str]:
    """Return the distinct sentences of squad_open in their order."""
    packed = (shared / "data" / "squad_open" / "articles.jsonl.gz").read_bytes()
    texts = (json.loads(line)["text"] for line in gzip.decompress(packed).decode().splitlines())
    paragraphs = (paragraph for text in texts for paragraph in text.split("\n\n"))
    return list(dict.fromkeys(p[s.start : s.end] for p in paragraphs for s in sentence_spans(p)))


def _articles(sentences: Sequence[str], passages: int, of_paragraph: int) -> Iterator[str]:
    chance = random.Random(6)
    for _ in range(passages // _PARAGRAPHS):
        drawn = (" ".join(chance.choices(sentences, k=of_paragraph)) for _ in range(_PARAGRAPHS))
        yield "\n\n".join(" ".join(paragraph.split()) for paragraph in drawn)


def _write_lines(folder: Path, articles: Iterator[str]) -> Path:
    path = folder / "articles.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(articles):
            file.write(json.dumps({"id": f"a{number:07}", "title": f"Story {number}", "text": text}) + "\n")
    return path


def _write_files(folder: Path, articles: Iterator[str]) -> Path:
    source = folder / "files"
    for number, text in enumerate(articles):
        path = source / f"{number // 1000:04}" / f"a{number:07}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"Story {number}\n\n{text}\n", encoding="utf-8")
    return source


_FORMS: dict[str, Callable[[Path, Iterator[str]], Path]] = {"jsonl": _write_lines, "txt": _write_files}


def _change_one(source: Path) -> None:
    """Change a word of one article."""
    if source.is_dir():
        first = min(source.rglob("*.txt"))
        first.write_text(first.read_text("utf-8").replace(" the ", " another ", 1), "utf-8")
        return
    whole = source.read_text("utf-8")
    source.write_text(whole.replace(" the ", " another ", 1), "utf-8")


if __name__ == "__main__":
    main()
