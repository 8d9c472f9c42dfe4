"""Texts as search in conversations compares them: without case, typing variants of characters and curly quotes."""

import json
import unicodedata

_STRAIGHT = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"'})


def folded(text: str) -> str:
    """Return `text` as it is compared.

    >>> folded("The ﬁrst STRASSE’s Café") == folded("the first straße's CAFE\N{COMBINING ACUTE ACCENT}")
    True
    """
    # Composed again at the end, as folding case can take characters apart (Unicode, D145).
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(_STRAIGHT)


def folded_words(text: str) -> str:
    """Return the words of `text` as they are compared, as a JSON list for SQL's `json_each`."""
    return json.dumps(folded(text).split(), ensure_ascii=False)
