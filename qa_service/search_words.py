"""Where the words of a search stand in a text, alike in form or stem, as the word index takes them."""

import re

from embeddings.terms import MARKS, terms

_WORD = re.compile(rf"(?:[^\W\d_]\.){{2,}}|[^\W_](?:[^\W_]|[{MARKS}]|[.,'’](?=[^\W_]))*")


def search_terms(search: str) -> frozenset[str]:
    """Return what `words_held` looks for; nothing when all words are as common as "the"."""
    return frozenset(terms(search))


def words_held(wanted: frozenset[str], text: str) -> list[tuple[int, int]]:
    """Return the spans of the words of `text` that are `wanted`, in their order, none overlapping.

    >>> words_held(search_terms("the flood in Riverton"), "Floods reached Riverton's gates.")
    [(0, 6), (15, 25)]
    """
    spans: list[tuple[int, int]] = []
    for match in _WORD.finditer(text):
        held = terms(match[0])
        if len(held) > 1 and len(held) == len(match[0]) - 1:  # no spaces between words: pairs of signs
            for place, pair in enumerate(held, start=match.start()):
                if pair in wanted and spans and spans[-1][1] > place:
                    spans[-1] = (spans[-1][0], place + 2)
                elif pair in wanted:
                    spans.append((place, place + 2))
        elif not wanted.isdisjoint(held):
            spans.append(match.span())
    return spans
