"""What a web page states about its article: JSON-LD, meta elements, and the marks of its markup."""

import html
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml.etree import _Element

from qa_service.parsing.bylines import read_byline
from qa_service.parsing.dates import parse_stamp
from qa_service.parsing.decoding import one_line
from qa_service.parsing.fields import is_web_address
from qa_service.parsing.metadata import Metadata

_LARGEST_JSON = 1 << 20
_MOST_NODES = 2_000
_LONGEST_AUTHOR = 80
_MOST_AUTHORS = 20
_TITLES = ("og:title", "twitter:title", "dc.title", "citation_title", "parsely-title", "sailthru.title")
_AUTHORS = (
    "author", "article:author", "byl", "byline", "dc.creator", "dcterms.creator", "citation_author",
    "parsely-author", "sailthru.author",
)  # fmt: skip
_PUBLISHED = (
    "article:published_time", "og:published_time", "datepublished", "date", "pubdate", "publishdate",
    "dc.date", "dc.date.issued", "dcterms.created", "dcterms.date", "citation_publication_date",
    "parsely-pub-date", "sailthru.date", "article.published",
)  # fmt: skip
_UPDATED = (
    "article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified",
    "lastmod", "article.updated",
)  # fmt: skip
_SOURCES = ("og:site_name", "application-name", "dc.publisher", "citation_journal_title")
_TITLE_PARTINGS = (" | ", " - ", " – ", " — ", " · ", " :: ", " » ")


@dataclass(frozen=True, slots=True)
class Stated:
    """What a page says about itself; `title` is None when it says none."""

    title: str | None
    metadata: Metadata


def read_stated(root: _Element) -> Stated:
    """Read title, authors, dates, source and address; JSON-LD goes before meta elements, these before markup."""
    node, meta = _article_node(root), _meta(root)
    source = _name(node.get("publisher")) or _first(meta, _SOURCES)
    published = _stamp(node.get("datePublished")) or _first_stamp(meta, _PUBLISHED) or _time_element(root)
    return Stated(
        title=_title(root, node, meta, source),
        metadata=Metadata(
            authors=_authors(node) or _meta_authors(meta) or _marked_authors(root),
            published_at=published,
            updated_at=_stamp(node.get("dateModified")) or _first_stamp(meta, _UPDATED),
            source=source,
            url=_address(root, node, meta),
        ),
    )


def _article_node(root: _Element) -> Mapping[str, object]:
    """Return the first JSON-LD object whose type is an article's; empty without one."""
    seen = 0
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        for node in _nodes(_parsed(script.text or "")):
            if _is_article(node.get("@type")):
                return node
            seen += 1
            if seen > _MOST_NODES:
                return {}
    return {}


def _parsed(text: str) -> object:
    if len(text) > _LARGEST_JSON:
        return None
    try:
        return json.loads(text.strip().strip(";"), strict=False)
    except (ValueError, RecursionError):
        return None


def _nodes(value: object) -> Iterator[Mapping[str, object]]:
    """Yield the objects of a JSON-LD block: itself, its list or its graph."""
    waiting = [value]
    while waiting:
        item = waiting.pop(0)
        if isinstance(item, list):
            waiting += item[:_MOST_NODES]
        elif isinstance(item, dict):
            yield item
            waiting += [item[key] for key in ("@graph", "mainEntity") if key in item]


def _is_article(kind: object) -> bool:
    names = kind if isinstance(kind, list) else [kind]
    return any(
        isinstance(name, str) and name.rsplit("/", 1)[-1].endswith(("Article", "BlogPosting", "Report"))
        for name in names
    )


def _words(value: object) -> str | None:
    return one_line(html.unescape(value)) or None if isinstance(value, str) else None


def _name(value: object) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    return _words(value.get("name")) if isinstance(value, dict) else _words(value)


def _stamp(value: object) -> str | None:
    text = _words(value)
    return parse_stamp(text) if text else None


def _authors(node: Mapping[str, object]) -> tuple[str, ...]:
    value = node.get("author") or node.get("creator")
    given = value if isinstance(value, list) else [value]
    return _unique(name for item in given if (name := _name(item)))


def _meta(root: _Element) -> dict[str, list[str]]:
    """Return the contents of the meta elements by their lower-case name."""
    found: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        content = _words(element.get("content"))
        if name and content:
            found.setdefault(name.strip().lower(), []).append(content)
    return found


def _first(meta: Mapping[str, list[str]], names: tuple[str, ...]) -> str | None:
    return next((meta[name][0] for name in names if name in meta), None)


def _first_stamp(meta: Mapping[str, list[str]], names: tuple[str, ...]) -> str | None:
    stamps = (parse_stamp(content) for name in names for content in meta.get(name, ()))
    return next(filter(None, stamps), None)


def _meta_authors(meta: Mapping[str, list[str]]) -> tuple[str, ...]:
    return next((found for name in _AUTHORS if (found := _unique(meta.get(name, ())))), ())


def _marked_authors(root: _Element) -> tuple[str, ...]:
    """Return the authors that the markup itself names; the innermost mark holds the bare name."""
    for path in (
        '//*[@itemprop="author"]//*[@itemprop="name"]',
        '//*[@itemprop="author"]',
        '//*[@rel="author"]',
    ):
        marked = (one_line("".join(element.itertext())) for element in root.xpath(path)[:_MOST_AUTHORS])
        if found := _unique(marked):
            return found
    return ()


def _unique(names: Iterator[str] | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Return people's names once each, parted where one string holds several; addresses are no names."""
    kept: dict[str, None] = {}
    for name in names:
        if not name or is_web_address(name) or len(name) > _LONGEST_AUTHOR:
            continue
        parted = read_byline(name if name.lower().startswith("by ") else f"By {name}") or (name,)
        kept.update(dict.fromkeys(parted))
    return tuple(kept)[:_MOST_AUTHORS]


def _time_element(root: _Element) -> str | None:
    """Return the first date that a `time` element states, those of the article before others."""
    for path in ("//article//time[@datetime]", "//time[@pubdate]", "//time[@datetime]"):
        for element in root.xpath(path)[:5]:
            if found := _stamp(element.get("datetime")):
                return found
    return None


def _title(
    root: _Element, node: Mapping[str, object], meta: Mapping[str, list[str]], source: str | None
) -> str | None:
    stated = _words(node.get("headline")) or _first(meta, _TITLES)
    headings = [text for element in root.iter("h1") if (text := _heading(element))]
    if stated:
        stated = _without_site(stated, source)
        # The page shows a title in full where a description of it may be cut short or spelled plainly.
        return next((heading for heading in headings if _same_title(stated, heading)), stated)
    if len(headings) == 1:
        return headings[0]
    title = next((_words("".join(element.itertext())) for element in root.iter("title")), None)
    return _without_site(title, source) if title else next(iter(headings), None)


def _heading(element: _Element) -> str:
    return one_line("".join(element.itertext()))


def _same_title(stated: str, heading: str) -> bool:
    bare, shown = stated.rstrip(" .…").casefold(), heading.casefold()
    return shown.startswith(bare) and len(bare) * 2 >= len(shown)


def _without_site(title: str, source: str | None) -> str:
    """Return a title without the site's name that closes it."""
    for parting in _TITLE_PARTINGS:
        head, found, tail = title.rpartition(parting)
        named = source is not None and tail.casefold() == source.casefold()
        if found and head and (named or (parting == " | " and len(tail.split()) <= len(head.split()))):
            return head.strip()
    return title


def _address(root: _Element, node: Mapping[str, object], meta: Mapping[str, list[str]]) -> str | None:
    canonical = root.xpath('//link[@rel="canonical"]/@href')
    given = [*canonical[:1], _first(meta, ("og:url",)), node.get("url"), node.get("mainEntityOfPage")]
    addresses = (_words(value) for value in given)
    return next((value for value in addresses if value and is_web_address(value)), None)
