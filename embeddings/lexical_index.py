"""BM25 over the words of texts, in a folder of memory-mapped arrays."""

import json
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.protocols import Neighbours
from embeddings.terms import TERMS_VERSION, terms

# Anserini's defaults. Source: Lin et al., "Pyserini", SIGIR 2021.
K1, B = 0.9, 0.4

FORMAT = 1


class Bm25LexicalIndex:
    """A `LexicalIndex` whose scores were computed when it was built; many threads may search at once.

    Args:
        numbers: the number of each term.
        starts: shape (terms + 1,); term t has the postings `starts[t]` up to `starts[t + 1]`.
        rows: the row of each posting, ascending within a term.
        impacts: what each posting adds to the row's score.
    """

    def __init__(
        self,
        size: int,
        numbers: dict[str, int],
        starts: NDArray[np.int64],
        rows: NDArray[np.int32],
        impacts: NDArray[np.float32],
    ) -> None:
        self._size, self._numbers = size, numbers
        self._starts, self._rows, self._impacts = starts, rows, impacts

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
        for postings in self._postings(query):
            scores[self._rows[postings]] += self._impacts[postings]
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
        for postings in self._postings(query):
            holders = self._rows[postings]
            places = np.searchsorted(holders, rows)
            holds = holders[np.minimum(places, len(holders) - 1)] == rows
            scores[holds] += self._impacts[postings][places[holds]]
        return scores

    def term_weights(self, text: str) -> dict[str, float]:
        """Return the index terms of `text` with their inverse document frequencies.

        A term that the index lacks gets the highest weight that any term can have.
        """
        found = list(dict.fromkeys(terms(text)))
        counts = [
            int(self._starts[n + 1] - self._starts[n]) if (n := self._numbers.get(term)) is not None else 0
            for term in found
        ]
        weights = _inverse_frequency(np.array(counts, dtype=np.int64), self._size)
        return dict(zip(found, weights.tolist(), strict=True))

    def _postings(self, query: str) -> list[slice]:
        known = (self._numbers.get(term) for term in dict.fromkeys(terms(query)))
        return [slice(int(self._starts[n]), int(self._starts[n + 1])) for n in known if n is not None]


class Bm25LexicalIndexBackend:
    """A `LexicalIndexBackend` of plain arrays (.npy) and JSON; nothing is pickled.

    Scores are computed when the index is built, so that a search adds up a few arrays.
    Source: Lù, "BM25S: Orders of magnitude faster lexical search via eager sparse scoring", 2024.
    """

    def build(self, texts: Iterable[str], path: Path) -> None:
        """Write the index of `texts`, row by row in order, to the new folder `path`; equal texts give equal bytes."""
        numbers: dict[str, int] = {}
        found, lengths = array("i"), array("i")
        for text in texts:
            words = [numbers.setdefault(term, len(numbers)) for term in terms(text)]
            found.extend(words)
            lengths.append(len(words))
        starts, rows, impacts = _postings(
            np.array(found, dtype=np.int64), np.array(lengths, dtype=np.int64), len(numbers)
        )
        path.mkdir(parents=True)
        np.save(path / "starts.npy", starts, allow_pickle=False)
        np.save(path / "rows.npy", rows, allow_pickle=False)
        np.save(path / "impacts.npy", impacts, allow_pickle=False)
        settings = {"format": FORMAT, "terms_version": TERMS_VERSION, "k1": K1, "b": B, "size": len(lengths)}
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
        arrays = [_opened(path / f"{name}.npy") for name in ("starts", "rows", "impacts")]
        return Bm25LexicalIndex(settings["size"], numbers, *arrays)


def _postings(
    found: NDArray[np.int64], lengths: NDArray[np.int64], term_count: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """Return `starts`, `rows` and `impacts` from the terms of all texts one after another and the texts' lengths."""
    size = max(1, len(lengths))
    keys = found * size + np.repeat(np.arange(len(lengths)), lengths)
    keys.sort()
    pairs, counts = np.unique(keys, return_counts=True)
    term, rows = np.divmod(pairs, size)
    frequencies = np.bincount(term, minlength=term_count)
    starts = np.concatenate(([0], np.cumsum(frequencies))).astype(np.int64)
    average = max(1.0, float(lengths.mean())) if len(lengths) else 1.0
    damping = K1 * (1 - B + B * lengths / average)
    impacts = _inverse_frequency(frequencies, len(lengths))[term] * counts / (counts + damping[rows])
    return starts, rows.astype(np.int32), impacts.astype(np.float32)


def _inverse_frequency(frequencies: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """Return Lucene's inverse document frequency, above 0 even for a term that every text has."""
    weights: NDArray[np.float64] = np.log1p((size - frequencies + 0.5) / (frequencies + 0.5))
    return weights


def _opened(path: Path) -> Any:
    return np.load(path, mmap_mode="r", allow_pickle=False)
