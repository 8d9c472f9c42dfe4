"""When two texts are versions of one: the share of word sequences that they have in common, counted exactly."""

import re
from collections.abc import Set
from enum import IntEnum

SHINGLE_WORDS = 5
LEAST_WORDS = 20  # a shorter text ("No comment.", "In pictures") can be the same by chance
SAME, CONTAINED, RELATED = 0.5, 0.8, 0.25
_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """Return the words of `text` without case and punctuation."""
    return _WORD.findall(text.casefold())


def shingles(text: str) -> frozenset[str]:
    """Return every sequence of five words; none for a text too short to be told from others.

    >>> len(shingles("word " * 19)), len(shingles(" ".join(map(str, range(100, 124)))))
    (0, 20)
    """
    found = words(text)
    if len(found) < LEAST_WORDS:
        return frozenset()
    return frozenset(" ".join(found[i : i + SHINGLE_WORDS]) for i in range(len(found) - SHINGLE_WORDS + 1))


def jaccard(one: Set[str], other: Set[str]) -> float:
    """Return what two sets share over what they hold together, in [0, 1]; 0 for two empty ones.

    Source: Broder, "On the resemblance and containment of documents", 1997.
    """
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0


class Kinship(IntEnum):
    """What two texts are to each other."""

    STRANGERS = 0
    RELATED = 1
    VERSIONS = 2


def kinship(one: Set[str], other: Set[str]) -> Kinship:
    """Return what two texts, given by their shingles, are to each other.

    They are versions of one text when at least half of what they hold together is shared, or when the shorter one
    stands almost whole in the longer one and makes up a good part of it: a copy cut from the end, an early version.
    They are related when at least a quarter is shared.
    """
    resemblance = jaccard(one, other)
    if resemblance < RELATED:
        return Kinship.STRANGERS
    whole = len(one & other) >= CONTAINED * min(len(one), len(other))
    return Kinship.VERSIONS if resemblance >= SAME or whole else Kinship.RELATED
