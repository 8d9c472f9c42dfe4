"""What training groups are made of: windows with targets, tokenised collections, spans and sentences in tokens."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from embeddings.reader_windows import Tokens, Window
from embeddings.training.examples import Collection


@dataclass(frozen=True, slots=True)
class Example:
    """A window with what the network should say of it.

    Attributes:
        window: the input.
        starts: share of each token of the window as first of the answer; empty where no span is to be learned.
        ends: the same for the last token.
        no_answer: 1.0 when it does not answer, 0.0 when it does, None when not known.
        ranked: whether it takes part in its group's ranking and span competition.
    """

    window: Window
    starts: dict[int, float]
    ends: dict[int, float]
    no_answer: float | None
    ranked: bool = True


Group = list[Example]  # the positive first, where there is one


@dataclass(frozen=True, slots=True)
class TokenisedCollection:
    """A collection with the tokens of its questions and passages, row by row, and hard negatives."""

    collection: Collection
    questions: Sequence[Tokens]
    passages: Sequence[Tokens]
    negatives: Sequence[Sequence[int]]


def token_span(tokens: Tokens, start: int, end: int) -> tuple[int, int] | None:
    """Return the first and last token that touch the characters start..end, None when none does."""
    touching = [i for i, (a, b) in enumerate(tokens.places) if a < end and b > start]
    return (touching[0], touching[-1]) if touching else None


def token_sentences(text: str, tokens: Tokens) -> list[tuple[int, int]]:
    """Return the sentences of `text` as half-open token ranges.

    >>> token_sentences("It rained. We left.", Tokens([1, 2, 3, 4], [(0, 2), (3, 10), (11, 13), (14, 19)]))
    [(0, 2), (2, 4)]
    """
    breaks = [m.end() for m in re.finditer(r"[.!?][\"'”)]*\s+", text)]
    cuts = [0, *(i for at in breaks if (i := bisect_left(tokens.places, (at, 0)))), len(tokens.ids)]
    return [(a, b) for a, b in pairwise(cuts) if a < b]
