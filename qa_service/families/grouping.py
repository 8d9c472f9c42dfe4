"""From pairs worth comparing to families: each member is compared with the newest one and with the others."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

MOST_ASKED = 8


def group(pairs: Iterable[Sequence[int]], are_versions: Callable[[int, int], bool]) -> list[list[int]]:
    """Return the families, each of at least two articles in ascending order, in the order of their first ones.

    An article joins the first of the families that its candidates belong to whose members, or the first `MOST_ASKED`
    of them, are all versions of the same text as itself. No family grows by a chain of small changes, and no digest
    brings the stories together that it repeats.

    Args:
        pairs: (earlier, later), ascending by the later one, then most promising first.
        are_versions: compares two articles exactly.
    """
    families: dict[int, list[int]] = {}
    first: dict[int, int] = {}
    for later, candidates in _by_later(pairs):
        for family in dict.fromkeys(first.get(one, one) for one in candidates):
            members = families.get(family, [family])
            if all(are_versions(member, later) for member in members[:MOST_ASKED]):
                families[family] = [*members, later]
                first[later] = family
                break
    return [families[family] for family in sorted(families)]


def _by_later(pairs: Iterable[Sequence[int]]) -> Iterator[tuple[int, list[int]]]:
    for later, together in groupby(pairs, key=lambda pair: int(pair[1])):
        yield later, [int(pair[0]) for pair in together]
