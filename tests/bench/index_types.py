"""Compares ways to search vectors: `python -m tests.bench.index_types --shared ../shared --size 100000`.

Each gives 300 candidates, which the exact vectors rank, as the service does. One thread; CPU times.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from embeddings.protocols import Encoder
from qa_service import bootstrap
from qa_service.settings import Settings
from tests.bench.collection import load_squad
from tests.bench.grown_archive import GrownArchive, Sentences

_faiss: Any = faiss
CANDIDATES, DEPTH = 300, 200
Search = Callable[[NDArray[np.float32]], NDArray[np.int64]]


def main() -> None:
    """Print a row for each type and setting."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="keeps the sentences' vectors")
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--inference", default="auto")
    given = parser.parse_args()
    _faiss.omp_set_num_threads(1)
    encoder = bootstrap.load_encoder(Settings(data_dir=given.folder, inference=given.inference))
    vectors, queries = material(given, encoder)
    best = [np.argsort(-(vectors @ query), kind="stable")[:DEPTH] for query in queries]
    print(
        "| type | build s | B each | ms a search | recall@10 | recall@200 |\n|---|---|---|---|---|---|",
        flush=True,
    )
    for name, build_s, size, search in searches(vectors):
        spent, shares = [], []
        for query, wanted in zip(queries, best, strict=True):
            started = time.process_time()
            rows = search(query[None])
            spent.append(1000 * (time.process_time() - started))
            found = rows[np.argsort(-(vectors[rows] @ query), kind="stable")]
            shares.append([np.isin(wanted[:10], found[:10]).mean(), np.isin(wanted, found[:DEPTH]).mean()])
        near, far = np.mean(shares, axis=0)
        cells = [f"{build_s:.1f}", f"{size:,.0f}", f"{np.median(spent):.2f}", f"{near:.4f}", f"{far:.4f}"]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def material(
    given: argparse.Namespace, encoder: Encoder
) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
    """Return the archive's vectors and the questions'."""
    collection = load_squad(given.shared)
    sentences = Sentences.of(collection, encoder, given.folder / "sentences")
    vectors = np.concatenate(list(GrownArchive(sentences, given.size).vectors()))
    step = len(collection.questions) // given.questions
    return vectors, [encoder.encode_query(q) for q in collection.questions[::step][: given.questions]]


def searches(vectors: NDArray[np.float32]) -> Iterator[tuple[str, float, float, Search]]:
    """Yield name, seconds to build, bytes a row and search of each type and setting."""
    rows, dimension = vectors.shape
    lists = 3 * int(rows**0.5)
    eight_bits, product = faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    centres = [faiss.IndexFlatIP(dimension) for _ in range(2)]  # the caller keeps them
    kinds: list[tuple[str, Any, list[Any]]] = [
        ("exact", faiss.IndexFlatIP(dimension), [None]),
        ("8 bits, every row", faiss.IndexScalarQuantizer(dimension, eight_bits, product), [None]),
        (
            f"{lists} lists, 8 bits",
            faiss.IndexIVFScalarQuantizer(centres[0], dimension, lists, eight_bits, product, False),
            [_faiss.SearchParametersIVF(nprobe=probes) for probes in (32, 64, 128, 256)],
        ),
        (
            f"{lists} lists, product quantiser of 96 bytes",
            faiss.IndexIVFPQ(centres[1], dimension, lists, 96, 8, product),
            [_faiss.SearchParametersIVF(nprobe=probes) for probes in (64, 128)],
        ),
        (
            "graph of 32 links, 8 bits",
            faiss.IndexHNSWSQ(dimension, eight_bits, 32, product),
            [_faiss.SearchParametersHNSW(efSearch=width) for width in (300, 600)],
        ),
    ]
    for name, index, settings in kinds:
        if hasattr(index, "cp"):
            index.cp.max_points_per_centroid = 40
        started = time.process_time()
        index.train(vectors[:: max(1, rows // (40 * lists))])
        index.add(vectors)
        spent, size = time.process_time() - started, len(_faiss.serialize_index(index)) / rows
        for one in settings:
            search = _search(index, one)
            yield f"{name}{_said(one)}", spent, size, search


def _search(index: Any, parameters: Any) -> Search:
    def search(query: NDArray[np.float32]) -> NDArray[np.int64]:
        rows: NDArray[np.int64] = index.search(query, CANDIDATES, params=parameters)[1][0]
        return rows[rows >= 0]

    return search


def _said(parameters: Any) -> str:
    for name, words in (("nprobe", "looked through"), ("efSearch", "wide")):
        if hasattr(parameters, name):
            return f", {getattr(parameters, name)} {words}"
    return ""


if __name__ == "__main__":
    main()
