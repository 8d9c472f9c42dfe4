"""Measures ways to fuse both rankings: `python -m tests.bench.fusion --shared ../shared`."""

import argparse
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.encoder import SentenceTransformerEncoder
from embeddings.lexical_index import Bm25LexicalIndexBackend
from embeddings.protocols import Encoder
from qa_service.chunking import ParagraphChunker
from tests.bench.collection import (
    Collection,
    encoded,
    figures,
    gold_rows,
    load_nq,
    load_seed,
    load_squad,
    table_head,
    table_row,
)
from tests.bench.ranking import Fusion, alone_ranks, fused_ranks, lexical_scores, reciprocal_ranks

PAIR_WEIGHTS = (0.0, 0.3, 0.5, 0.8)


def main() -> None:
    """Print a table for each collection; squad_open also by halves of its articles."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument(
        "--cache", type=Path, default=Path("/tmp/qa-bench"), help="keeps vectors between runs"
    )
    given = parser.parse_args()
    encoder = SentenceTransformerEncoder()
    for load in (load_seed, load_squad, load_nq):
        measure(load(given.shared), encoder, given.cache)


def measure(collection: Collection, encoder: Encoder, cache: Path) -> None:
    """Print how each fusion ranks the collection's paragraphs."""
    first = collection.first_half
    print(f"\n{collection.name}: {len(collection.questions)} questions\n")
    print(table_head(["pairs", "fusion"], ["R@1 first half", "R@1 other half"] if first.any() else []))
    passages = [p for a in collection.articles for p in ParagraphChunker().chunk(a)]
    texts = [p.text for p in passages]
    gold = gold_rows(collection, [(p.article_id, p.main) for p in passages])
    queries = encoded(encoder, collection.questions, cache)
    dense = queries @ encoded(encoder, texts, cache).T
    for weight in PAIR_WEIGHTS:
        lexical = lexical_scores(texts, collection.questions, Bm25LexicalIndexBackend(weight))
        rankings = {"dense alone": alone_ranks(dense, gold)} if not weight else {}
        rankings["lexical alone"] = alone_ranks(lexical, gold)
        for name, fusion in fusions():
            rankings[name] = fused_ranks(dense, lexical, gold, fusion)
        for name, ranks in rankings.items():
            halves = [float((ranks[half] < 1).mean()) for half in (first, ~first) if first.any()]
            print(table_row([f"{weight:g}", name], [*figures(ranks), *halves]), flush=True)


def fusions() -> Iterator[tuple[str, Fusion]]:
    """Yield each way to fuse."""
    yield "reciprocal ranks", reciprocal_ranks
    for weight in (0.5, 0.55, 0.6, 0.65, 0.7):
        yield f"{weight:g} z + {1 - weight:g} z", partial(_convex, standardised, weight)
    for weight in (0.5, 0.6, 0.7):
        yield f"{weight:g} min-max + {1 - weight:g} min-max", partial(_convex, stretched, weight)
    for weight in (0.6, 0.7, 0.8):
        yield (
            f"{weight:g} cosine + {1 - weight:g} BM25 / 10",
            partial(_convex, lambda scores: scores, weight, unit=10.0),
        )


def standardised(scores: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return `scores` with mean 0 and deviation 1."""
    return (scores - scores.mean()) / max(float(scores.std()), 1e-6)


def stretched(scores: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return `scores` between 0 and 1."""
    return (scores - scores.min()) / max(float(scores.max() - scores.min()), 1e-6)


def _convex(scale, weight, dense, lexical, unit=1.0):  # type: ignore[no-untyped-def]
    return weight * scale(dense) + (1 - weight) * scale(lexical / unit)


if __name__ == "__main__":
    main()
