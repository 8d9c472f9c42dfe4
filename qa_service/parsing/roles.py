"""What each unit of a plain-text file is, by its own words and its neighbours'."""

from collections import Counter
from collections.abc import Collection, Sequence
from enum import StrEnum

from qa_service.parsing.bylines import has_dateline, read_byline, read_date_line, read_field
from qa_service.parsing.captions import caption_words, is_caption, is_credit
from qa_service.parsing.headings import is_heading_like, word_count
from qa_service.parsing.lines import Unit
from qa_service.parsing.notices import is_correction, is_furniture, is_tag_line

_LONGEST_REPEATED = 80
_FEWEST_REPEATS = 3
_FEWEST_CAPTION_WORDS = 4


class Role(StrEnum):
    """The part that a unit may play; its place in the article decides the rest."""

    BODY = "body"
    HEADING = "heading"
    CAPTION = "caption"
    CORRECTION = "correction"
    FURNITURE = "furniture"
    BYLINE = "byline"
    DATE = "date"
    FIELD = "field"


METADATA_ROLES = frozenset({Role.BYLINE, Role.DATE, Role.FIELD})
OPENING_ROLES = METADATA_ROLES | {Role.CAPTION}
CONTENT_ROLES = frozenset({Role.BODY, Role.CAPTION, Role.CORRECTION})


def roles_of(units: Sequence[Unit]) -> list[Role]:
    """Return the role of each unit."""
    roles = [role_of_line(unit.text) for unit in units]
    _spread_captions(units, roles)
    return roles


def opens_article(units: Sequence[Unit], roles: Sequence[Role], position: int) -> bool:
    """Return whether the unit is one that stands under a title: caption, tags, byline, date, dateline."""
    if position >= len(units):
        return False
    text = units[position].text
    return roles[position] in OPENING_ROLES or is_tag_line(text) or has_dateline(text)


def role_of_line(text: str) -> Role:
    """Return the role that a line would play by its own words alone."""
    tests = (
        (Role.CORRECTION, is_correction),
        (Role.FIELD, read_field),
        (Role.FURNITURE, is_furniture),
        (Role.CAPTION, is_caption),
        (Role.DATE, read_date_line),
    )
    for role, test in tests:
        if test(text):
            return role
    if read_byline(text) is not None:
        return Role.BYLINE
    return Role.HEADING if is_heading_like(text) else Role.BODY


def _spread_captions(units: Sequence[Unit], roles: list[Role]) -> None:
    """Mark the line above a credit, and the line beside a caption that says the same."""
    for position in range(len(units) - 1, 0, -1):
        above, unit = units[position - 1], units[position]
        if unit.gap > 0 or unit.parted or roles[position] is not Role.CAPTION:
            continue
        told_by_credit = is_credit(unit.text) and word_count(above.text) >= _FEWEST_CAPTION_WORDS
        if told_by_credit or _same_words(above.text, unit.text):
            roles[position - 1] = Role.CAPTION
    for position in range(1, len(units)):
        above, unit = units[position - 1], units[position]
        if unit.gap == 0 and roles[position - 1] is Role.CAPTION and _same_words(above.text, unit.text):
            roles[position] = Role.CAPTION


def _same_words(one: str, other: str) -> bool:
    words = caption_words(one)
    return len(words) > 0 and words == caption_words(other)


def repeated_lines(units: Sequence[Unit]) -> dict[str, int]:
    """Return the short lines that come again and again, with their counts."""
    counts = Counter(unit.text for unit in units if len(unit.text) <= _LONGEST_REPEATED)
    return {text: count for text, count in counts.items() if count >= _FEWEST_REPEATS}


def without_menus(units: Sequence[Unit], roles: Sequence[Role], menu: Collection[str]) -> list[Role]:
    """Return the roles with the lines of `menu` as furniture where they stand around articles.

    An inner heading may come again in each article too, but text stands on both its sides.
    """
    marked = list(roles)
    for position, unit in enumerate(units):
        if unit.text not in menu or roles[position] not in {Role.HEADING, Role.BODY}:
            continue
        before = marked[position - 1] if position else Role.FURNITURE
        after = roles[position + 1] if position + 1 < len(units) else Role.FURNITURE
        if not (before in CONTENT_ROLES and after in CONTENT_ROLES):
            marked[position] = Role.FURNITURE
    return marked
