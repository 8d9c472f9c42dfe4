"""Saved web pages: one article a page, without the site around it."""

from collections.abc import Iterator
from pathlib import Path

import lxml.html
import trafilatura
from lxml.etree import LxmlError, _Element

from qa_service.domain import ParagraphKind
from qa_service.parsing.blocks import title_of_file
from qa_service.parsing.decoding import decode_markup, one_line, read_bytes
from qa_service.parsing.draft import Draft, Skipped, Unreadable
from qa_service.parsing.html_blocks import CAPTION_MARK, pieces_of
from qa_service.parsing.html_metadata import read_stated
from qa_service.parsing.metadata import draft_of
from qa_service.parsing.notices import is_furniture
from qa_service.parsing.paragraphs import Piece

LARGEST_FILE = 16 << 20
_CAPTIONS = "//figcaption|//*[contains(concat(' ', @class, ' '), ' wp-caption-text ')]"
_SHORT_PAGE = 250
_UNSEEN = (
    "script", "style", "noscript", "template", "head", "title", "nav", "form", "button", "select", "iframe", "svg",
    "object", "canvas", "audio", "video",
)  # fmt: skip
_SITE_AROUND = ("header", "footer", "aside")
_PLAIN_TAGS = {
    "li": "item", "dt": "item", "dd": "item", "tr": "row", "td": "cell", "th": "cell", "br": "lb", "hr": "lb",
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "head"),
    **dict.fromkeys(("section", "article", "blockquote", "figure", "ul", "ol", "dl", "header", "footer", "aside",
                     "address", "center", "details", "summary", "html", "caption"), "div"),
}  # fmt: skip


def read_html(path: Path, origin: str) -> Iterator[Draft | Skipped]:
    """Yield the article of a web page.

    Raises:
        Unreadable: the file is no text, blank or too large, or has no words beside menus and links.
    """
    source = decode_markup(read_bytes(path, LARGEST_FILE), origin)
    yield read_page(source, origin, title_of_file(path.stem))


def read_page(source: str, origin: str, fallback_title: str) -> Draft:
    """Return the article of a page.

    Args:
        fallback_title: title of a page that states none.

    Raises:
        Unreadable: the page holds no words of an article.
    """
    stated = read_stated(_parsed(source))
    title = stated.title or fallback_title
    pieces, furniture = _sorted_out(body_pieces(source), title)
    if not pieces:
        raise Unreadable("no article text; only menus, links or scripts")
    headline: list[Piece] = [(ParagraphKind.HEADLINE, stated.title)] if stated.title else []
    return draft_of([*headline, *pieces], stated.metadata, furniture, title=title, origin=origin, alone=True)


def body_pieces(source: str) -> list[Piece]:
    """Return the pieces of a page's main text, of a short page or a fragment all it has; may be empty."""
    root = _parsed(source)
    _mark_captions(root)
    found = trafilatura.bare_extraction(root, fast=True, favor_precision=True, include_comments=False)
    pieces = [] if found is None or isinstance(found, dict) else list(pieces_of(found.body))
    if sum(len(text) for _, text in pieces) >= _SHORT_PAGE:
        return pieces
    return whole_page(source) or pieces


def whole_page(source: str) -> list[Piece]:
    """Return the pieces of all that a page or fragment shows, but for navigation and forms."""
    root = _parsed(source)
    _mark_captions(root)
    within = root.xpath("//article|//main")
    unseen = _UNSEEN if within else (*_UNSEEN, *_SITE_AROUND)
    for element in list(root.iter(*unseen, lxml.etree.Comment, lxml.etree.ProcessingInstruction)):
        _drop(element)
    for element in root.iter(*_PLAIN_TAGS):
        element.tag = _PLAIN_TAGS[element.tag]
    return list(pieces_of(root))


def _drop(element: _Element) -> None:
    """Take an element out; the words after it stay."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        return
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _parsed(source: str) -> _Element:
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = lxml.html.document_fromstring(source.encode(), parser=parser)
    except (LxmlError, ValueError) as error:
        raise Unreadable(f"no readable HTML: {one_line(str(error))[:100]}") from None
    for entry in parser.error_log:
        if entry.type_name == "ERR_RESOURCE_LIMIT":  # the rest of the page is not in the tree
            raise Unreadable(refused_markup(one_line(entry.message)))
    return root


def refused_markup(message: str) -> str:
    """Return for people why libxml2 gave up at a limit of its own.

    >>> refused_markup("Excessive depth in document: 2048, use XML_PARSE_HUGE option")
    'elements nested more than 2048 deep'
    """
    if "depth" in message:
        return f"elements nested more than {''.join(filter(str.isdigit, message))} deep"
    if "ntity" in message:
        return "entities that multiply the text"
    return f"beyond a limit of the XML parser: {message[:80]}"


def _mark_captions(root: _Element) -> None:
    """Turn each picture's caption into a marked paragraph after the picture."""
    for caption in root.xpath(_CAPTIONS):
        caption.tag = "p"
        caption.attrib.clear()
        caption.set(CAPTION_MARK, "1")
        figure = next(caption.iterancestors("figure"), None)
        if figure is not None:
            figure.addnext(caption)


def _sorted_out(pieces: list[Piece], title: str) -> tuple[list[Piece], list[str]]:
    """Part the pieces of the story from the site's lines; a heading that repeats the title is neither."""
    kept: list[Piece] = []
    furniture: list[str] = []
    for kind, text in pieces:
        if kind is ParagraphKind.SUBHEAD and text.casefold() == title.casefold():
            continue
        if kind is ParagraphKind.BODY and is_furniture(text):
            furniture.append(text)
        else:
            kept.append((kind, text))
    return kept, furniture
