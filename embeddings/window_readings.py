"""From a network's scores of windows to readings of passages: spans, masses and the mix that ranks."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from tokenizers import Tokenizer

from embeddings.protocols import Reading, Span
from embeddings.reader_windows import Tokens, Window, tile, tokenize

# Longest answer, in tokens.
ANSWER_TOKENS = 30
# Of what stands before a passage only the end is read, a few dozen tokens: the rest need not be tokenized.
_CONTEXT_LETTERS = 500
# What a passage without any token gets: far below every score that the network gives.
NOTHING = Reading(relevance=-30.0, span=None, span_score=-30.0, no_answer=30.0)


@dataclass(frozen=True, slots=True)
class RelevanceMix:
    """How the network's scores of a window become one relevance; fitted on the calibration questions.

    Attributes:
        ranking: weight of the ranking score.
        span: weight of the best span's score.
        no_answer: weight of the no-answer score.
    """

    ranking: float
    span: float
    no_answer: float


@dataclass(frozen=True, slots=True)
class WindowReading:
    """The network's scores of one window.

    Attributes:
        ranking: the ranking score.
        no_answer: log-odds that the window does not answer.
        first, last: tokens of the passage, the best span's; -1 where the window has no passage token.
        span: the best span's score, comparable between windows and passages of one question.
        mass: log of the summed exponentials of all spans' scores, for the share that the best has.
    """

    ranking: float
    no_answer: float
    first: int
    last: int
    span: float
    mass: float


ScoreWindows = Callable[[Sequence[Window]], Sequence[WindowReading]]


class PassageReader:
    """A `Reader` made of what scores windows: it cuts passages into windows and puts the scores together.

    Args:
        score: returns one reading a window, in their order.
    """

    def __init__(self, name: str, tokenizer: Tokenizer, mix: RelevanceMix, score: ScoreWindows) -> None:
        self._name, self._tokenizer, self._mix, self._score = name, tokenizer, mix, score
        vocabulary = tokenizer.get_vocab()
        self._continues = np.zeros(max(vocabulary.values()) + 1, dtype=np.bool_)
        self._continues[[number for piece, number in vocabulary.items() if piece.startswith("##")]] = True

    @property
    def name(self) -> str:
        """Name that answers carry in `engine.reader`."""
        return self._name

    def read(self, question: str, passages: Sequence[str], before: Sequence[str] = ()) -> list[Reading]:
        """Return one reading for each passage, in the order of `passages`.

        Where a passage is short, the end of the text `before` it is read with it and never marked. Long
        passages are read in overlapping windows: the relevance and the no-answer score are those of the
        window that fits best, the span is the best of all windows.
        """
        contexts = (
            text[-_CONTEXT_LETTERS:].partition(" ")[2] if len(text) > _CONTEXT_LETTERS else text
            for text in before
        )
        texts = [without_surrogates(text) for text in (question, *passages, *contexts)]
        asked, *tokens = tokenize(self._tokenizer, texts)
        tokens, ends = tokens[: len(passages)], tokens[len(passages) :]
        read = read_passages(self._score, asked, tokens, ends)
        return [self._reading(*one) for one in zip(passages, tokens, read, strict=True)]

    def _reading(self, text: str, tokens: Tokens, windows: list[WindowReading]) -> Reading:
        if not tokens.ids:
            return NOTHING
        best = max(windows, key=lambda w: w.span)
        mass = np.logaddexp.reduce([w.mass for w in windows])
        span = whole_compound(text, whole_words(tokens, best.first, best.last, self._continues))
        return Reading(
            relevance=max(mixed_relevance(w, self._mix) for w in windows),
            span=span,
            span_score=float(best.span - mass),
            no_answer=min(w.no_answer for w in windows),
        )


def read_passages(
    score: ScoreWindows, asked: Tokens, passages: Sequence[Tokens], before: Sequence[Tokens] = ()
) -> list[list[WindowReading]]:
    """Return the readings of each passage's windows, in the order in which they begin.

    Args:
        before: nothing, or for each passage what stands in front of it.
    """
    contexts = [tokens.ids for tokens in before] or [[]] * len(passages)
    windows = [
        (number, window)
        for number, (tokens, context) in enumerate(zip(passages, contexts, strict=True))
        for window in tile(asked, tokens, context)
    ]
    readings: list[list[WindowReading]] = [[] for _ in passages]
    for (number, _), reading in zip(windows, score([w for _, w in windows]), strict=True):
        readings[number].append(reading)
    return readings


def window_reading(
    window: Window,
    start: NDArray[np.float32],
    end: NDArray[np.float32],
    relevance: float,
    no_answer: float,
) -> WindowReading:
    """Return what the network's outputs for `window` say; `start` and `end`, shape (L,), are of all its tokens."""
    body = slice(window.offset, window.offset + window.count)
    first, last, score, mass = best_span(start[body], end[body])
    return WindowReading(
        ranking=relevance,
        no_answer=no_answer,
        first=window.first + first,
        last=window.first + last,
        span=score,
        mass=mass,
    )


def mixed_relevance(window: WindowReading, mix: RelevanceMix) -> float:
    """Return the one number by which windows, and by them passages, are ranked."""
    return mix.ranking * window.ranking + mix.span * window.span + mix.no_answer * window.no_answer


def without_surrogates(text: str) -> str:
    """Return `text` with lone surrogates, which no tokenizer takes, as question marks; offsets stay."""
    return re.sub("[\ud800-\udfff]", "?", text)


def whole_words(tokens: Tokens, first: int, last: int, continues: NDArray[np.bool_]) -> Span:
    """Return the span of tokens first..last, widened so that no word is cut."""
    while first > 0 and continues[tokens.ids[first]]:
        first -= 1
    while last + 1 < len(tokens.ids) and continues[tokens.ids[last + 1]]:
        last += 1
    return Span(tokens.places[first][0], tokens.places[last][1])


def whole_compound(text: str, span: Span) -> Span:
    """Return `span` to the end of a hyphenated word of which it holds one hyphen or more, but not all.

    >>> whole_compound("a 32-year-old", Span(2, 9)), whole_compound("a 32-year-old", Span(2, 4))
    (Span(start=2, end=13), Span(start=2, end=4))
    """
    cut = re.compile(r"(?:-\w+)+").match(text, span.end)
    if cut and re.search(r"\w-\w+$", text[span.start : span.end]):
        return Span(span.start, cut.end())
    return span


def best_span(start: NDArray[np.float32], end: NDArray[np.float32]) -> tuple[int, int, float, float]:
    """Return first and last token of the best span, its score, and the log-sum-exp of all spans' scores.

    Args:
        start, end: shape (n,), the scores of each token as first and as last; a span's score is their sum.

    >>> best_span(np.float32([0, 5, 1]), np.float32([6, 1, 4]))[:3]
    (1, 2, 9.0)
    """
    if not len(start):
        return -1, -1, NOTHING.span_score, NOTHING.span_score
    # Row i holds the scores of the spans that begin with token i, by how many tokens they go on.
    beyond = np.full(ANSWER_TOKENS - 1, -np.inf, dtype=np.float32)
    sums = start[:, None] + sliding_window_view(np.concatenate([end, beyond]), ANSWER_TOKENS)
    first, further = divmod(int(np.argmax(sums)), ANSWER_TOKENS)
    best = float(sums[first, further])
    return first, first + further, best, best + float(np.log(np.exp(sums - best).sum()))
