"""Retrieval as the service does it, over texts in memory: cosines and BM25, brought to one scale and added."""

from collections.abc import Sequence

import bm25s
import numpy as np
from numpy.typing import NDArray

from embeddings.lexical_index import K1, B
from embeddings.protocols import Encoder
from embeddings.terms import terms

DENSE_SHARE = 0.55
DEPTH = 200
FloatArray = NDArray[np.float32]


class FusedRetriever:
    """Scores passages for questions; without an encoder by BM25 alone."""

    def __init__(self, encoder: Encoder | None, passages: Sequence[str]) -> None:
        self._encoder = encoder
        self._size = len(passages)
        self._vectors = encoder.encode_documents(passages) if encoder else None
        self._numbers: dict[str, int] = {"": 0}
        rows = [[self._numbers.setdefault(t, len(self._numbers)) for t in terms(text)] for text in passages]
        self._bm25 = bm25s.BM25(k1=K1, b=B, method="lucene")
        self._bm25.index((rows, self._numbers), show_progress=False)

    def scores(self, question: str) -> tuple[FloatArray, FloatArray]:
        """Return the cosine (0 without an encoder) and the BM25 score of every passage, each of shape (n,)."""
        known = [self._numbers[t] for t in dict.fromkeys(terms(question)) if t in self._numbers]
        words = self._bm25.get_scores_from_ids(known) if known else np.zeros(self._size)
        if self._encoder is None or self._vectors is None:
            return np.zeros(self._size, dtype=np.float32), np.asarray(words, dtype=np.float32)
        return self._vectors @ self._encoder.encode_query(question), np.asarray(words, dtype=np.float32)

    def best(self, question: str, k: int) -> tuple[NDArray[np.int64], FloatArray, FloatArray]:
        """Return rows, fused scores and cosines of the `k` best passages, best first."""
        dense, words = self.scores(question)
        put_up = [np.argsort(-scores, kind="stable")[:DEPTH] for scores in (dense, words)]
        rows = np.union1d(put_up[0], put_up[1][words[put_up[1]] > 0]) if self._encoder else put_up[1]
        fused = DENSE_SHARE * standardised(dense[rows]) + (1 - DENSE_SHARE) * standardised(words[rows])
        order = np.lexsort((rows, -fused))[:k]
        return rows[order], fused[order], dense[rows[order]]


def standardised(scores: FloatArray) -> FloatArray:
    """Return `scores` with mean 0 and deviation 1, all 0 where they are equal."""
    deviation = scores.std()
    return (scores - scores.mean()) / deviation if deviation > 1e-6 else np.zeros_like(scores)
