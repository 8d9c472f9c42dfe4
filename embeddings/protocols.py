"""Roles that models and indexes play, and the values that they return."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Rows of an index, best first.

    Attributes:
        rows: shape (k,), int64 row numbers.
        scores: shape (k,), float32; higher is better. Equal scores keep the lower row first.
    """

    rows: NDArray[np.int64]
    scores: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text, half-open, in Unicode code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of one passage for one question.

    Attributes:
        relevance: how well the passage fits the question; comparable between passages of one question.
        span: the words that answer, inside the passage's text; None where the reader marks none.
        span_score: how sure the reader is of `span` over the other spans of the passage.
        no_answer: how sure the reader is that the passage does not answer the question.
    """

    relevance: float
    span: Span | None
    span_score: float
    no_answer: float


class Encoder(Protocol):
    """Turns texts into vectors whose inner product is their similarity."""

    @property
    def name(self) -> str:
        """Name that people know the model by."""

    @property
    def dimension(self) -> int:
        """Length of each vector."""

    @property
    def weight_hash(self) -> str:
        """SHA-256 (hex) of the weights; equal hashes and number formats give equal vectors."""

    @property
    def number_format(self) -> str:
        """What the products are computed in: float32, or int8, whose vectors are near those of float32."""

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the L2-normalised vector of a question, shape (dimension,)."""

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the L2-normalised vectors of `texts` in their order, shape (len(texts), dimension)."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, special tokens not counted."""


class Reader(Protocol):
    """Reads passages for an answer to a question."""

    @property
    def name(self) -> str:
        """Name that answers carry in `engine.reader`."""

    def read(self, question: str, passages: Sequence[str], before: Sequence[str] = ()) -> list[Reading]:
        """Return one reading for each passage, in the order of `passages`.

        Args:
            before: nothing, or for each passage the text in front of it, which is read with it and never marked.
        """


class VectorIndex(Protocol):
    """Vectors that can be searched by inner product."""

    @property
    def size(self) -> int:
        """Number of rows."""

    @property
    def dimension(self) -> int:
        """Length of each vector."""

    def search(
        self, query: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None = None
    ) -> Neighbours:
        """Return the at most `k` rows most similar to `query`, best first.

        Args:
            query: shape (dimension,), L2-normalised, so that scores are cosines in [-1, 1].
            k: upper bound, at least 1.
            allowed: shape (size,); rows that are False are left out. None allows all.

        Raises:
            DimensionMismatch: `query` has not the index's dimension.
        """

    def scores(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the similarity of `query` to each of `rows`, shape (len(rows),)."""

    def vectors(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the stored vectors of `rows`, shape (len(rows), dimension)."""


class LexicalIndex(Protocol):
    """Texts that can be searched by their words (BM25)."""

    @property
    def size(self) -> int:
        """Number of rows."""

    def search(self, query: str, k: int, allowed: NDArray[np.bool_] | None = None) -> Neighbours:
        """Return the at most `k` rows that share words with `query`, best BM25 score first; none scores 0."""

    def scores(self, query: str, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the BM25 score of each of `rows` for `query`, shape (len(rows),)."""

    def term_weights(self, text: str) -> dict[str, float]:
        """Return the index terms of `text` with their inverse document frequencies.

        A term that the index lacks gets the highest.
        """


class VectorIndexBackend(Protocol):
    """Builds, stores and loads one type of vector index."""

    def build(self, blocks: Iterable[NDArray[np.float32]], dimension: int, path: Path) -> None:
        """Write the index of all rows of `blocks`, in order, to the file `path`."""

    def load(self, path: Path) -> VectorIndex:
        """Open the index stored at `path`."""


class LexicalIndexBackend(Protocol):
    """Builds, stores and loads one type of lexical index."""

    def build(self, texts: Iterable[str], path: Path) -> None:
        """Write the index of `texts`, row by row in order, to the new folder `path`."""

    def load(self, path: Path) -> LexicalIndex:
        """Open the index stored in the folder `path`."""


class DimensionMismatch(ValueError):
    """A vector has not the dimension that the index or the caller expects."""


class ModelUnavailable(RuntimeError):
    """A model is missing or its weights are not the expected ones; the message names the mend."""
