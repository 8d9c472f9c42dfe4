"""BM25 over the words of texts, in a folder of memory-mapped arrays."""

from collections.abc import Iterable
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray

from embeddings.protocols import Neighbours
from embeddings.terms import terms

# Anserini's defaults, tuned on newswire and web passages. Source: Lin et al., "Pyserini", SIGIR 2021.
K1, B = 0.9, 0.4


class Bm25LexicalIndex:
    """A `LexicalIndex` whose scores were computed when it was built; many threads may search at once."""

    def __init__(self, index: bm25s.BM25) -> None:
        self._index = index
        self._size = int(index.scores["num_docs"])
        frequencies = np.diff(index.scores["indptr"])
        self._idf = np.log1p((self._size - frequencies + 0.5) / (frequencies + 0.5))
        self._highest = float(np.log1p((self._size + 0.5) / 0.5))

    @property
    def size(self) -> int:
        """Number of rows."""
        return self._size

    def search(self, query: str, k: int, allowed: NDArray[np.bool_] | None = None) -> Neighbours:
        """Return the at most `k` rows that share words with `query`, best BM25 score first.

        Args:
            allowed: shape (size,); rows that are False are left out. None allows all.

        Returns:
            Rows that score above 0. Equal scores keep the lower row first.
        """
        scores = self._all_scores(query)
        if allowed is not None:
            scores = np.where(allowed, scores, np.float32(0))
        rows = np.flatnonzero(scores)
        if len(rows) > k:
            # Every row that ties with the k-th stays until ties are parted by row number.
            cut = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
            rows = rows[scores[rows] >= cut]
        order = np.lexsort((rows, -scores[rows]))[:k]
        return Neighbours(rows[order], scores[rows[order]])

    def scores(self, query: str, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the BM25 score of each of `rows` for `query`, shape (len(rows),)."""
        return self._all_scores(query)[rows]

    def term_weights(self, text: str) -> dict[str, float]:
        """Return the index terms of `text` with their inverse document frequencies; a term the index lacks gets the highest."""
        numbers = self._index.vocab_dict
        return {
            term: float(self._idf[numbers[term]]) if term in numbers else self._highest for term in terms(text)
        }

    def _all_scores(self, query: str) -> NDArray[np.float32]:
        known = self._index.get_tokens_ids(list(dict.fromkeys(terms(query))))
        scores: NDArray[np.float32] = self._index.get_scores_from_ids(known)
        return scores


class Bm25LexicalIndexBackend:
    """A `LexicalIndexBackend` on bm25s: arrays as .npy, the vocabulary and settings as JSON; nothing is pickled."""

    def build(self, texts: Iterable[str], path: Path) -> None:
        """Write the index of `texts`, row by row in order, to the new folder `path`; equal texts give equal bytes."""
        # bm25s numbers words in the order of a set, which differs from run to run; numbered here, they stay.
        numbers: dict[str, int] = {"": 0}
        rows = [[numbers.setdefault(term, len(numbers)) for term in terms(text)] for text in texts]
        index = bm25s.BM25(k1=K1, b=B, method="lucene")
        index.index((rows or [[]], numbers), show_progress=False)
        index.scores["num_docs"] = len(rows)
        index.save(path, show_progress=False)

    def load(self, path: Path) -> Bm25LexicalIndex:
        """Open the index stored in the folder `path`; its arrays stay on disk and are read as needed."""
        return Bm25LexicalIndex(bm25s.BM25.load(path, mmap=True, allow_pickle=False, show_progress=False))
