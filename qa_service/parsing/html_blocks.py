"""The blocks of an extracted web page, as pieces of an article."""

import re
from collections.abc import Iterator

from lxml.etree import _Element

from qa_service.domain import ParagraphKind
from qa_service.parsing.captions import is_caption
from qa_service.parsing.decoding import clean
from qa_service.parsing.notices import is_correction
from qa_service.parsing.paragraphs import Piece

CAPTION_MARK = "data-caption"
"""Attribute of the paragraphs that stood in a picture's caption."""

_BLOCKS = frozenset(
    {
        "body",
        "doc",
        "main",
        "div",
        "p",
        "head",
        "list",
        "item",
        "quote",
        "table",
        "row",
        "cell",
        "code",
        "pre",
    }
)
_LONGEST_CELL = 300
_SPACES = re.compile(r"[^\S\n]+")
_PARTING = re.compile(r"\n[^\S\n]*\n\s*")


def pieces_of(body: _Element) -> Iterator[Piece]:
    """Yield the pieces of an extracted body in its order: paragraphs, list items, subheads, tables, captions."""
    for element, text in _leaves(body):
        if element.tag == "table":
            yield ParagraphKind.TABLE, text
            continue
        for part in _PARTING.split(clean(text)):
            words = "\n".join(filter(None, (_SPACES.sub(" ", line).strip() for line in part.split("\n"))))
            if words:
                yield _kind(element, words), words


def _kind(element: _Element, words: str) -> ParagraphKind:
    if element.tag == "head":
        return ParagraphKind.SUBHEAD
    if is_correction(words):
        return ParagraphKind.CORRECTION
    if element.get(CAPTION_MARK) or is_caption(words):
        return ParagraphKind.CAPTION
    return ParagraphKind.BODY


def _leaves(root: _Element) -> Iterator[tuple[_Element, str]]:
    """Yield each stretch of words with the block that holds it; a table of data is one stretch.

    The walk keeps its own stack: elements may be nested deeper than Python calls can be.
    """
    words: list[str] = []
    stack: list[tuple[_Element, int]] = [(root, 0)]
    holders = [root]
    words.append(_plain(root.text))
    while stack:
        element, position = stack.pop()
        if position < len(element):
            stack.append((element, position + 1))
            child = element[position]
            if child.tag == "table" and (table := _data_table(child)):
                yield from _flush(holders[-1], words)
                yield child, table
                words.append(_plain(child.tail))
                continue
            if child.tag in _BLOCKS:
                yield from _flush(holders[-1], words)
                holders.append(child)
            words.append("\n" if child.tag == "lb" else _plain(child.text))
            stack.append((child, 0))
            continue
        if element is root:
            yield from _flush(root, words)
        else:
            if element.tag in _BLOCKS:
                yield from _flush(element, words)
                holders.pop()
            words.append(_plain(element.tail))


def _plain(text: str | None) -> str:
    """Return the words between two marks of markup; line ends in the source are no line ends of the text."""
    return re.sub(r"\s+", " ", text) if text else ""


def _flush(element: _Element, words: list[str]) -> Iterator[tuple[_Element, str]]:
    text = "".join(words)
    words.clear()
    if text.strip():
        yield element, text


def _data_table(table: _Element) -> str | None:
    """Return a table as lines of cells, or None when it only lays out the page."""
    if table.find(".//table") is not None:
        return None
    rows = [[_cell(cell) for cell in row.iter("cell")] for row in table.iter("row")]
    rows = [cells for cells in rows if any(cells)]
    longest = max((len(cell) for cells in rows for cell in cells), default=0)
    if max(map(len, rows), default=0) < 2 or longest > _LONGEST_CELL:
        return None
    return clean("\n".join(" | ".join(cells) for cells in rows))


def _cell(cell: _Element) -> str:
    return " ".join("".join(cell.itertext()).split())
