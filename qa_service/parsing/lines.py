"""The lines of a text file, unwrapped into units: one unit is one paragraph to be."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from qa_service.parsing.headings import begins_item, ends_sentence, is_enclosed

_BREAKS = str.maketrans({"\f": "\n\f\n", "\v": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n\n"})
_FORM_FEED = "\f"
# All white space, and the characters of no width.
_INVISIBLE = "".join(c for c in map(chr, range(0x3001)) if c.isspace()) + "\u200b\u2060\ufeff"
_TAB_WIDTH = 4
_DECORATED = re.compile(r"\A([=*#~_-])\1{2,20}\s{0,5}([^=*#~_\s-].{0,200}?)\s{0,5}\1{3,20}")
_HASHED = re.compile(r"\A(#{1,6})\s{1,5}([^#\s].{0,200})")
_UNDERLINES = "=-~"
_LONGEST_UNDERLINED = 160
_WRAP_WIDTHS = range(30, 161)
_FEWEST_WRAPPED_PAIRS = 3
_WRAPPED_SHARE = 0.75
_RAGGED = 12
_INDENTED = 2


@dataclass(frozen=True, slots=True)
class Unit:
    """A paragraph to be, with what the layout says about it.

    Attributes:
        gap: blank lines before it; 0 when it stands directly beneath the line before.
        parted: a separator - dashes, stars, a form feed - stands before it.
        mark: what marks it as a heading - the character of the line beneath it, or hashes before it - or "".
    """

    text: str
    gap: int
    parted: bool = False
    mark: str = ""


@dataclass(slots=True)
class _Block:
    """Lines without a blank line between them."""

    lines: list[str]
    gap: int
    parted: bool
    mark: str = ""


def units_of(text: str) -> list[Unit]:
    """Return the units of a text, in order; separators and blank lines are told by their attributes.

    Where the lines are wrapped at a column, those of one paragraph are joined by single spaces;
    elsewhere each line is a unit.
    """
    blocks = _blocks(text)
    width = _wrap_width(blocks)
    units = []
    for block in blocks:
        lines = (
            [line.strip(_INVISIBLE) for line in block.lines] if width is None else _joined(block.lines, width)
        )
        for position, line in enumerate(lines):
            first = position == 0
            units.append(Unit(line, block.gap if first else 0, block.parted and first, block.mark))
    return units


def _blocks(text: str) -> list[_Block]:
    blocks: list[_Block] = []
    gap, parted, open_block = 0, False, False
    for raw in text.translate(_BREAKS).split("\n"):
        line = raw if raw == _FORM_FEED else raw.rstrip(_INVISIBLE).expandtabs(_TAB_WIDTH)
        if not line:
            gap, open_block = gap + 1, False
            continue
        if is_separator(line):
            if open_block and _underlines(line, blocks[-1]):
                blocks[-1].mark = line.strip()[0]
            else:
                parted = True
            gap, open_block = 0, False
            continue
        hashed = _HASHED.fullmatch(line.strip()) if len(line) <= _LONGEST_UNDERLINED else None
        if hashed:
            blocks.append(_Block([hashed.group(2)], gap, parted, hashed.group(1)))
            gap, parted, open_block = 0, False, False
            continue
        decorated = _DECORATED.fullmatch(line.strip()) if len(line) <= _LONGEST_UNDERLINED else None
        if decorated:
            line, parted, open_block = decorated.group(2), True, False
        if open_block:
            blocks[-1].lines.append(line)
        else:
            blocks.append(_Block([line], gap, parted))
        gap, parted, open_block = 0, False, decorated is None
    return blocks


def is_separator(line: str) -> bool:
    """Return whether a line parts what stands above and below: a form feed, or marks without a word."""
    if line == _FORM_FEED:
        return True
    if any(c.isalnum() for c in line):
        return False
    marks = "".join(line.split())
    return len(marks) >= 3 or marks in {"*", "#", "•", "⁂", "§", "–", "—"}


def _underlines(line: str, block: _Block) -> bool:
    marks = line.strip()
    return (
        len(set(marks)) == 1
        and marks[0] in _UNDERLINES
        and len(block.lines) == 1
        and len(block.lines[0]) <= _LONGEST_UNDERLINED
        and not ends_sentence(block.lines[0])
    )


def _wrap_width(blocks: list[_Block]) -> int | None:
    """Return the column at which the lines are wrapped, or None when they are not.

    A line is wrapped when the next line's first word would not have fitted into it. Lines that close a
    sentence are not asked, since a paragraph may end there.
    """
    pairs = [pair for block in blocks for pair in pairwise(block.lines) if not ends_sentence(pair[0])]
    if len(pairs) < _FEWEST_WRAPPED_PAIRS:
        return None
    lengths = sorted(len(line) for line, _ in pairs)
    width = lengths[int(0.95 * (len(lengths) - 1))]
    full = sum(not _fits(line, following, width) for line, following in pairs)
    return width if width in _WRAP_WIDTHS and full >= _WRAPPED_SHARE * len(pairs) else None


def _fits(line: str, following: str, width: int) -> bool:
    return len(line) + 1 + len(following.split(maxsplit=1)[0]) <= width


def _joined(lines: list[str], width: int) -> Iterator[str]:
    """Join wrapped lines by single spaces, and at a broken hyphenated word by nothing."""
    joined = lines[0].strip(_INVISIBLE)
    for line, following in pairwise(lines):
        text = following.strip(_INVISIBLE)
        if _breaks(line, following, width):
            yield joined
            joined = text
        elif len(joined) > 1 and joined[-1] == "-" and joined[-2].isalpha() and text[0].isalpha():
            joined += text
        else:
            joined += " " + text
    yield joined


def _breaks(line: str, following: str, width: int) -> bool:
    """Return whether a paragraph of wrapped text ends with `line`."""
    fits = _fits(line, following, width)
    # A dash or number at the start of a line may stand in mid-sentence, where the wrapping put it.
    if begins_item(following) and (fits or line.endswith(":")):
        return True
    if ends_sentence(line) or is_enclosed(line):
        return fits or _indent(following) >= _indent(line) + _INDENTED
    next_letter = following.lstrip(" “‘\"'(")[:1]
    sound_end = not next_letter.islower() and line[-1] not in ",;–—-/(:"
    return sound_end and _fits(line, following, width - _RAGGED)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
