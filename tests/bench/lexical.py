"""Measures lexical engines: `python -m tests.bench.lexical --shared ../shared`.

Quality on the development collections, then cost on them and on 200,000 paragraphs made by recombining
their sentences. Each cost is measured in a process of its own; times are CPU times, which other work on
the machine does not stretch.
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.encoder import SentenceTransformerEncoder
from embeddings.sentences import sentence_spans
from qa_service.chunking import ParagraphChunker
from qa_service.fusion import fuse
from tests.bench.collection import (
    Collection,
    encoded,
    figures,
    gold_rows,
    load_seed,
    load_squad,
    table_head,
    table_row,
)
from tests.bench.lexical_engines import Engine, engines
from tests.bench.ranking import alone_ranks, fused_ranks

QUERIES = 500
DEPTH = 200


def main() -> None:
    """Print the table of quality, then the table of cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument(
        "--cache", type=Path, default=Path("/tmp/qa-bench"), help="keeps vectors between runs"
    )
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        step, name, folder = given.step
        print(json.dumps(STEPS[step](engines()[name], Path(folder))))
        return
    collections = [load_seed(given.shared), load_squad(given.shared)]
    for collection in collections:
        quality(collection, given.cache)
    texts = [text for collection in collections for text in passages(collection)]
    questions = collections[1].questions[:QUERIES]
    for few_or_many in (texts, recombined(texts, 200_000)):
        print_costs(few_or_many, questions, given.shared)


def quality(collection: Collection, cache: Path) -> None:
    """Print how each engine ranks the collection alone and fused."""
    print(f"\n{collection.name}\n\n{table_head(['engine', 'ranking'])}")
    encoder = SentenceTransformerEncoder()
    chunks = [p for a in collection.articles for p in ParagraphChunker().chunk(a)]
    texts, gold = [p.text for p in chunks], gold_rows(collection, [(p.article_id, p.main) for p in chunks])
    dense = encoded(encoder, collection.questions, cache) @ encoded(encoder, texts, cache).T
    for name, engine in engines().items():
        lexical = all_scores(engine, texts, collection.questions)
        print(table_row([name, "alone"], figures(alone_ranks(lexical, gold))))
        print(table_row([name, "fused"], figures(fused_ranks(dense, lexical, gold, fuse))), flush=True)


def all_scores(engine: Engine, texts: Sequence[str], questions: Sequence[str]) -> NDArray[np.float32]:
    """Return the score of every text for every question, shape (questions, texts)."""
    scores = np.zeros((len(questions), len(texts)), dtype=np.float32)
    with tempfile.TemporaryDirectory() as scratch:
        engine.build(texts, Path(scratch) / "index")
        engine.open(Path(scratch) / "index")
        for i, question in enumerate(questions):
            for row, score in engine.search(question, len(texts)):
                scores[i, row] = score
    return scores


def passages(collection: Collection) -> list[str]:
    """Return the texts of the collection's passages."""
    return [p.text for a in collection.articles for p in ParagraphChunker().chunk(a)]


def recombined(texts: Sequence[str], count: int) -> list[str]:
    """Return `count` paragraphs of one to six sentences drawn from `texts`, the same ones each time."""
    draw = random.Random(7)
    sentences = [text[s.start : s.end] for text in texts for s in sentence_spans(text)]
    return [" ".join(draw.choices(sentences, k=draw.randint(1, 6))) for _ in range(count)]


def print_costs(texts: Sequence[str], questions: Sequence[str], shared: Path) -> None:
    """Print what each engine costs on `texts`."""
    print(f"\n{len(texts)} paragraphs, {sum(map(len, texts)) / len(texts):.0f} characters on average\n")
    print(
        "| engine | build s | size MB | open s | p50 ms | p95 ms | memory MB |\n|---|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
        (folder / "questions.json").write_text(json.dumps(questions), encoding="utf-8")
        for name in engines():
            spent = []
            for step in STEPS:
                command = [
                    sys.executable,
                    "-m",
                    "tests.bench.lexical",
                    "--shared",
                    str(shared),
                    "--step",
                    step,
                ]
                done = subprocess.run(
                    [*command, name, scratch], stdout=subprocess.PIPE, text=True, check=True
                )
                spent += json.loads(done.stdout)
            print(f"| {name} | " + " | ".join(f"{v:.3g}" for v in spent) + " |", flush=True)
            shutil.rmtree(folder / "index")


def build_cost(engine: Engine, folder: Path) -> list[float]:
    """Return the seconds to build and the megabytes on disk."""
    texts = json.loads((folder / "texts.json").read_text("utf-8"))
    started = time.process_time()
    engine.build(texts, folder / "index")
    spent = time.process_time() - started
    return [spent, sum(f.stat().st_size for f in (folder / "index").rglob("*") if f.is_file()) / 1e6]


def use_cost(engine: Engine, folder: Path) -> list[float]:
    """Return the seconds to open, p50 and p95 of a search in ms, and the megabytes that opening and searching add."""
    questions = json.loads((folder / "questions.json").read_text("utf-8"))
    before, started = resident(), time.process_time()
    engine.open(folder / "index")
    opened, spent = time.process_time() - started, []
    for question in questions:
        started = time.process_time()
        engine.search(question, DEPTH)
        spent.append(1000 * (time.process_time() - started))
    p50, p95 = np.percentile(spent, [50, 95])
    return [opened, float(p50), float(p95), (resident() - before) / 1e6]


STEPS = {"build": build_cost, "use": use_cost}


def resident() -> int:
    """Return the bytes of this process in memory, mapped files included."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


if __name__ == "__main__":
    main()
