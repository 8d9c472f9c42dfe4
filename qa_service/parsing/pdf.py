"""PDF files: one article a file, with the page on which each paragraph begins."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePath

import pypdfium2
import pypdfium2.raw as pdfium

from qa_service.domain import Paragraph
from qa_service.parsing.blocks import draft_of_blocks
from qa_service.parsing.dates import parse_stamp
from qa_service.parsing.decoding import one_line, read_bytes
from qa_service.parsing.draft import Draft, Skipped, Unreadable
from qa_service.parsing.metadata import Metadata
from qa_service.parsing.pdf_lines import Line, part_margins, read_lines
from qa_service.parsing.pdf_paragraphs import PagedBlock, paragraphs_of

LARGEST_FILE = 128 << 20
_MOST_PAGES = 5_000
_NO_TITLE = re.compile(r"Microsoft (?:Word|PowerPoint) - |untitled|about:blank", re.IGNORECASE)
_STAMP = re.compile(r"D:(\d{4})(\d{2})(\d{2})")


def read_pdf(path: Path, origin: str) -> Iterator[Draft | Skipped]:
    """Yield the article of a PDF, then a reason for the pages that hold pictures and no text.

    Raises:
        Unreadable: the file is no PDF, damaged, locked by a password, too large, or has no text at all.
    """
    try:
        document = pypdfium2.PdfDocument(read_bytes(path, LARGEST_FILE))
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        reason = "locked by a password; save it without one" if locked else "no PDF, or a damaged one"
        raise Unreadable(reason) from None
    try:
        lines, scanned = _read(document)
        count = len(document)
        stated = {
            name: one_line(document.get_metadata_value(name)) for name in ("Title", "Author", "CreationDate")
        }
    finally:
        document.close()
    if not lines:
        raise Unreadable(
            f"no text on any of its {count} pages; if they are scanned, recognise the text (OCR) first"
        )
    yield _draft(lines, stated, origin, path.stem)
    if scanned:
        raise Unreadable(
            f"{'page' if len(scanned) == 1 else 'pages'} {_ranges(scanned)} with pictures but no text;"
            " recognise the text (OCR) first"
        )


def _read(document: pypdfium2.PdfDocument) -> tuple[list[Line], list[int]]:
    """Return the lines of all pages, and the numbers of those with pictures instead of text."""
    if len(document) > _MOST_PAGES:
        raise Unreadable(f"{len(document):,} pages; at most {_MOST_PAGES:,} are read, split it")
    lines: list[Line] = []
    scanned: list[int] = []
    for number in range(1, len(document) + 1):
        try:
            page = document[number - 1]
        except pypdfium2.PdfiumError:
            scanned.append(number)
            continue
        found = read_lines(page, number)
        lines += found
        if not found and next(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3), None):
            scanned.append(number)
        page.close()
    return lines, scanned


def _draft(lines: Sequence[Line], stated: dict[str, str], origin: str, file_title: str) -> Draft:
    story, furniture = part_margins(lines)
    paged = paragraphs_of(story)
    title = stated["Title"]
    made_up = _NO_TITLE.match(title) or (" " not in title and PurePath(title).suffix)
    headed = any(one.block.level == 1 for one in paged)
    draft = draft_of_blocks(
        [one.block for one in paged],
        None if headed or made_up else title or None,
        Metadata((stated["Author"],) if stated["Author"] else ()),
        origin=origin,
        file_title=file_title,
        date_hint=_day(stated["CreationDate"]),
    )
    return replace(
        draft, paragraphs=_with_pages(draft.paragraphs, paged), furniture=(*draft.furniture, *furniture)
    )


def _day(stamp: str) -> str | None:
    found = _STAMP.match(stamp)
    return parse_stamp("-".join(found.groups())) if found else None


def _with_pages(paragraphs: Sequence[Paragraph], paged: Sequence[PagedBlock]) -> tuple[Paragraph, ...]:
    """Give each paragraph the page of its block; both stand in the same order, but some blocks are furniture."""
    places = {one_line(one.block.text): one.page for one in reversed(paged)}
    found: list[Paragraph] = []
    rest = iter(paged)
    for paragraph in paragraphs:
        if paragraph.index is None:
            page = places.get(paragraph.text)
        else:
            page = next((one.page for one in rest if one.block.text.strip() == paragraph.text), None)
        found.append(replace(paragraph, page=page))
    return tuple(found)


def _ranges(numbers: Sequence[int]) -> str:
    """Return page numbers as people write them.

    >>> _ranges([1, 2, 3, 7])
    '1-3, 7'
    """
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)
