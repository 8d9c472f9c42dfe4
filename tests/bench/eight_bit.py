"""The models with 8-bit products beside float32: `python -m tests.bench.eight_bit --shared ../shared`.

Encoder: cosines, speed, and the ranking of squad_open's dev questions after fusion, questions and index in either
numbers. Reader: the same best span, and how far apart relevance is, on questions of the calibration articles.
"""

import argparse
import random
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.encoder import SentenceTransformerEncoder
from embeddings.protocols import Encoder, Reader
from embeddings.reader import CrossEncoderReader
from embeddings.training.examples import read_splits
from qa_service import bootstrap
from qa_service.fusion import fuse
from qa_service.settings import Settings
from tests.bench.collection import Collection, figures, gold_rows, load_squad, table_head, table_row
from tests.bench.ranking import fused_ranks, lexical_scores

BLOCK = 32


def main() -> None:
    """Export, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("-n", type=int, help="questions for the ranking (default: all)")
    parser.add_argument("--read", type=int, default=60, help="questions for the reader, two paragraphs each")
    given = parser.parse_args()
    collection = load_squad(given.shared)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), inference="onnx")
        measure_reader(collection, bootstrap.load_reader(settings)[0], given.read)
        measure_encoder(collection, bootstrap.load_encoder(settings), given.n or len(collection.questions))


def measure_encoder(collection: Collection, eight: Encoder, count: int) -> None:
    """Print cosines and speed, block by block in turns, and the rankings."""
    single = SentenceTransformerEncoder()
    texts = [p.text for a in collection.articles for p in a.paragraphs if p.kind.value == "body"]
    mains = [
        (a.article_id, p.ordinal) for a in collection.articles for p in a.paragraphs if p.kind.value == "body"
    ]
    chosen = random.Random(4).sample(range(len(collection.questions)), count)
    questions = [collection.questions[i] for i in chosen]
    vectors, seconds = in_turns({"float32": single, "int8": eight}, texts)
    cosines = (vectors["float32"] * vectors["int8"]).sum(axis=1)
    print(
        f"{len(texts)} paragraphs: cosine to float32 {cosines.mean():.4f} in the mean, {cosines.min():.4f} at least"
    )
    print(
        f"int8 encodes {seconds['float32'] / seconds['int8']:.2f} times as fast as float32 in sorted batches"
    )
    asked, _ = in_turns({"float32": single, "int8": eight}, questions)
    words, every = lexical_scores(texts, questions), gold_rows(collection, mains)
    gold = [every[i] for i in chosen]
    print(table_head(("questions", "index")))
    for question in ("float32", "int8"):
        for index in ("float32", "int8"):
            ranks = fused_ranks(asked[question] @ vectors[index].T, words, gold, fuse)
            print(table_row((question, index), figures(ranks)))


def in_turns(
    encoders: dict[str, Encoder], texts: list[str]
) -> tuple[dict[str, NDArray[np.float32]], dict[str, float]]:
    """Return each encoder's vectors of `texts` and its seconds; they take turns, so that load falls on all."""
    vectors: dict[str, list[NDArray[np.float32]]] = {name: [] for name in encoders}
    seconds = dict.fromkeys(encoders, 0.0)
    for begin in range(0, len(texts), BLOCK):
        for name, encoder in encoders.items():
            began = time.perf_counter()
            vectors[name].append(encoder.encode_documents(texts[begin : begin + BLOCK]))
            seconds[name] += time.perf_counter() - began
    return {name: np.concatenate(parts) for name, parts in vectors.items()}, seconds


def measure_reader(collection: Collection, eight: Reader, count: int) -> None:
    """Print how often both mark the same words, and how far apart relevance and time are."""
    single, articles = CrossEncoderReader(), read_splits()["calibrate"]
    asked = [i for i, group in enumerate(collection.groups) if group in articles]
    same, apart, seconds = [], [], {"float32": 0.0, "int8": 0.0}
    texts = {(a.article_id, p.ordinal): (a, p) for a in collection.articles for p in a.paragraphs}
    for i in random.Random(2).sample(asked, count):
        article, paragraph = texts[next(iter(collection.gold[i]))]
        bodies = [p for p in article.paragraphs if p.kind.value == "body"]
        place = bodies.index(paragraph)
        shown = bodies[max(0, place - 1) : place + 1]
        before = [bodies[bodies.index(p) - 1].text if bodies.index(p) else "" for p in shown]
        readings = {}
        for name, reader in (("float32", single), ("int8", eight)):
            began = time.perf_counter()
            readings[name] = reader.read(collection.questions[i], [p.text for p in shown], before)
            seconds[name] += time.perf_counter() - began
        for one, other in zip(readings["float32"], readings["int8"], strict=True):
            same.append(one.span == other.span)
            apart.append(abs(one.relevance - other.relevance))
    print(
        f"{len(same)} pairs read: same span {np.mean(same):.3f}, relevance apart by {np.mean(apart):.3f} in the mean, "
        f"{max(apart):.2f} at most; int8 takes {seconds['int8'] / seconds['float32']:.2f} of the time"
    )


if __name__ == "__main__":
    main()
