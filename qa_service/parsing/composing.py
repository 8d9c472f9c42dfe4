"""The units of one plain-text article to its draft: headline, paragraphs, metadata, furniture."""

from collections.abc import Sequence
from dataclasses import dataclass

from qa_service.domain import ParagraphKind
from qa_service.parsing.bylines import dateline_date, has_dateline, read_date_line, read_field
from qa_service.parsing.dates import find_dates
from qa_service.parsing.decoding import one_line
from qa_service.parsing.draft import Draft
from qa_service.parsing.headings import is_enclosed, is_inner_heading, is_title_case
from qa_service.parsing.lines import Unit
from qa_service.parsing.metadata import Metadata, draft_of
from qa_service.parsing.notices import is_tag_line
from qa_service.parsing.paragraphs import Piece
from qa_service.parsing.roles import CONTENT_ROLES, METADATA_ROLES, Role

_LIST_OF_HEADINGS = 3
_STORY = CONTENT_ROLES - {Role.CAPTION}


@dataclass(frozen=True, slots=True)
class Group:
    """The units of one article.

    Attributes:
        title: position of its title among the units; None when it has none.
        story: first and last position of the story proper; head and tail stand around it.
        usual_gap: blank lines between most units of the file.
    """

    units: Sequence[Unit]
    roles: Sequence[Role]
    title: int | None
    story: tuple[int, int]
    usual_gap: int


def group_of(units: Sequence[Unit], roles: Sequence[Role], title: int | None, usual_gap: int) -> Group:
    """Return the group of an article's units, with its story found."""
    story = [position for position, role in enumerate(roles) if role in _STORY and position != title]
    bounds = (story[0], story[-1]) if story else (len(units), len(units))
    return Group(units, roles, title, bounds, usual_gap)


def title_of(group: Group) -> str | None:
    """Return the words of the article's title."""
    if group.title is None:
        return None
    text = group.units[group.title].text
    named = read_field(text) if group.roles[group.title] is Role.FIELD else None
    return one_line(named.value if named else text)


def compose(group: Group, title: str | None, fallback_title: str, origin: str, *, alone: bool) -> Draft:
    """Build the article of a group.

    Args:
        title: its title as it is to stand, or None when the group has none.
        fallback_title: stands for a missing title; it is no words of the article and not in its text.
    """
    pieces: list[Piece] = [(ParagraphKind.HEADLINE, title)] if title else []
    furniture: list[str] = []
    metadata = Metadata()
    first, last = group.story
    if first < len(group.units):
        metadata.published_at = dateline_date(group.units[first].text)
    for position, (unit, role) in enumerate(zip(group.units, group.roles, strict=True)):
        if position == group.title:
            continue
        kind = _kind_inside(group, position) if first <= position <= last else _kind_around(group, position)
        if kind is None:
            furniture.append(unit.text)
            metadata.take(unit.text, role)
        else:
            pieces.append((kind, unit.text))
    return draft_of(pieces, metadata, furniture, title=title or fallback_title, origin=origin, alone=alone)


def _kind_around(group: Group, position: int) -> ParagraphKind | None:
    """Return the kind of a unit before or after the story, or None for furniture."""
    text, role = group.units[position].text, group.roles[position]
    before = position < group.story[0]
    if role is Role.CAPTION:
        return ParagraphKind.CAPTION
    if role is Role.FURNITURE or text == title_of(group) or (group.title or 0) > position:
        return None
    if role in METADATA_ROLES:
        return None if before or _is_labelled(text, role) else ParagraphKind.BODY
    alone = before or position == len(group.units) - 1
    if is_tag_line(text) and alone:
        return None
    return ParagraphKind.SUBHEAD if before and is_inner_heading(text) else ParagraphKind.BODY


def _is_labelled(text: str, role: Role) -> bool:
    line = read_date_line(text) if role is Role.DATE else None
    return line is None or line.labelled


def _kind_inside(group: Group, position: int) -> ParagraphKind | None:
    """Return the kind of a unit of the story, or None for furniture."""
    role = group.roles[position]
    if role is Role.FURNITURE:
        return None
    if role is Role.CORRECTION:
        return ParagraphKind.CORRECTION
    if role is Role.CAPTION or (role is Role.BODY and _is_uncredited_caption(group, position)):
        return ParagraphKind.CAPTION
    if role in {Role.HEADING, Role.DATE} and _heads_text(group, position):
        return ParagraphKind.SUBHEAD
    return ParagraphKind.BODY


def _is_uncredited_caption(group: Group, position: int) -> bool:
    """Return whether the first paragraph is a dated caption that layout alone sets apart from the story."""
    following = position + 1
    return (
        position == group.story[0] < group.story[1]
        and group.title is not None
        and group.units[following].gap > group.usual_gap
        and group.roles[following] is Role.BODY
        and bool(find_dates(group.units[position].text))
        and not has_dateline(group.units[position].text)
    )


def _heads_text(group: Group, position: int) -> bool:
    """Return whether a line is a heading over what follows, and not one of a list of short lines."""
    text = group.units[position].text
    if is_enclosed(text):
        return True
    if not is_inner_heading(text):
        return False
    if _run_length(group.roles, position) >= _LIST_OF_HEADINGS:
        return False
    following = position + 1
    while following < len(group.roles) - 1 and group.roles[following] is Role.FURNITURE:
        following += 1
    return group.roles[following] in CONTENT_ROLES or is_title_case(text)


def _run_length(roles: Sequence[Role], position: int) -> int:
    """Return how many headings stand in a row here, as far as it matters."""
    start = end = position
    while start > 0 and roles[start - 1] is Role.HEADING and position - start < _LIST_OF_HEADINGS:
        start -= 1
    while end + 1 < len(roles) and roles[end + 1] is Role.HEADING and end - position < _LIST_OF_HEADINGS:
        end += 1
    return end - start + 1
