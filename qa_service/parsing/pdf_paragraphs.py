"""The lines of a PDF, joined to paragraphs, headings and captions."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from qa_service.domain import ParagraphKind
from qa_service.parsing.blocks import Block
from qa_service.parsing.captions import is_caption
from qa_service.parsing.decoding import clean
from qa_service.parsing.headings import begins_item, ends_sentence
from qa_service.parsing.notices import is_correction
from qa_service.parsing.pdf_lines import Line
from qa_service.parsing.roles import METADATA_ROLES, role_of_line

_WIDER_GAP = 1.3
_OTHER_SIZE = 1.08
_HEADING_SIZE = 1.15
_INDENT = 0.7
_SHORT_LINE = 0.8
_LONGEST_HEADING = 200
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_WORD_AHEAD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class PagedBlock:
    """A block and the page, from 1, on which it begins."""

    block: Block
    page: int


def paragraphs_of(lines: Sequence[Line]) -> list[PagedBlock]:
    """Return the blocks of lines in their order; words that hyphens broke at line ends are mended."""
    if not lines:
        return []
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    usual = sizes.most_common(1)[0][0]
    largest = max((line.size for line in lines if line.page == lines[0].page), default=usual)
    words = Counter(word.casefold() for line in lines for word in _WORD.findall(line.text))
    found = []
    for group in _groups(lines):
        text = clean(_joined(group, words))
        found.append(PagedBlock(_block(group, text, usual, largest), group[0].page))
    return found


def _groups(lines: Sequence[Line]) -> Iterator[list[Line]]:
    pitch = _usual_pitch(lines)
    rights = _right_edges(lines)
    group = [lines[0]]
    for before, line in pairwise(lines):
        if _parts(before, line, pitch, rights[_column(before)]):
            yield group
            group = []
        group.append(line)
    yield group


def _usual_pitch(lines: Sequence[Line]) -> float:
    pitches = [
        before.bottom - line.bottom
        for before, line in pairwise(lines)
        if before.page == line.page
        and before.size == line.size
        and 0 < before.bottom - line.bottom < 4 * line.size
    ]
    return median(pitches) if pitches else 0.0


def _column(line: Line) -> tuple[int, int]:
    return line.page, round(line.left / max(4 * line.size, 1))


def _right_edges(lines: Sequence[Line]) -> dict[tuple[int, int], float]:
    edges: dict[tuple[int, int], float] = {}
    for line in lines:
        edges[_column(line)] = max(edges.get(_column(line), 0.0), line.right)
    return edges


def _parts(before: Line, line: Line, pitch: float, right_edge: float) -> bool:
    """Return whether a paragraph ends between two lines."""
    if before.bold != line.bold or max(before.size, line.size) > _OTHER_SIZE * min(before.size, line.size):
        return True
    if role_of_line(before.text) in METADATA_ROLES:
        return True
    closed = ends_sentence(before.text)
    if before.page != line.page or line.bottom > before.bottom + before.size:
        # The next column or page: a paragraph goes on there unless its sentence was closed.
        return closed and not line.text[:1].islower()
    if before.bottom - line.bottom > _WIDER_GAP * pitch or begins_item(line.text):
        return True
    if line.left - before.left > _INDENT * line.size and line.left - before.left < 6 * line.size:
        return True
    width = right_edge - before.left
    return closed and before.right - before.left < _SHORT_LINE * width


def _joined(lines: Sequence[Line], words: Counter[str]) -> str:
    text = lines[0].text
    for line in lines[1:]:
        text = _mended(text, line.text, words) or f"{text} {line.text}"
    return text


def _mended(before: str, after: str, words: Counter[str]) -> str | None:
    """Join a word that a hyphen breaks; None where none is broken.

    The hyphen stays where the document writes the word with one elsewhere, or never writes it without
    and both halves are words of their own in front of a capital.
    """
    broken, ahead = _letters_before_hyphen(before), _WORD_AHEAD.match(after)
    if not broken or ahead is None:
        return None
    head, tail = broken.casefold(), ahead[0].casefold()
    keeps = words[f"{head}-{tail}"] > words[head + tail] or not ahead[0][0].islower()
    return before + after if keeps else before[:-1] + after


def _letters_before_hyphen(text: str) -> str:
    """Return the letters before the hyphen that ends `text`; empty where none does."""
    end = len(text) - text.endswith("-")
    start = end
    while end < len(text) and start > 0 and text[start - 1].isalpha():
        start -= 1
    return text[start:end]


def _block(group: Sequence[Line], text: str, usual: float, largest: float) -> Block:
    size, short = group[0].size, len(text) <= _LONGEST_HEADING
    if short and size >= _HEADING_SIZE * usual:
        return Block(ParagraphKind.SUBHEAD, text, 1 if size == largest else 2)
    if short and all(line.bold for line in group) and not ends_sentence(text):
        return Block(ParagraphKind.SUBHEAD, text, 2)
    if is_correction(text):
        return Block(ParagraphKind.CORRECTION, text)
    return Block(ParagraphKind.CAPTION if is_caption(text) else ParagraphKind.BODY, text)
