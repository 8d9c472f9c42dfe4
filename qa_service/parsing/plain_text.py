"""Plain text: one article, or many one after another as wire dumps hold them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from qa_service.parsing.composing import Group, compose, title_of
from qa_service.parsing.decoding import decode, one_line, read_bytes
from qa_service.parsing.draft import Draft, Skipped, Unreadable
from qa_service.parsing.headings import numbering
from qa_service.parsing.lines import Unit, units_of
from qa_service.parsing.roles import CONTENT_ROLES, Role, roles_of
from qa_service.parsing.titles import find_titles, layout_of

LARGEST_FILE = 32 << 20
MOST_LINES = 1_000_000


def read_plain_text(path: Path, origin: str) -> Iterator[Draft | Skipped]:
    """Yield the articles of a text file in order.

    Raises:
        Unreadable: the file is no text, blank, too large, or holds nothing but menus and links.
    """
    text = decode(read_bytes(path, LARGEST_FILE), origin)
    if text.count("\n") > MOST_LINES:
        raise Unreadable(f"more than {MOST_LINES:,} lines; split it into smaller files")
    yield from read_articles(text, origin, one_line(path.stem.replace("_", " ")) or "Untitled")


def read_articles(text: str, origin: str, fallback_title: str) -> Iterator[Draft]:
    """Yield the articles of clean text in order.

    Args:
        fallback_title: title of text that has none of its own.
    """
    units = units_of(text)
    roles = roles_of(units)
    layout = layout_of(units, roles)
    groups = _groups(units, roles, find_titles(units, roles, layout), layout.usual_gap)
    titles = [title_of(group) for group in groups]
    numbers = iter(numbering([title for title in titles if title]))
    for group, title in zip(groups, titles, strict=True):
        bare = title[next(numbers) :] if title else None
        yield compose(group, bare, fallback_title, origin, alone=len(groups) == 1)


def _groups(units: Sequence[Unit], roles: Sequence[Role], titles: list[int], usual_gap: int) -> list[Group]:
    """Cut the units into articles; what stands before the first title without a story belongs to it."""
    bounds = [_boundary(units, roles, title) for title in titles]
    cuts: list[tuple[int, int | None]] = list(zip(bounds, titles, strict=True))
    if not cuts or any(role in CONTENT_ROLES for role in roles[: cuts[0][0]]):
        cuts.insert(0, (0, None))
    else:
        cuts[0] = (0, cuts[0][1])
    ends = [start for start, _ in cuts[1:]] + [len(units)]
    return [
        Group(units[start:end], roles[start:end], None if title is None else title - start, usual_gap)
        for (start, title), end in zip(cuts, ends, strict=True)
    ]


def _boundary(units: Sequence[Unit], roles: Sequence[Role], title: int) -> int:
    """Return where the article of a title begins: menus and dates above it may belong to it.

    They do when the wider gap stands above them.
    """
    start = title
    while start > 0 and roles[start - 1] not in CONTENT_ROLES:
        start -= 1
    return max(range(start, title + 1), key=lambda place: (units[place].parted, units[place].gap, place))
