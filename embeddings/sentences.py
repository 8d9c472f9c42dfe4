"""Where sentences begin and end."""

from functools import lru_cache

import sentencex

from embeddings.protocols import Span


@lru_cache(maxsize=4096)
def sentence_spans(text: str) -> tuple[Span, ...]:
    """Return the sentences of `text` in order, as code points without the white space around them.

    A closing quotation mark stays with its sentence. A text without any full stop is one sentence.
    """
    spans, position = [], 0
    for piece in sentencex.segment("en", text):
        start = text.index(piece, position)
        position = start + len(piece)
        words = piece.strip()
        if words:
            start += piece.index(words)
            spans.append(Span(start, start + len(words)))
    return tuple(spans)
