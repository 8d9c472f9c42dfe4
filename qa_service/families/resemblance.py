"""When two texts are versions of one: the share of word sequences that they have in common, counted exactly."""

import re
from collections.abc import Set

SHINGLE_WORDS = 5
LEAST_WORDS = 20  # a shorter text ("No comment.", "In pictures") can be the same by chance
SAME = 0.5
CONTAINED, LEAST_SAME = 0.8, 0.25
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


def are_versions(one: Set[str], other: Set[str]) -> bool:
    """Return whether two texts, given by their shingles, are versions of one.

    They are when at least half of what they hold together is shared, or when the shorter one stands almost whole in
    the longer one and makes up a good part of it: a copy cut from the end, an early version.
    """
    resemblance = jaccard(one, other)
    if resemblance >= SAME:
        return True
    return resemblance >= LEAST_SAME and len(one & other) >= CONTAINED * min(len(one), len(other))
