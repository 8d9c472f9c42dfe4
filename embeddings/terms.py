"""From a text to the terms that the lexical index knows: folded, cut into words, stemmed."""

import re
import unicodedata
from functools import lru_cache

import Stemmer

# Scripts that put no space between words: pairs of neighbouring signs stand in for words there.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"  # kana, Han
)
# Vowel signs lie inside the words of many scripts, yet \w leaves them out.
_MARKS = "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code))[0] == "M")
_WORD = rf"[^\W_{_UNSPACED}](?:[^\W_{_UNSPACED}]|[{_MARKS}])*"
_TOKEN = re.compile(
    rf"(?P<unspaced>[{_UNSPACED}]+)"
    r"|(?P<number>\d+(?:[.,]\d+)+)"
    r"|(?P<initials>\b(?:[^\W\d_]\.){2,})"
    rf"|(?P<word>{_WORD}(?:'{_WORD})*)"
)
_DIACRITIC = re.compile("[\u0300-\u036f]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u2032\u00b4`\uff07", "'"))
# Latin letters that Unicode does not take apart into a plain letter and a mark.
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})

# Words so common that sharing one says nothing: articles, prepositions, pronouns, forms of "to be".
STOP_WORDS = frozenset(
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these"
    " they this to was will with".split()
)
_stemmer = Stemmer.Stemmer("english")


def terms(text: str) -> list[str]:
    """Return the index terms of `text` in their order, repeated as often as they occur.

    >>> terms("Lukashenko’s 7,000 opponents met Nausėda at the U.N.")
    ['lukashenko', '7000', 'oppon', 'met', 'nauseda', 'un']
    """
    return [term for token in _tokens(fold(text)) if token not in STOP_WORDS and (term := _stem(token))]


def fold(text: str) -> str:
    """Return `text` in lower case with one form of each letter: no diacritics, ligatures or curly apostrophes."""
    if text.isascii():
        return text.replace("`", "'").lower()
    text = _INVISIBLE.sub("", text.translate(_APOSTROPHES)).casefold()
    bare = _DIACRITIC.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFKC", bare).translate(_PLAIN)


def _tokens(text: str) -> list[str]:
    found = []
    for match in _TOKEN.finditer(text):
        token = match.group()
        if match.lastgroup == "unspaced":
            found += [token[i : i + 2] for i in range(max(1, len(token) - 1))]
        elif match.lastgroup == "number":
            found.append(token.replace(",", ""))
        elif match.lastgroup == "initials":
            found.append(token.replace(".", ""))
        else:
            found.append(token.removesuffix("'s"))
    return found


@lru_cache(maxsize=1 << 17)
def _stem(token: str) -> str:
    return str(_stemmer.stemWord(token))
