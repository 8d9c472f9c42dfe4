"""Which paragraphs of a family's versions are the same paragraph, perhaps with another figure or a word mended."""

from collections import Counter
from collections.abc import Iterable, Sequence, Set

from qa_service.families.resemblance import jaccard, words

ALIKE = 0.5
MOST_COMPARED = 60_000  # pairs of paragraphs; beyond it, in whole books, only equal paragraphs are aligned


def align(versions: Iterable[Sequence[str]]) -> list[list[int]]:
    """Return, for each version, the number of the group that each of its paragraphs belongs to.

    Paragraphs of one version never share a group. Equal paragraphs are aligned first, in order, then each of the rest
    with the one that it shares most words with, when that is at least half of what both hold.

    Args:
        versions: the paragraphs of each version, newest first.

    >>> align([["Four are missing off Vestra.", "The end."], ["Nothing.", "Eleven are missing off Vestra."]])
    [[0, 1], [2, 0]]
    """
    found: list[list[int]] = []
    groups: list[Counter[str]] = []
    by_words: dict[tuple[str, ...], list[int]] = {}
    for paragraphs in versions:
        seen = [tuple(words(paragraph)) for paragraph in paragraphs]
        placed = _equal(seen, by_words)
        _alike(seen, placed, groups)
        for at, key in enumerate(seen):
            if at not in placed:
                placed[at] = len(groups)
                groups.append(Counter(key))
            if placed[at] not in by_words.setdefault(key, []):
                by_words[key].append(placed[at])
        found.append([placed[at] for at in range(len(seen))])
    return found


def _equal(seen: Sequence[tuple[str, ...]], by_words: dict[tuple[str, ...], list[int]]) -> dict[int, int]:
    """Return the groups of the paragraphs that are known word for word, by their place."""
    placed: dict[int, int] = {}
    taken: set[int] = set()
    for at, key in enumerate(seen):
        free = next((group for group in by_words.get(key, ()) if key and group not in taken), None)
        if free is not None:
            placed[at] = free
            taken.add(free)
    return placed


def _alike(seen: Sequence[tuple[str, ...]], placed: dict[int, int], groups: Sequence[Counter[str]]) -> None:
    """Place what is left where it shares most words, the closest pairs first."""
    taken = set(placed.values())
    left = [at for at in range(len(seen)) if at not in placed]
    free = [group for group in range(len(groups)) if group not in taken]
    if not left or not free or len(left) * len(free) > MOST_COMPARED:
        return
    counted = {group: _counted(groups[group]) for group in free}
    close = []
    for at in left:
        mine = _counted(Counter(seen[at]))
        for group in free:
            alike = jaccard(mine, counted[group])
            if alike >= ALIKE:
                close.append((-alike, at, group))
    for _, at, group in sorted(close):
        if at not in placed and group not in taken:
            placed[at] = group
            taken.add(group)


def _counted(found: Counter[str]) -> Set[str]:
    """Return the words as a set in which the second "the" differs from the first."""
    return {f"{word} {number}" for word, times in found.items() for number in range(times)}
