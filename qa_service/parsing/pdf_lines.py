"""The lines of a PDF page with their places, in the order in which the page draws them."""

import ctypes
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

_LINE_ENDS = frozenset({10, 13})
_BREAKING_HYPHENS = frozenset(
    {2, 0xFFFE}
)  # PDFium's sign for a hyphen at a line's end; it joins the next line to it
_SOFT_HYPHEN = "\xad"
_BOLD = 600
_BOLD_NAME = re.compile(r"bold|black|heavy", re.IGNORECASE)
_LONGEST_FONT_NAME = 128
_MARGIN_SHARE = 0.1
_FEWEST_PAGES = 3
_NUMBER = re.compile(r"\d{1,9}")
_PAGE_NUMBER = re.compile(
    r"\W{0,3}(?:page |seite |p\. ?)?\d{1,4}(?: ?(?:of|/|von) ?\d{1,4})?\W{0,3}", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page.

    Attributes:
        page: from 1.
        left, right, bottom: edges and base line, in points from the page's lower left corner.
        size: of the letters, in points.
        margin: whether it stands at the very top or bottom of the page.
    """

    text: str
    page: int
    left: float
    right: float
    bottom: float
    size: float
    bold: bool
    margin: bool


def read_lines(page: pypdfium2.PdfPage, number: int) -> list[Line]:
    """Return the lines of a page; empty when it holds no text."""
    text_page = page.get_textpage()
    try:
        return list(_lines(text_page.raw, text_page.count_chars(), number, page.get_height()))
    finally:
        text_page.close()


def _lines(handle: object, count: int, number: int, height: float) -> Iterator[Line]:
    start = 0
    units: list[int] = []
    for position in range(count + 1):
        unit = pdfium.FPDFText_GetUnicode(handle, position) if position < count else 10
        if unit not in _LINE_ENDS:
            units.append(ord("-") if unit in _BREAKING_HYPHENS else unit)
        if unit not in _LINE_ENDS and unit not in _BREAKING_HYPHENS:
            continue
        line = _line(handle, units, start, number, height)
        if line is not None:
            yield line
        start, units = position + 1, []


def _line(handle: object, units: list[int], start: int, number: int, height: float) -> Line | None:
    seen = [place for place, unit in enumerate(units) if unit > 32]
    if not seen:
        return None
    text = _text(units)
    first, last = start + seen[0], start + seen[-1]
    middle = start + seen[len(seen) // 2]
    left, right = _sides(handle, first)[0], _sides(handle, last)[1]
    bottom = _baseline(handle, middle)
    size = float(pdfium.FPDFText_GetFontSize(handle, middle))
    bold = _is_bold(handle, middle)
    margin = not _MARGIN_SHARE * height < bottom < (1 - _MARGIN_SHARE) * height
    return Line(text, number, left, right, bottom, round(size, 1), bold, margin)


def _text(units: Sequence[int]) -> str:
    """Return code units as text; halves of a surrogate pair are joined."""
    raw = b"".join(unit.to_bytes(4, "little") for unit in units if unit < 0x110000)
    text = raw.decode("utf-32-le", "surrogatepass")
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if text.endswith(_SOFT_HYPHEN):
        text = text[:-1] + "-"
    return " ".join(text.replace(_SOFT_HYPHEN, "").split())


def _sides(handle: object, position: int) -> tuple[float, float]:
    """Return the left and the right edge of a character."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    pdfium.FPDFText_GetCharBox(handle, position, left, right, bottom, top)
    return left.value, right.value


def _baseline(handle: object, position: int) -> float:
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(handle, position, x, y)
    return y.value


def _is_bold(handle: object, position: int) -> bool:
    if pdfium.FPDFText_GetFontWeight(handle, position) >= _BOLD:
        return True
    name, flags = ctypes.create_string_buffer(_LONGEST_FONT_NAME), ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(handle, position, name, len(name), flags)
    return bool(_BOLD_NAME.search(name.value.decode("latin-1")))


def part_margins(lines: Sequence[Line]) -> tuple[list[Line], list[str]]:
    """Part the lines of the story from running heads and page numbers, which are returned once each."""
    pages = {line.page for line in lines}
    running = Counter(form for form, _ in {(_form(line), line.page) for line in lines if line.margin})
    least = min(_FEWEST_PAGES, max(2, len(pages)))
    kept: list[Line] = []
    furniture: dict[str, None] = {}
    for line in lines:
        numbered = bool(_PAGE_NUMBER.fullmatch(line.text[:40])) and len(line.text) <= 40
        if line.margin and (numbered or running[_form(line)] >= least):
            furniture[line.text] = None
        else:
            kept.append(line)
    return kept, list(furniture)


def _form(line: Line) -> str:
    return _NUMBER.sub("#", line.text)
