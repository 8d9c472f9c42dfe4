"""Rankings of whole collections: every question against every passage, as the retriever would rank them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from embeddings.lexical_index import Bm25LexicalIndexBackend
from embeddings.protocols import LexicalIndexBackend
from tests.bench.collection import best_rank

DEPTH = 200
Fusion = Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.floating]]


def lexical_scores(
    texts: Sequence[str], questions: Sequence[str], backend: LexicalIndexBackend | None = None
) -> NDArray[np.float32]:
    """Return the BM25 score of every text for every question, shape (questions, texts)."""
    with TemporaryDirectory() as scratch:
        path = Path(scratch) / "lexical"
        backend = backend or Bm25LexicalIndexBackend()
        backend.build(texts, path)
        index = backend.load(path)
        rows = np.arange(len(texts), dtype=np.int64)
        return np.stack([index.scores(question, rows) for question in questions])


def fused_ranks(
    dense: NDArray[np.float32],
    lexical: NDArray[np.float32],
    gold: Sequence[NDArray[np.int64]],
    fusion: Fusion,
    depth: int = DEPTH,
) -> NDArray[np.int64]:
    """Return the best rank, from 0, of a gold row for each question; candidates are both rankings' first `depth`."""
    ranks = []
    for cosines, words, rows in zip(dense, lexical, gold, strict=True):
        candidates = np.union1d(_top(cosines, depth), _top(words, depth, above=0.0))
        scores = np.full(len(cosines), -np.inf)
        scores[candidates] = fusion(cosines[candidates], words[candidates])
        found = np.intersect1d(rows, candidates)
        ranks.append(best_rank(scores, found))
    return np.array(ranks)


def alone_ranks(scores: NDArray[np.float32], gold: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return the best rank, from 0, of a gold row for each question by one ranking alone."""
    return np.array([best_rank(row, rows) for row, rows in zip(scores, gold, strict=True)])


def reciprocal_ranks(dense: NDArray[np.float32], lexical: NDArray[np.float32]) -> NDArray[np.floating]:
    """Fuse by ranks. Source: Cormack, Clarke and Büttcher, "Reciprocal rank fusion", SIGIR 2009, with k = 60."""
    places = [(-scores).argsort(kind="stable").argsort() for scores in (dense, lexical)]
    return sum(1.0 / (61.0 + place) for place in places)  # type: ignore[return-value]


def _top(scores: NDArray[np.float32], depth: int, above: float = -np.inf) -> NDArray[np.int64]:
    rows = np.argsort(-scores, kind="stable")[:depth]
    return rows[scores[rows] > above]
