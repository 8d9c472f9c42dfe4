"""From pairs worth comparing to families: a member is a version of another one, and a stranger to none."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from qa_service.families.resemblance import Kinship

MOST_ASKED = 8


def group(pairs: Iterable[Sequence[int]], compare: Callable[[int, int], Kinship]) -> list[list[int]]:
    """Return the families, each of at least two articles in ascending order, in the order of their first ones.

    An article joins the family of the first of its candidates that is a version of the same text, unless it is a
    stranger to one of that family's first `MOST_ASKED` members. So a story may be rewritten from version to version,
    but no digest brings the stories together that it repeats, and no chain of small changes leads anywhere.

    Args:
        pairs: (earlier, later), ascending by the later one, then most promising first.
        compare: tells what two articles are to each other.
    """
    families: dict[int, list[int]] = {}
    first: dict[int, int] = {}
    for later, candidates in _by_later(pairs):
        for candidate in candidates:
            family = first.get(candidate, candidate)
            members = families.get(family, [family])
            if compare(candidate, later) is Kinship.VERSIONS and all(
                compare(member, later) is not Kinship.STRANGERS for member in members[:MOST_ASKED]
            ):
                families[family] = [*members, later]
                first[later] = family
                break
    return [families[family] for family in sorted(families)]


def _by_later(pairs: Iterable[Sequence[int]]) -> Iterator[tuple[int, list[int]]]:
    for later, together in groupby(pairs, key=lambda pair: int(pair[1])):
        yield later, [int(pair[0]) for pair in together]
