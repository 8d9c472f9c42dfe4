"""Figures of a network on dev questions: span given the paragraph, ranking, answers through retrieval, abstention."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from embeddings.reader import WindowReading, read_windows, whole_words
from embeddings.reader_network import ReaderNetwork
from embeddings.reader_windows import tokenize
from embeddings.training.candidates import Asked, Paragraphs

FEATURES = ("ranking", "span", "no_answer", "span_share")
MISSING = -20.0


@dataclass(frozen=True, slots=True)
class ReadQuestion:
    """A dev question after reading.

    Attributes:
        asked: the question and its candidates.
        scores: shape (candidates, 4), each paragraph's scores in the order of `FEATURES`, all of them higher
            the better the paragraph answers.
        spans: the short answer from each candidate.
        gold_span: the short answer from the paragraph asked about.
        gold_scores: shape (4,), that paragraph's scores.
    """

    asked: Asked
    scores: NDArray[np.float64]
    spans: tuple[str, ...]
    gold_span: str
    gold_scores: NDArray[np.float64]


class DevReader:
    """Reads dev questions with a network, without the mix and the hash checks of the shipped reader."""

    def __init__(self, network: ReaderNetwork, tokenizer: Tokenizer, paragraphs: Paragraphs) -> None:
        self._network, self._tokenizer, self._paragraphs = network.eval(), tokenizer, paragraphs.texts
        self._tokens, self._before = (
            tokenize(tokenizer, texts) for texts in (paragraphs.texts, paragraphs.before)
        )
        pieces = tokenizer.get_vocab()
        self._continues = np.zeros(max(pieces.values()) + 1, dtype=np.bool_)
        self._continues[[number for piece, number in pieces.items() if piece.startswith("##")]] = True

    def read(self, asked: Asked, top: int) -> ReadQuestion:
        """Return the first `top` candidates of `asked`, and its own paragraph, as read."""
        rows = list(asked.rows[:top])
        wanted = rows if asked.gold in rows else [*rows, asked.gold]
        question = tokenize(self._tokenizer, [asked.text])[0]
        own = ([texts[row] for row in wanted] for texts in (self._tokens, self._before))
        read = read_windows(self._network, question, *own)
        spans = [self._span(row, windows) for row, windows in zip(wanted, read, strict=True)]
        scores = np.array([paragraph_scores(windows) for windows in read])
        gold = wanted.index(asked.gold)
        return ReadQuestion(asked, scores[: len(rows)], tuple(spans[: len(rows)]), spans[gold], scores[gold])

    def _span(self, row: int, windows: Sequence[WindowReading]) -> str:
        best = max(windows, key=lambda w: w.span)
        span = whole_words(self._tokens[row], best.first, best.last, self._continues)
        return self._paragraphs[row][span.start : span.end]


def paragraph_scores(windows: Sequence[WindowReading]) -> tuple[float, float, float, float]:
    """Return a paragraph's scores, in the order of `FEATURES`, from those of its windows."""
    best = max(w.span for w in windows)
    mass = float(np.logaddexp.reduce([w.mass for w in windows]))
    return max(w.ranking for w in windows), best, -min(w.no_answer for w in windows), best - mass
