"""How well an answer's words match the accepted ones: exact match, F1, containment."""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

# A short answer with this F1 or more counts as right.
RIGHT_F1 = 0.5

_PUNCTUATION = str.maketrans("", "", string.punctuation + "“”‘’–—")
# Scripts written without spaces (Thai to Khmer, kana, Han): each of their characters is a word of its own.
_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_SPACELESS}]|[^\s{_SPACELESS}]+")


@lru_cache(maxsize=16384)
def normalised(text: str) -> str:
    """Return `text` in lower case without punctuation, English articles and extra space.

    Curly quotation marks and dashes, which news text has, go the way of the ASCII ones.

    Source: the evaluation script of SQuAD 1.1 (Rajpurkar et al., 2016).

    >>> normalised("The “Yuan” dynasty.")
    'yuan dynasty'
    """
    composed = unicodedata.normalize("NFC", text).lower()
    bare = composed.replace("’", "'").translate(_PUNCTUATION)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", bare).split())


def words(text: str) -> list[str]:
    """Return the normalised words of `text`; of a script without spaces, its characters.

    Source: Lewis et al., 2020 (MLQA), who count Chinese by the character.

    >>> words("the ferry"), words("北京市")
    (['ferry'], ['北', '京', '市'])
    """
    return _WORD.findall(normalised(text))


def exact(answer: str, accepted: Iterable[str]) -> bool:
    """Return whether `answer` equals one of `accepted`, both normalised."""
    return any(normalised(answer) == normalised(one) for one in accepted)


def f1(answer: str, accepted: Iterable[str]) -> float:
    """Return the best word-overlap F1 of `answer` with one of `accepted`, in [0, 1].

    Source: the evaluation script of SQuAD 1.1 (Rajpurkar et al., 2016).

    >>> round(f1("around 40 members", ["40", "around 40"]), 3)
    0.8
    """
    found = words(answer)
    return max((_f1(found, words(one)) for one in accepted), default=0.0)


def contains(text: str, accepted: Iterable[str]) -> bool:
    """Return whether `text` holds one of `accepted` as a run of whole words, both normalised.

    >>> contains("About 40 of them", ["40"]), contains("In 1940", ["40"])
    (True, False)
    """
    found = f" {' '.join(words(text))} "
    wanted = (words(one) for one in accepted)
    return any(f" {' '.join(one)} " in found for one in wanted if one)


def _f1(found: Sequence[str], wanted: Sequence[str]) -> float:
    common = sum((Counter(found) & Counter(wanted)).values())
    return 2 * common / (len(found) + len(wanted)) if common else float(found == wanted)
