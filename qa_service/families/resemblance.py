"""When two texts are versions of one: the share of word sequences that they have in common, counted exactly."""

import re
from collections.abc import Set
from enum import IntEnum

SHINGLE_WORDS = 5
LEAST_WORDS = 20  # a shorter text ("No comment.", "In pictures") can be the same by chance
RELATED, CONTAINED = 0.25, 2 / 3
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

    They are related when they share a quarter of what they hold together, and versions of one text when that is two
    thirds of the shorter one besides. Half of what two texts hold together is always two thirds of the shorter one.
    """
    if jaccard(one, other) < RELATED:
        return Kinship.STRANGERS
    return Kinship.VERSIONS if len(one & other) >= CONTAINED * min(len(one), len(other)) else Kinship.RELATED
