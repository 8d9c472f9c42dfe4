"""Where the articles of a plain-text file begin."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa_service.parsing.bylines import read_field
from qa_service.parsing.headings import (
    ends_sentence,
    is_dashed,
    is_enclosed,
    is_heading_like,
    is_title_case,
    word_count,
)
from qa_service.parsing.lines import Unit
from qa_service.parsing.notices import is_tag_line
from qa_service.parsing.roles import CONTENT_ROLES, METADATA_ROLES, Role, opens_article

_FEWEST_WORDS = 4
_FEWEST_WORDS_WITHOUT_GAP = 5
_FEWEST_WORDS_IN_EVEN_LAYOUT = 6
_MOST_WORDS_OF_A_LABEL = 2
_LONGEST_TITLE_WITH_STOP = 120
_LIST_OF_HEADINGS = 3
_FEWEST_WORDS_IN_STORY = 6
_CONTENT_WITHIN = 40


@dataclass(frozen=True, slots=True)
class Layout:
    """The habits of one file.

    Attributes:
        usual_gap: blank lines between most units.
        even: no line that could be a title stands apart by more than the usual gap.
        parted: separators stand before titles, at least mostly.
        first_mark: what marks the file's first line as a heading, or "".
    """

    usual_gap: int
    even: bool
    parted: bool
    first_mark: str


def layout_of(units: Sequence[Unit], roles: Sequence[Role]) -> Layout:
    """Return the habits of a file."""
    pairs = list(zip(units, roles, strict=True))[1:]
    gaps = Counter(unit.gap for unit, role in pairs if not unit.parted and role not in METADATA_ROLES)
    usual = min(gaps, key=lambda gap: (-gaps[gap], gap)) if gaps else 0
    after_separator = [role for unit, role in pairs if unit.parted]
    titled = sum(role not in CONTENT_ROLES for role in after_separator)
    return Layout(
        usual_gap=usual,
        even=not any(_stands_apart(unit, role, usual) for unit, role in pairs),
        parted=len(after_separator) > 1 and 3 * titled >= 2 * len(after_separator),
        first_mark=units[0].mark if units else "",
    )


def _stands_apart(unit: Unit, role: Role, usual_gap: int) -> bool:
    """Return whether layout sets off a line that may be a title or stand above one."""
    if role in CONTENT_ROLES or is_enclosed(unit.text):
        return False
    long_enough = role is not Role.HEADING or word_count(unit.text) >= _FEWEST_WORDS
    return unit.parted or (unit.gap > usual_gap and long_enough)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A line that could be a title by its form.

    Attributes:
        gap: the widest gap since the last text; a menu or date above a title hands its gap down to it.
        parted: a separator stands there, or the file begins.
        headings: how many candidates stand above it since the last text.
        last_text: position of the last text above it; -1 without one.
    """

    position: int
    gap: int
    parted: bool
    headings: int
    last_text: int


def find_titles(units: Sequence[Unit], roles: Sequence[Role], layout: Layout) -> list[int]:
    """Return the positions of the units that are titles, in order.

    A line is a title when it could be one by its form, a story follows before the next title, and the
    layout says so: it comes first; a separator or more blank lines than usual stand before it; or it
    is followed by what follows a title - a caption, a byline, a dateline, a tag line.
    """
    titles: list[_Candidate] = []
    for candidate in _candidates(units, roles, layout):
        former = titles[-1] if titles else None
        bare = former is not None and candidate.last_text < former.position
        former_words = word_count(units[former.position].text) if former else 0
        words = word_count(units[candidate.position].text)
        labelled = bare and former_words <= _MOST_WORDS_OF_A_LABEL and words >= _FEWEST_WORDS
        if not labelled and not _is_title(units, roles, candidate, layout):
            continue
        if bare:
            # Two titles and no text between: the former was a section's name, or this one is a subtitle.
            if not candidate.parted and former_words >= _FEWEST_WORDS:
                continue
            titles.pop()
        titles.append(candidate)
    ends = [title.position for title in titles[1:]] + [len(units)]
    return [
        title.position
        for title, end in zip(titles, ends, strict=False)
        if title.parted or _has_story(units, roles, title.position, end)
    ]


def _candidates(units: Sequence[Unit], roles: Sequence[Role], layout: Layout) -> Iterator[_Candidate]:
    gap, parted, headings, last_text = 0, True, 0, -1
    for position, (unit, role) in enumerate(zip(units, roles, strict=True)):
        gap, parted = max(gap, unit.gap), parted or unit.parted
        if _could_be_title(unit, role, layout, parted=parted, first=position == 0):
            if not CONTENT_ROLES.isdisjoint(roles[position + 1 : position + _CONTENT_WITHIN]):
                yield _Candidate(position, gap, parted, headings, last_text)
            headings += 1
        elif role in CONTENT_ROLES:
            headings, last_text = 0, position
        else:
            continue
        gap, parted = 0, False


def _could_be_title(unit: Unit, role: Role, layout: Layout, *, parted: bool, first: bool) -> bool:
    if role is Role.HEADING:
        return True
    if role is Role.FIELD:
        field = read_field(unit.text)
        return field is not None and field.name == "title"
    if not parted:
        return False
    if role is Role.BODY:
        return not first and layout.parted and len(unit.text) <= _LONGEST_TITLE_WITH_STOP
    # At the very start of an article a slash is no credit and "By" no byline.
    return role in {Role.CAPTION, Role.BYLINE} and is_heading_like(unit.text) and is_title_case(unit.text)


def _is_title(units: Sequence[Unit], roles: Sequence[Role], candidate: _Candidate, layout: Layout) -> bool:
    position = candidate.position
    unit = units[position]
    if roles[position] is Role.FIELD or (unit.mark and unit.mark == layout.first_mark):
        return True
    if is_dashed(unit.text) or candidate.parted:
        return candidate.parted and not is_dashed(unit.text)
    words, title_case = word_count(unit.text), is_title_case(unit.text)
    if is_tag_line(unit.text) or (
        ends_sentence(unit.text) and not title_case and not unit.text.endswith("?")
    ):
        return False
    opening = opens_article(units, roles, position + 1)
    apart = candidate.gap > layout.usual_gap
    if is_enclosed(unit.text):
        return apart and opening and words >= _FEWEST_WORDS
    if apart and (words >= _FEWEST_WORDS or opening):
        return title_case or roles[position - 1] is not Role.CAPTION
    if candidate.headings >= _LIST_OF_HEADINGS:
        return False
    if opening and words >= (_FEWEST_WORDS_WITHOUT_GAP if title_case else _FEWEST_WORDS_IN_EVEN_LAYOUT):
        return True
    adjacent = layout.usual_gap > 0 and units[position + 1].gap == 0
    return layout.even and title_case and not adjacent and words >= _FEWEST_WORDS_IN_EVEN_LAYOUT


def _has_story(units: Sequence[Unit], roles: Sequence[Role], title: int, end: int) -> bool:
    """Return whether a sentence stands between a title and the next one, so that it is no item of a list."""
    return any(
        roles[position] is Role.BODY
        and ends_sentence(units[position].text)
        and word_count(units[position].text) >= _FEWEST_WORDS_IN_STORY
        for position in range(title + 1, end)
    )
