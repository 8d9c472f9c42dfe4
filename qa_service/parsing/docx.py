"""Word documents: one article a file, with the metadata of its properties."""

import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import docx
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph
from lxml.etree import LxmlError, _Element

from qa_service.domain import ParagraphKind
from qa_service.parsing.blocks import Block, draft_of_blocks
from qa_service.parsing.captions import is_caption
from qa_service.parsing.decoding import clean, one_line
from qa_service.parsing.draft import Draft, Skipped, Unreadable
from qa_service.parsing.metadata import Metadata
from qa_service.parsing.notices import is_correction
from qa_service.parsing.zips import check_zip

_WORDS_OF = {qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:tab"): " ", qn("w:noBreakHyphen"): "-"}
_TEXT = qn("w:t")
# What Word shows elsewhere or not at all: deleted words, and a second form of what stands beside it.
_UNSEEN = frozenset(
    {qn("w:del"), qn("w:moveFrom"), "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
)
_LONGEST_TITLE = 200
_PROGRAMS = frozenset({"python-docx", "Microsoft Office User"})


def read_docx(path: Path, origin: str) -> Iterator[Draft | Skipped]:
    """Yield the article of a Word document.

    Raises:
        Unreadable: the file is no Word document, damaged, encrypted, too large when unpacked, or blank.
    """
    check_zip(path)
    try:
        document = docx.Document(str(path))
        blocks = list(_blocks(document))
        title, metadata, written = _stated(document)
    except (
        PackageNotFoundError,
        KeyError,
        ValueError,
        AttributeError,
        LxmlError,
        zipfile.BadZipFile,
    ) as error:
        raise Unreadable(f"no readable Word document: {one_line(str(error))[:120]}") from None
    headed = blocks and (blocks[0].level or any(block.level == 1 for block in blocks))
    yield draft_of_blocks(
        blocks, None if headed else title, metadata, origin=origin, file_title=path.stem, date_hint=written
    )


def _stated(document: Document) -> tuple[str | None, Metadata, str | None]:
    """Return the title and what else the properties state, and the day of writing."""
    properties = document.core_properties
    names = (one_line(name) for name in (properties.author or "").split(";"))
    authors = tuple(name for name in names if name and name not in _PROGRAMS)
    metadata = Metadata(authors, updated_at=_day(properties.modified))
    return one_line(properties.title or "") or None, metadata, _day(properties.created)


def _day(moment: datetime | None) -> str | None:
    return moment.date().isoformat() if moment else None


def _blocks(document: Document) -> Iterator[Block]:
    opening = True
    for item in document.iter_inner_content():
        if isinstance(item, Table):
            yield from _table(item)
            continue
        for text in _paragraphs(item._p):
            yield _block(item, text, opening=opening)
            opening = False


def _block(paragraph: Paragraph, text: str, *, opening: bool) -> Block:
    style = (paragraph.style.name or "").lower() if paragraph.style is not None else ""
    if style == "title":
        return Block(ParagraphKind.SUBHEAD, text, 1)
    if style.startswith("heading"):
        level = int(style[-1]) + 1 if style[-1].isdigit() else 2
        return Block(ParagraphKind.SUBHEAD, text, level)
    if opening and len(text) <= _LONGEST_TITLE and _is_bold(paragraph):
        return Block(ParagraphKind.SUBHEAD, text, 1)
    if is_correction(text):
        return Block(ParagraphKind.CORRECTION, text)
    caption = style.startswith("caption") or is_caption(text)
    return Block(ParagraphKind.CAPTION if caption else ParagraphKind.BODY, text)


def _is_bold(paragraph: Paragraph) -> bool:
    runs = [run for run in paragraph.runs if run.text.strip()]
    return bool(runs) and all(run.bold for run in runs)


def _table(table: Table) -> Iterator[Block]:
    rows = []
    for row in table._tbl.tr_lst:
        cells = [
            " ".join(text for p in cell.iter(qn("w:p")) for text in _paragraphs(p)) for cell in row.tc_lst
        ]
        if any(cells):
            rows.append(" | ".join(" ".join(cell.split()) for cell in cells))
    if rows:
        yield Block(ParagraphKind.TABLE, "\n".join(rows), literal=True)


def _paragraphs(element: _Element) -> list[str]:
    """Return the words of a paragraph, and of the text boxes in it, without those that are deleted."""
    words: list[str] = []
    waiting = [element]
    while waiting:
        part = waiting.pop()
        if part.tag in _UNSEEN:
            continue
        if part.tag == _TEXT:
            words.append(part.text or "")
        elif part.tag in _WORDS_OF:
            words.append(_WORDS_OF[part.tag])
        elif part is not element and part.tag == qn("w:p"):
            words.append("\n\n")
        waiting += reversed(part)
    text = clean("".join(words))
    return [piece for part in text.split("\n\n") if (piece := _tidy(part))]


def _tidy(text: str) -> str:
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n"))))
