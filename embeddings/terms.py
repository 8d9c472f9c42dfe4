"""From a text to the terms that the lexical index knows: folded, cut into words, stemmed."""

import re
import threading
import unicodedata
from functools import lru_cache

import Stemmer

# Stored with an index; a query cut in another way than the index would miss words silently.
TERMS_VERSION = 1

# Words so common that sharing one says nothing: articles, prepositions, pronouns, forms of "to be".
# Source: the default stop words of Lucene's English analyzer.
_STOP_WORDS = """
a an and are as at be but by for if in into is it no not of on or such that the their then there these
they this to was will with
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())

_NUMBER = r"\d+(?:[.,]\d+)+"
_INITIALS = r"\b(?:[^\W\d_]\.){2,}"
_ASCII_TOKEN = re.compile(rf"{_NUMBER}|{_INITIALS}|[a-z0-9]+(?:'[a-z0-9]+)*")

# Scripts that put no space between words: pairs of neighbouring signs stand in for words there.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"  # kana, Han
)
_UNSPACED_SIGN = re.compile(f"[{_UNSPACED}]")
# Vowel signs lie inside the words of many scripts, yet \w leaves them out.
MARKS = "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code))[0] == "M")
_WORD = rf"[^\W_{_UNSPACED}](?:[^\W_{_UNSPACED}]|[{MARKS}])*"
_TOKEN = re.compile(rf"[{_UNSPACED}]+|{_NUMBER}|{_INITIALS}|{_WORD}(?:'{_WORD})*")

_DIACRITIC = re.compile("[\u0300-\u036f]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u2032\u00b4`\uff07", "'"))
# Latin letters that Unicode does not take apart into a plain letter and a mark.
_PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
_stemmer = Stemmer.Stemmer("english", 0)
# A stemmer has state of its own, so that only one thread may use it at a time.
_stemmer_lock = threading.Lock()


def terms(text: str) -> list[str]:
    """Return the index terms of `text` in their order, repeated as often as they occur.

    >>> terms("Lukashenko’s 7,000 opponents met Nausėda at the U.N.")
    ['lukashenko', '7000', 'oppon', 'met', 'nauseda', 'un']
    """
    text = fold(text)
    pattern = _ASCII_TOKEN if text.isascii() else _TOKEN
    return [term for token in pattern.findall(text) for term in _terms_of(token)]


def fold(text: str) -> str:
    """Return `text` in lower case with one form of each letter: no diacritics, ligatures or curly apostrophes."""
    text = text.translate(_APOSTROPHES)
    if text.isascii():
        return text.lower()
    bare = _DIACRITIC.sub("", unicodedata.normalize("NFKD", _INVISIBLE.sub("", text).casefold()))
    return unicodedata.normalize("NFKC", bare).translate(_PLAIN)


@lru_cache(maxsize=1 << 17)
def _terms_of(token: str) -> tuple[str, ...]:
    if _UNSPACED_SIGN.match(token):
        return tuple(token[i : i + 2] for i in range(max(1, len(token) - 1)))
    if token[-1] == ".":
        token = token.replace(".", "")
    token = token.replace(",", "").removesuffix("'s")
    if token in STOP_WORDS:
        return ()
    with _stemmer_lock:
        return (str(_stemmer.stemWord(token)),)
