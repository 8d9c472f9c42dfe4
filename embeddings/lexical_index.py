"""BM25 over the words of texts, in a folder of memory-mapped arrays."""

import json
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.protocols import Neighbours
from embeddings.terms import TERMS_VERSION, terms

# Anserini's defaults. Source: Lin et al., "Pyserini", SIGIR 2021.
K1, B = 0.9, 0.4
# What two words that follow each other count beside the words themselves; docs/RETRIEVAL.md has the table.
# Source: Metzler and Croft, "A Markov Random Field Model for Term Dependencies", SIGIR 2005.
PAIR_WEIGHT = 0.5

FORMAT = 1
_ARRAYS = ("pairs", "starts", "rows", "impacts")


@dataclass(frozen=True, slots=True)
class Postings:
    """What each feature adds to which row; a feature is a term, or a pair of terms that follow each other.

    Attributes:
        pairs: the keys of all pairs, ascending; pair p is feature `terms + p`.
        starts: shape (features + 1,); feature f has the postings `starts[f]` up to `starts[f + 1]`.
        rows: the row of each posting, ascending within a feature.
        impacts: what each posting adds to the row's score.
    """

    pairs: NDArray[np.int64]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    impacts: NDArray[np.float32]


class Bm25LexicalIndex:
    """A `LexicalIndex` whose scores were computed when it was built; many threads may search at once.

    Args:
        size: number of rows.
        numbers: the feature number of each term.
    """

    def __init__(self, size: int, numbers: dict[str, int], postings: Postings) -> None:
        self._size, self._numbers, self._postings = size, numbers, postings

    @property
    def size(self) -> int:
        """Number of rows."""
        return self._size

    def search(self, query: str, k: int, allowed: NDArray[np.bool_] | None = None) -> Neighbours:
        """Return the at most `k` rows that share words with `query`, best BM25 score first.

        Args:
            query: any text; a word that stands in it twice counts once.
            k: upper bound, at least 1.
            allowed: shape (size,); rows that are False are left out. None allows all.

        Returns:
            Rows that score above 0. Equal scores keep the lower row first.
        """
        scores = np.zeros(self._size, dtype=np.float32)
        for part in self._parts(query):
            scores[self._postings.rows[part]] += self._postings.impacts[part]
        if allowed is not None:
            scores[~allowed] = 0
        rows = np.flatnonzero(scores)
        found = scores[rows]
        if len(rows) > k:
            # Every row that ties with the k-th stays until ties are parted by row number.
            kept = found >= np.partition(found, len(rows) - k)[len(rows) - k]
            rows, found = rows[kept], found[kept]
        order = np.lexsort((rows, -found))[:k]
        return Neighbours(rows[order], found[order])

    def scores(self, query: str, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the BM25 score of each of `rows` for `query`, shape (len(rows),)."""
        scores = np.zeros(len(rows), dtype=np.float32)
        for part in self._parts(query):
            holders = self._postings.rows[part]
            places = np.searchsorted(holders, rows)
            holds = holders[np.minimum(places, len(holders) - 1)] == rows
            scores[holds] += self._postings.impacts[part][places[holds]]
        return scores

    def term_weights(self, text: str) -> dict[str, float]:
        """Return the index terms of `text` with their inverse document frequencies.

        A term that the index lacks gets the highest weight that any term can have.
        """
        found = list(dict.fromkeys(terms(text)))
        starts, numbers = self._postings.starts, (self._numbers.get(term) for term in found)
        counts = [0 if n is None else int(starts[n + 1] - starts[n]) for n in numbers]
        weights = _inverse_frequency(np.array(counts, dtype=np.int64), self._size)
        return dict(zip(found, weights.tolist(), strict=True))

    def _parts(self, query: str) -> list[slice]:
        """Return where the postings of the query's terms and pairs lie, in a fixed order."""
        numbers = [self._numbers.get(term) for term in terms(query)]
        features = [n for n in dict.fromkeys(numbers) if n is not None]
        keys = [
            left * len(self._numbers) + right
            for left, right in pairwise(numbers)
            if left is not None and right is not None
        ]
        pairs = self._postings.pairs
        for key in dict.fromkeys(keys):
            place = int(np.searchsorted(pairs, key))
            if place < len(pairs) and pairs[place] == key:
                features.append(len(self._numbers) + place)
        return [slice(int(self._postings.starts[f]), int(self._postings.starts[f + 1])) for f in features]


class Bm25LexicalIndexBackend:
    """A `LexicalIndexBackend` of plain arrays (.npy) and JSON; nothing is pickled.

    Args:
        pair_weight: what a pair counts beside a term; 0 leaves pairs out.

    Scores are computed when the index is built, so that a search adds up a few arrays.
    Source: Lù, "BM25S: Orders of magnitude faster lexical search via eager sparse scoring", 2024.
    """

    def __init__(self, pair_weight: float = PAIR_WEIGHT) -> None:
        self._pair_weight = pair_weight

    def build(self, texts: Iterable[str], path: Path) -> None:
        """Write the index of `texts`, row by row in order, to the new folder `path`; equal texts give equal bytes."""
        numbers: dict[str, int] = {}
        found, lengths = array("i"), array("i")
        for text in texts:
            words = [numbers.setdefault(term, len(numbers)) for term in terms(text)]
            found.extend(words)
            lengths.append(len(words))
        postings = _index(np.array(found), np.array(lengths), len(numbers), self._pair_weight)
        path.mkdir(parents=True)
        for name in _ARRAYS:
            np.save(path / f"{name}.npy", getattr(postings, name), allow_pickle=False)
        settings = {"format": FORMAT, "terms_version": TERMS_VERSION, "k1": K1, "b": B}
        settings |= {"pair_weight": self._pair_weight, "size": len(lengths)}
        (path / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
        (path / "terms.json").write_text(json.dumps(list(numbers), ensure_ascii=False), encoding="utf-8")

    def load(self, path: Path) -> Bm25LexicalIndex:
        """Open the index stored in the folder `path`; its arrays stay on disk and are read as needed.

        Raises:
            ValueError: the index was written in another format or its texts were cut into other words.
        """
        settings = json.loads((path / "settings.json").read_text(encoding="utf-8"))
        written = settings["format"], settings["terms_version"]
        if written != (FORMAT, TERMS_VERSION):
            raise ValueError(
                f"The lexical index {path} has the format and terms version {written}, this program reads "
                f"{(FORMAT, TERMS_VERSION)}. Reindex the archive."
            )
        numbers = {t: n for n, t in enumerate(json.loads((path / "terms.json").read_text(encoding="utf-8")))}
        arrays = {name: np.load(path / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in _ARRAYS}
        return Bm25LexicalIndex(settings["size"], numbers, Postings(**arrays))


def _index(
    found: NDArray[np.int32], lengths: NDArray[np.int32], term_count: int, pair_weight: float
) -> Postings:
    """Return the postings from the terms of all texts, one text after another, and the texts' lengths."""
    rows = np.repeat(np.arange(len(lengths)), lengths)
    starts, holders, impacts = _bm25(found.astype(np.int64), rows, lengths, term_count)
    together = (rows[:-1] == rows[1:]) & (pair_weight > 0)
    keys = found[:-1][together].astype(np.int64) * term_count + found[1:][together]
    pairs, features = np.unique(keys, return_inverse=True)
    pair_lengths = np.maximum(lengths - 1, 0)
    more, pair_holders, pair_impacts = _bm25(features, rows[:-1][together], pair_lengths, len(pairs))
    return Postings(
        pairs,
        np.concatenate([starts, starts[-1] + more[1:]]),
        np.concatenate([holders, pair_holders]),
        np.concatenate([impacts, pair_weight * pair_impacts]).astype(np.float32),
    )


def _bm25(
    features: NDArray[np.int64], rows: NDArray[np.int64], lengths: NDArray[np.int32], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    """Return `starts`, `rows` and `impacts` of the features 0 to `count` - 1, which stand in `rows`."""
    size = len(lengths)
    keys, repeats = np.unique(features * max(1, size) + rows, return_counts=True)
    feature, holders = np.divmod(keys, max(1, size))
    frequencies = np.bincount(feature, minlength=count)
    average = max(1.0, float(lengths.mean())) if size else 1.0
    damping = K1 * (1 - B + B * lengths / average)
    impacts = _inverse_frequency(frequencies, size)[feature] * repeats / (repeats + damping[holders])
    starts = np.concatenate(([0], np.cumsum(frequencies))).astype(np.int64)
    return starts, holders.astype(np.int32), impacts


def _inverse_frequency(frequencies: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """Return Lucene's inverse document frequency, above 0 even for a term that every text has."""
    weights: NDArray[np.float64] = np.log1p((size - frequencies + 0.5) / (frequencies + 0.5))
    return weights
