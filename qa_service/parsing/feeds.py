"""RSS and Atom files: many articles a file, read one after another."""

import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

from qa_service.domain import ParagraphKind
from qa_service.parsing.dates import parse_stamp
from qa_service.parsing.decoding import clean, one_line
from qa_service.parsing.draft import Draft, Skipped, Unreadable
from qa_service.parsing.fields import is_web_address
from qa_service.parsing.html import refused_markup, whole_page
from qa_service.parsing.identity import LONGEST_ID
from qa_service.parsing.metadata import Metadata, draft_of
from qa_service.parsing.paragraphs import Piece

_LOG = logging.getLogger(__name__)
LARGEST_FILE = 256 << 20
_ROOTS = frozenset({"rss", "rdf", "feed"})
_ITEMS = frozenset({"item", "entry"})
_BODIES = ("encoded", "content", "description", "summary", "subtitle")


def read_feed(path: Path, origin: str) -> Iterator[Draft | Skipped]:
    """Yield the articles of a feed in its order; an item without words is named and passed over.

    Raises:
        Unreadable: the file is no XML or no feed, blank or too large, or has no item.
    """
    if path.stat().st_size > LARGEST_FILE:
        raise Unreadable(f"larger than {LARGEST_FILE >> 20} MiB; split it into smaller files")
    number, source = 0, None
    try:
        for element in _elements(path, origin):
            name = _name(element)
            if name == "title" and number == 0 and source is None and _in_channel(element):
                source = one_line("".join(element.itertext())) or None
            if name not in _ITEMS:
                continue
            number += 1
            place = f"{origin}:{number}"
            try:
                yield _draft(element, place, source)
            except Unreadable as reason:
                yield Skipped(place, str(reason))
            _forget(element)
    except Unreadable as reason:
        if number == 0:
            raise
        yield Skipped(origin, f"{reason}; what stands after item {number:,} is not read")
    except etree.LxmlError as error:
        yield Skipped(origin, f"broken XML after item {number:,}: {one_line(str(error))[:120]}")
    if number == 0:
        raise Unreadable("a feed without items")


def _elements(path: Path, origin: str) -> Iterator[etree._Element]:
    """Yield finished elements; entities are not resolved, and nothing is fetched.

    Errors are passed over as far as can be, which may cost characters: the first is noted.

    Raises:
        Unreadable: it is no feed, or goes beyond a limit of the XML parser, which then reads no further.
    """
    with path.open("rb") as handle:
        events = etree.iterparse(
            handle, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False,
            huge_tree=False, recover=True, remove_comments=True, remove_pis=True,
        )  # fmt: skip
        first = True
        for event, element in events:
            if first and _name(element) not in _ROOTS:
                raise Unreadable(
                    f"XML, but no feed: its root is {_name(element)[:40]!r}; RSS and Atom are read"
                )
            first = False
            if event == "end":
                yield element
    errors = list(events.error_log)
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in errors):
        raise Unreadable(refused_markup(one_line(errors[-1].message)))
    if first:
        raise Unreadable("no XML")
    if errors:
        remark = f"broken XML, read as far as it can be: {one_line(errors[0].message)[:80]}, line {errors[0].line:,}"
        _LOG.warning("%s: %s", origin, remark)


def _name(element: etree._Element) -> str:
    tag = element.tag if isinstance(element.tag, str) else ""
    return tag.rpartition("}")[2].lower()


def _in_channel(element: etree._Element) -> bool:
    parent = element.getparent()
    return parent is not None and _name(parent) in {"channel", "feed"}


def _forget(element: etree._Element) -> None:
    """Free an item that was read, and its elder siblings."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def _draft(item: etree._Element, origin: str, source: str | None) -> Draft:
    parts: dict[str, list[etree._Element]] = {}
    for child in item:
        parts.setdefault(_name(child), []).append(child)
    title = one_line(" ".join(text for _, text in whole_page(_markup(parts.get("title"))))) or None
    pieces = max((_pieces(part) for name in _BODIES for part in parts.get(name, ())), key=_size, default=[])
    if not pieces:
        raise Unreadable("an item without words beside its title")
    url = _address(parts)
    metadata = Metadata(
        authors=_authors(parts),
        published_at=_stamp(parts, ("pubdate", "published", "date", "issued", "updated")),
        updated_at=_stamp(parts, ("updated", "modified")),
        source=source,
        url=url,
    )
    headline: list[Piece] = [(ParagraphKind.HEADLINE, title)] if title else []
    return draft_of(
        [*headline, *pieces], metadata, (), title=title or source or "Untitled", origin=origin, alone=False,
        given_id=_given_id(parts, url),
    )  # fmt: skip


def _markup(parts: list[etree._Element] | None) -> str:
    """Return the markup that an element holds, escaped or as elements of its own."""
    if not parts:
        return ""
    part = parts[0]
    if len(part):
        return (part.text or "") + "".join(etree.tostring(child, encoding="unicode") for child in part)
    return part.text or ""


def _pieces(part: etree._Element) -> list[Piece]:
    markup = clean(_markup([part]))
    if part.get("type") == "text" or ("<" not in markup and "&" not in markup):
        return [
            (ParagraphKind.BODY, " ".join(block.split())) for block in markup.split("\n\n") if block.strip()
        ]
    return whole_page(markup)


def _size(pieces: list[Piece]) -> int:
    return sum(len(text) for _, text in pieces)


def _words(part: etree._Element) -> str:
    return one_line("".join(part.itertext()))


def _authors(parts: dict[str, list[etree._Element]]) -> tuple[str, ...]:
    """Return names; RSS writes "mail@example.org (Jane Doe)", Atom a name within the author."""
    found: dict[str, None] = {}
    for part in [*parts.get("author", ()), *parts.get("creator", ())]:
        names = [_words(child) for child in part if _name(child) == "name"] or [_words(part)]
        for name in names:
            head, bracket, inner = name.partition(" (")
            found[inner.removesuffix(")") if bracket and "@" in head else name] = None
    return tuple(filter(None, found))


def _stamp(parts: dict[str, list[etree._Element]], names: tuple[str, ...]) -> str | None:
    stamps = (parse_stamp(_words(part)) for name in names for part in parts.get(name, ()))
    return next(filter(None, stamps), None)


def _address(parts: dict[str, list[etree._Element]]) -> str | None:
    links = [part for part in parts.get("link", ()) if part.get("rel", "alternate") == "alternate"]
    given = [(part.get("href") or _words(part)) for part in links]
    return next((link for link in given if is_web_address(link)), None)


def _given_id(parts: dict[str, list[etree._Element]], url: str | None) -> str | None:
    """Return the id that the feed gives the item, as far as no other feed can give the same one."""
    given = next((_words(part) for name in ("guid", "id") for part in parts.get(name, ())), "")
    if not given or len(given) > LONGEST_ID - 100:
        return None
    if ":" in given:
        return given
    host = urlsplit(url).hostname if url else None
    return f"{host}:{given}" if host else None
