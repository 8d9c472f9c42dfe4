"""Plain text: one article, or many one after another as wire dumps hold them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from qa_service.parsing.blocks import title_of_file
from qa_service.parsing.composing import Group, compose, group_of, title_of
from qa_service.parsing.decoding import decode, read_bytes
from qa_service.parsing.draft import Draft, Skipped, Unreadable
from qa_service.parsing.headings import numbering, word_count
from qa_service.parsing.lines import Unit, units_of
from qa_service.parsing.roles import CONTENT_ROLES, Role, repeated_lines, roles_of, without_menus
from qa_service.parsing.titles import find_titles, layout_of

LARGEST_FILE = 16 << 20
MOST_LINES = 300_000
_LONGEST_SECTION_NAME = 3
_MOST_TRIALS = 4


def read_plain_text(path: Path, origin: str) -> Iterator[Draft | Skipped]:
    """Yield the articles of a text file in order.

    Raises:
        Unreadable: the file is no text, blank, too large, or holds nothing but menus and links.
    """
    text = decode(read_bytes(path, LARGEST_FILE), origin)
    if text.count("\n") > MOST_LINES:
        raise Unreadable(f"more than {MOST_LINES:,} lines; split it into smaller files")
    yield from read_articles(text, origin, title_of_file(path.stem))


def read_articles(text: str, origin: str, fallback_title: str) -> Iterator[Draft]:
    """Yield the articles of clean text in order.

    Args:
        fallback_title: title of text that has none of its own.
    """
    units = units_of(text)
    groups = _groups(units)
    titles = [title_of(group) for group in groups]
    numbers = iter(numbering([title for title in titles if title]))
    found = False
    for group, title in zip(groups, titles, strict=True):
        bare = title[next(numbers) :] if title else None
        draft = compose(group, bare, fallback_title, origin, alone=len(groups) == 1)
        if draft.text:
            found = True
            yield draft
    if not found:
        raise Unreadable("no article text; only menus, links or separators")


def _groups(units: Sequence[Unit]) -> list[Group]:
    """Cut the units into articles; what stands before the first title without a story belongs to it."""
    roles, titles = _roles_and_titles(units)
    layout = layout_of(units, roles)
    cuts: list[tuple[int, int | None]] = [(_boundary(units, roles, title), title) for title in titles]
    if not cuts or not CONTENT_ROLES.isdisjoint(roles[: cuts[0][0]]):
        cuts.insert(0, (0, None))
    else:
        cuts[0] = (0, cuts[0][1])
    ends = [start for start, _ in cuts[1:]] + [len(units)]
    return [
        group_of(
            units[start:end], roles[start:end], None if title is None else title - start, layout.usual_gap
        )
        for (start, title), end in zip(cuts, ends, strict=True)
    ]


def _roles_and_titles(units: Sequence[Unit]) -> tuple[list[Role], list[int]]:
    """Return the role of each unit and the positions of the titles.

    Lines that come again and again are first taken for a site's menu. Those that come more often than
    there are articles were none, and are given back.
    """
    own = roles_of(units)
    menu = repeated_lines(units)
    for _ in range(_MOST_TRIALS):
        roles = without_menus(units, own, menu)
        titles = find_titles(units, roles, layout_of(units, roles))
        sound = {text: count for text, count in menu.items() if count <= len(titles) + 1}
        if len(sound) == len(menu):
            return roles, titles
        menu = sound
    return own, find_titles(units, own, layout_of(units, own))


def _boundary(units: Sequence[Unit], roles: Sequence[Role], title: int) -> int:
    """Return where the article of a title begins: menus, dates and a section's name above may belong to it.

    They do when the wider gap stands above them.
    """
    start = title
    while (
        start > 0 and roles[start - 1] not in CONTENT_ROLES and not _is_long_heading(units, roles, start - 1)
    ):
        start -= 1
    return max(range(start, title + 1), key=lambda place: (units[place].parted, units[place].gap, place))


def _is_long_heading(units: Sequence[Unit], roles: Sequence[Role], position: int) -> bool:
    return roles[position] is Role.HEADING and word_count(units[position].text) > _LONGEST_SECTION_NAME
