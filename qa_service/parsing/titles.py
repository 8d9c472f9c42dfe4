"""Where the articles of a plain-text file begin."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from qa_service.parsing.bylines import read_field
from qa_service.parsing.headings import is_enclosed, is_heading_like, is_title_case, word_count
from qa_service.parsing.lines import Unit
from qa_service.parsing.roles import CONTENT_ROLES, Role, opens_article

_FEWEST_WORDS = 4
_FEWEST_WORDS_WITHOUT_GAP = 5
_FEWEST_WORDS_IN_EVEN_LAYOUT = 6
_LONGEST_TITLE_WITH_STOP = 120
_MANY_HEADINGS = 3
_CONTENT_WITHIN = 40


@dataclass(frozen=True, slots=True)
class Layout:
    """The habits of one file.

    Attributes:
        usual_gap: blank lines between most units.
        even: no line that could be a title stands apart by more than the usual gap.
        parted: separators stand before titles, at least mostly.
        underline: the character that underlines the file's first line, or "".
    """

    usual_gap: int
    even: bool
    parted: bool
    underline: str


def layout_of(units: Sequence[Unit], roles: Sequence[Role]) -> Layout:
    """Return the habits of a file."""
    gaps = Counter(unit.gap for unit in units[1:] if not unit.parted)
    usual = min(gaps, key=lambda gap: (-gaps[gap], gap)) if gaps else 0
    headings = [unit for unit, role in zip(units[1:], roles[1:], strict=True) if role is Role.HEADING]
    apart = (
        unit.parted or (unit.gap > usual and word_count(unit.text) >= _FEWEST_WORDS) for unit in headings
    )
    after_separator = [role for unit, role in zip(units[1:], roles[1:], strict=True) if unit.parted]
    titled = sum(role not in CONTENT_ROLES for role in after_separator)
    return Layout(
        usual_gap=usual,
        even=not any(apart),
        parted=len(after_separator) > 1 and 3 * titled >= 2 * len(after_separator),
        underline=units[0].underline if units else "",
    )


def find_titles(units: Sequence[Unit], roles: Sequence[Role], layout: Layout) -> list[int]:
    """Return the positions of the units that are titles, in order.

    A line is a title when it could be one by its form, text follows before the next title, and the
    layout says so: it comes first; a separator or more blank lines than usual stand before it; or it
    is followed by what follows a title - a caption, a byline, a dateline, a tag line.
    """
    titles: list[int] = []
    has_content, headings, gap, parted = False, 0, 0, True
    for position, (unit, role) in enumerate(zip(units, roles, strict=True)):
        gap, parted = max(gap, unit.gap), parted or unit.parted
        candidate = _could_be_title(units, roles, position, parted, layout)
        if candidate and _has_content_after(roles, position):
            opens = _is_title(units, roles, position, gap, parted, layout)
            if opens and titles and not has_content:
                # Two titles and no text between: the former was a section's name, or this one a subtitle.
                opens = (
                    parted or headings >= _MANY_HEADINGS or word_count(units[titles[-1]].text) < _FEWEST_WORDS
                )
                if opens:
                    titles.pop()
            if opens:
                titles.append(position)
                has_content = False
            headings = headings + 1 if not has_content else 0
        elif role in CONTENT_ROLES:
            has_content, headings = True, 0
        elif role is not Role.HEADING:
            continue  # A menu or date above a title hands its gap down to it.
        gap, parted = 0, False
    return titles


def _could_be_title(
    units: Sequence[Unit], roles: Sequence[Role], position: int, parted: bool, layout: Layout
) -> bool:
    role, text = roles[position], units[position].text
    if role is Role.HEADING:
        return True
    if role is Role.FIELD:
        field = read_field(text)
        return field is not None and field.name == "title"
    if not parted:
        return False
    if role is Role.BODY:
        return position > 0 and layout.parted and len(text) <= _LONGEST_TITLE_WITH_STOP
    # At the very start of an article a slash is no credit and "By" no byline.
    return role in {Role.CAPTION, Role.BYLINE} and is_heading_like(text) and is_title_case(text)


def _has_content_after(roles: Sequence[Role], position: int) -> bool:
    return any(role in CONTENT_ROLES for role in roles[position + 1 : position + _CONTENT_WITHIN])


def _is_title(
    units: Sequence[Unit], roles: Sequence[Role], position: int, gap: int, parted: bool, layout: Layout
) -> bool:
    unit = units[position]
    if roles[position] is Role.FIELD or (unit.underline and unit.underline == layout.underline):
        return True
    if is_enclosed(unit.text) or parted:
        return parted and not is_enclosed(unit.text)
    words, title_case = word_count(unit.text), is_title_case(unit.text)
    opening = opens_article(units, roles, position + 1)
    if gap > layout.usual_gap and (words >= _FEWEST_WORDS or opening):
        return title_case or roles[position - 1] is not Role.CAPTION
    if opening and words >= (_FEWEST_WORDS_WITHOUT_GAP if title_case else _FEWEST_WORDS_IN_EVEN_LAYOUT):
        return True
    adjacent = layout.usual_gap > 0 and units[position + 1].gap == 0
    return layout.even and title_case and not adjacent and words >= _FEWEST_WORDS_IN_EVEN_LAYOUT
