"""Questions and passages as token windows for the reader, with the place of each token in the passage."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

CLS, SEP, PAD = 101, 102, 0
WINDOW_TOKENS = 144
QUESTION_TOKENS = 40
OVERLAP_TOKENS = 32
# How much of what stands before a passage is read with it, at most; less than the least is not worth its place.
CONTEXT_TOKENS = 40
LEAST_CONTEXT = 6


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text's tokens.

    Attributes:
        ids: token numbers, no special tokens.
        places: the (start, end) of each in code points of the text.
    """

    ids: list[int]
    places: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Window:
    """One input of the network: [CLS] question [SEP] passage tokens first..last [SEP].

    Between question and passage may stand `context [SEP]`: the end of what comes before the passage.

    Attributes:
        ids: all token numbers.
        offset: index in `ids` of the first passage token.
        first: number of that token in the passage.
        count: how many passage tokens the window holds.
    """

    ids: list[int]
    offset: int
    first: int
    count: int


def load_tokenizer(model: Path) -> Tokenizer:
    """Return the backbone's tokenizer from its folder, cutting and padding switched off."""
    # Its threads would take longer to wake than a few texts take, and the models keep all cores busy anyway.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def tokenize(tokenizer: Tokenizer, texts: Sequence[str]) -> list[Tokens]:
    """Return the tokens of each of `texts`."""
    encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    return [Tokens(encoding.ids, encoding.offsets) for encoding in encodings]


def room_for_passage(question: Tokens) -> int:
    """Return how many passage tokens fit beside `question`."""
    return WINDOW_TOKENS - 3 - min(len(question.ids), QUESTION_TOKENS)


def cut_window(question: Tokens, passage: Tokens, first: int) -> Window:
    """Return the window of `passage` that begins with its token number `first`."""
    head = [CLS, *question.ids[:QUESTION_TOKENS], SEP]
    body = passage.ids[first : first + room_for_passage(question)]
    return Window([*head, *body, SEP], len(head), first, len(body))


def with_context(window: Window, before: Sequence[int]) -> Window:
    """Return `window` with the end of the tokens `before` in front of the passage, as far as there is room."""
    room = min(CONTEXT_TOKENS, WINDOW_TOKENS - len(window.ids) - 1)
    if min(room, len(before)) < LEAST_CONTEXT:
        return window
    head, rest = window.ids[: window.offset], window.ids[window.offset :]
    context = [*before[-room:], SEP]
    return Window([*head, *context, *rest], window.offset + len(context), window.first, window.count)


def window_starts(count: int, room: int) -> list[int]:
    """Return where the windows of a passage of `count` tokens begin, evenly spread so that all overlap alike.

    >>> window_starts(100, 120), window_starts(200, 120), window_starts(0, 120)
    ([0], [0, 80], [0])
    """
    if count <= room:
        return [0]
    pieces = -(-(count - OVERLAP_TOKENS) // (room - OVERLAP_TOKENS))
    return [round(number * (count - room) / (pieces - 1)) for number in range(pieces)]


def tile(question: Tokens, passage: Tokens, before: Sequence[int] = ()) -> list[Window]:
    """Return overlapping windows that together hold all of `passage`; a lone one with the end of `before`."""
    windows = [
        cut_window(question, passage, s) for s in window_starts(len(passage.ids), room_for_passage(question))
    ]
    return [with_context(windows[0], before)] if len(windows) == 1 else windows
