"""Words and marks of a text with their places."""

import re
from dataclasses import dataclass
from itertools import islice

from qa_service.follow_ups.vocabulary import FUNCTION, PREPOSITIONS, WH

_TOKEN = re.compile(r"[’'][sS]\b|(?<=s)[’'](?=\s+\w)|\w+(?:[-.&/]\w+|[’'](?![sS]\b)\w+)*|[^\w\s]")

MAX_TOKENS = 150


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a possessive ending or a mark.

    Attributes:
        start, end: half-open code points.
        lower: the text in lower case with a straight apostrophe.
        is_open: it is a word of an open class: a noun, a verb, an adjective, a name, a number.
    """

    text: str
    start: int
    end: int
    lower: str
    is_open: bool

    @property
    def is_word(self) -> bool:
        """Whether it is a word or a number, no mark and no possessive ending."""
        return self.text[0].isalnum() or self.text[0] == "_"

    @property
    def is_possessive(self) -> bool:
        """Whether it is the ending of a possessive: 's, or the bare apostrophe after a plural."""
        return self.lower in ("'s", "'")

    @property
    def is_capitalised(self) -> bool:
        """Whether it starts with a capital letter."""
        return self.text[0].isupper()


def tokenise(text: str, limit: int = MAX_TOKENS) -> list[Token]:
    """Return the first `limit` tokens of `text` in order; white space falls out."""
    found: list[Token] = []
    for match in islice(_TOKEN.finditer(text), limit):
        found.append(_token(match[0], match.start(), found[-1].lower if found else ""))
    return found


def _token(text: str, start: int, before: str) -> Token:
    lower, end = text.lower().replace("’", "'"), start + len(text)
    if lower == "'s" and before in WH:
        return Token(text, start, end, "is", is_open=False)  # "Who’s the mayor?"
    if text == "May" and before in PREPOSITIONS:
        return Token(text, start, end, lower, is_open=True)  # the month
    is_word = text[0].isalnum() or text[0] == "_"
    return Token(text, start, end, lower, is_word and lower not in FUNCTION)
