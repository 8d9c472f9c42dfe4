"""Small stand-ins for the models and indexes, simple enough to check by hand."""

import json
import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.protocols import DimensionMismatch, Neighbours, Reading, Span

VOCABULARY = ("ferry", "sank", "captain", "port", "strike", "minister", "vote")


def words(text: str) -> list[str]:
    """Return the words of `text` in lower case."""
    return re.findall(r"\w+", text.lower())


class CountingEncoder:
    """An `Encoder` that counts words: one place for each word of the vocabulary, the last for all others.

    >>> CountingEncoder(("ferry", "sank")).encode_query("Ferry, ferry sank").round(3).tolist()
    [0.894, 0.447, 0.0]
    """

    def __init__(self, vocabulary: Sequence[str] = VOCABULARY) -> None:
        self._places = {word: place for place, word in enumerate(vocabulary)}

    @property
    def name(self) -> str:
        return "counting"

    @property
    def dimension(self) -> int:
        return len(self._places) + 1

    @property
    def weight_hash(self) -> str:
        return "c0" * 32

    @property
    def number_format(self) -> str:
        return "float32"

    def encode_query(self, text: str) -> NDArray[np.float32]:
        vector = np.zeros(self.dimension, dtype=np.float32)
        for word in words(text) or ["other"]:
            vector[self._places.get(word, self.dimension - 1)] += 1
        return vector / np.float32(np.linalg.norm(vector))

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = [self.encode_query(text) for text in texts]
        return np.array(vectors, dtype=np.float32).reshape(len(texts), self.dimension)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(words(text)) for text in texts]


class ListVectorIndex:
    """A `VectorIndex` that is one matrix."""

    def __init__(self, matrix: NDArray[np.float32]) -> None:
        self._matrix = matrix

    @property
    def size(self) -> int:
        return len(self._matrix)

    @property
    def dimension(self) -> int:
        return self._matrix.shape[1]

    def search(
        self, query: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None = None
    ) -> Neighbours:
        if allowed is not None and allowed.shape != (self.size,):
            raise DimensionMismatch(f"mask {allowed.shape}, size {self.size}")
        rows = np.arange(self.size, dtype=np.int64) if allowed is None else np.flatnonzero(allowed)
        return _best(rows, self.scores(query, rows), k)

    def scores(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        if query.shape != (self.dimension,):
            raise DimensionMismatch(f"query {query.shape}, dimension {self.dimension}")
        # Not a matrix product, which may round equal rows differently.
        return (self._matrix[rows] * query).sum(axis=1, dtype=np.float32)

    def vectors(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        return self._matrix[rows]


class ListVectorIndexBackend:
    """A `VectorIndexBackend` for `ListVectorIndex`."""

    def build(self, blocks: Iterable[NDArray[np.float32]], dimension: int, path: Path) -> None:
        matrix = np.empty((0, dimension), dtype=np.float32)
        for block in blocks:
            if block.ndim != 2 or block.shape[1] != dimension:
                raise DimensionMismatch(f"block {block.shape}, dimension {dimension}")
            matrix = np.vstack([matrix, block])
        with path.open("wb") as file:
            np.save(file, matrix, allow_pickle=False)

    def load(self, path: Path) -> ListVectorIndex:
        return ListVectorIndex(np.load(path, allow_pickle=False))


class ListLexicalIndex:
    """A `LexicalIndex` that adds up the weights of the words that a text shares with the query."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._words = [set(words(text)) for text in texts]

    @property
    def size(self) -> int:
        return len(self._words)

    def search(self, query: str, k: int, allowed: NDArray[np.bool_] | None = None) -> Neighbours:
        scores = self.scores(query, np.arange(self.size, dtype=np.int64))
        rows = np.flatnonzero(scores if allowed is None else np.where(allowed, scores, 0))
        return _best(rows, scores[rows], k)

    def scores(self, query: str, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        weights = self.term_weights(query)
        shared = [[word for word in weights if word in self._words[row]] for row in rows.tolist()]
        return np.array([sum(weights[word] for word in one) for one in shared], dtype=np.float32)

    def term_weights(self, text: str) -> dict[str, float]:
        counts = {word: sum(word in one for one in self._words) for word in words(text)}
        return {word: math.log(2 + self.size) - math.log(1 + count) for word, count in counts.items()}


class ListLexicalIndexBackend:
    """A `LexicalIndexBackend` for `ListLexicalIndex`."""

    def build(self, texts: Iterable[str], path: Path) -> None:
        path.mkdir()
        (path / "texts.json").write_text(json.dumps(list(texts)), encoding="utf-8")

    def load(self, path: Path) -> ListLexicalIndex:
        return ListLexicalIndex(json.loads((path / "texts.json").read_text(encoding="utf-8")))


class FakeReader:
    """A `Reader` that marks the stretch of a passage from the first to the last word of the question in it.

    Relevance is the share of the question's words that the passage has; `no_answer` is what is missing.
    """

    name = "fake-reader"

    def read(self, question: str, passages: Sequence[str], before: Sequence[str] = ()) -> list[Reading]:
        return [self._read(set(words(question)), passage) for passage in passages]

    @staticmethod
    def _read(asked: set[str], passage: str) -> Reading:
        places = [m.span() for m in re.finditer(r"\w+", passage) if m.group().lower() in asked]
        shared = len(asked & set(words(passage))) / max(1, len(asked))
        span = Span(places[0][0], places[-1][1]) if places else None
        return Reading(relevance=shared, span=span, span_score=shared, no_answer=1 - shared)


def _best(rows: NDArray[np.int64], scores: NDArray[np.float32], k: int) -> Neighbours:
    order = np.lexsort((rows, -scores))[:k]
    return Neighbours(rows[order], scores[order])
