"""BM25 over the words of texts, in a folder of memory-mapped arrays."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.lexical_building import ARRAYS, K1, B, inverse_frequency, write_postings
from embeddings.lexical_candidates import LONG, candidate_rows, impacts_of
from embeddings.protocols import Neighbours
from embeddings.terms import TERMS_VERSION, terms

# What two words that follow each other count beside the words themselves; docs/RETRIEVAL.md has the table.
# Source: Metzler and Croft, "A Markov Random Field Model for Term Dependencies", SIGIR 2005.
PAIR_WEIGHT = 0.5

FORMAT = 1


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
        self._highs: dict[int, float] = {}

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
        parts = self._parts(query)
        lists = [(self._postings.rows[part], self._postings.impacts[part]) for part in parts]
        rows = candidate_rows(lists, lambda place: self._highest(parts[place]), self._size, k, allowed)
        found = self._sums(parts, rows)
        order = np.lexsort((rows, -found))[:k]
        return Neighbours(rows[order].astype(np.int64), found[order])

    def scores(self, query: str, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the BM25 score of each of `rows` for `query`, shape (len(rows),)."""
        # Looked up in the type in which rows are stored: another one would have each list copied.
        return self._sums(self._parts(query), rows.astype(np.int32))

    def term_weights(self, text: str) -> dict[str, float]:
        """Return the index terms of `text` with their inverse document frequencies.

        A term that the index lacks gets the highest weight that any term can have.
        """
        found = list(dict.fromkeys(terms(text)))
        starts, numbers = self._postings.starts, (self._numbers.get(term) for term in found)
        counts = [0 if n is None else int(starts[n + 1] - starts[n]) for n in numbers]
        weights = inverse_frequency(np.array(counts, dtype=np.int64), self._size)
        return dict(zip(found, weights.tolist(), strict=True))

    def _sums(self, parts: list[slice], rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """Add up what `parts` give each of `rows`, in the order of `parts`."""
        scores = np.zeros(len(rows), dtype=np.float32)
        for part in parts:
            scores += impacts_of(self._postings.rows[part], self._postings.impacts[part], rows)
        return scores

    def _highest(self, part: slice) -> float:
        """Return the highest impact of a part; that of a long one is looked for once."""
        found = self._highs.get(part.start)
        if found is None:
            found = float(self._postings.impacts[part].max())
            if part.stop - part.start >= LONG:
                self._highs[part.start] = found
        return found

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
        path.mkdir(parents=True)
        known, size = write_postings(texts, path, self._pair_weight)
        settings = {"format": FORMAT, "terms_version": TERMS_VERSION, "k1": K1, "b": B}
        settings |= {"pair_weight": self._pair_weight, "size": size}
        (path / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
        (path / "terms.json").write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")

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
        arrays = {  # plain views of the mapped files, which are sliced in a tenth of the time
            name: np.asarray(np.load(path / f"{name}.npy", mmap_mode="r", allow_pickle=False))
            for name in ARRAYS
        }
        return Bm25LexicalIndex(settings["size"], numbers, Postings(**arrays))
