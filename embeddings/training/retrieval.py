"""Retrieval as the service does it, over texts in memory: cosines and BM25, brought to one scale and added."""

import shutil
import tempfile
import weakref
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.lexical_index import Bm25LexicalIndexBackend
from embeddings.protocols import Encoder

# The service's own share and depth (qa_service/fusion.py, settings), which this package may not import.
DENSE_SHARE = 0.6
DEPTH = 200
FloatArray = NDArray[np.float32]


class FusedRetriever:
    """Ranks passages for questions; without an encoder by BM25 alone."""

    def __init__(self, encoder: Encoder | None, passages: Sequence[str]) -> None:
        self._encoder = encoder
        self._vectors = encoder.encode_documents(passages) if encoder else None
        folder = tempfile.mkdtemp()
        weakref.finalize(
            self, shutil.rmtree, folder, ignore_errors=True
        )  # the index is mapped from files there
        path = Path(folder) / "lexical"
        backend = Bm25LexicalIndexBackend()
        backend.build(passages, path)
        self._lexical = backend.load(path)

    def best(
        self, question: str, k: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.int64], FloatArray, FloatArray]:
        """Return rows, fused scores and cosines (0 without an encoder) of the `k` best passages, best first.

        Args:
            allowed: shape (passages,); rows that are False are left out. None allows all.
        """
        rows = self._lexical.search(question, DEPTH, allowed).rows
        dense = np.zeros(self._lexical.size, dtype=np.float32)
        if self._encoder is not None and self._vectors is not None:
            dense = self._vectors @ self._encoder.encode_query(question)
            ranked = np.argsort(-dense, kind="stable")
            rows = np.union1d(rows, ranked[:DEPTH] if allowed is None else ranked[allowed[ranked]][:DEPTH])
        words = self._lexical.scores(question, rows)
        fused = DENSE_SHARE * standardised(dense[rows]) + (1 - DENSE_SHARE) * standardised(words)
        order = np.lexsort((rows, -fused))[:k]
        return rows[order], fused[order], dense[rows[order]]


def standardised(scores: FloatArray) -> FloatArray:
    """Return `scores` with mean 0 and deviation 1, all 0 where they are equal."""
    deviation = scores.std() if scores.size else 0.0
    return (scores - scores.mean()) / deviation if deviation > 1e-6 else np.zeros_like(scores)
