"""Which file is read by which format; a format is imported when its first file comes."""

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from qa_service.parsing.draft import Draft, Skipped

Reader = Callable[[Path, str], Iterator[Draft | Skipped]]

_HTML = ("html", "read_html")
_TEXT = ("plain_text", "read_plain_text")
_MARKDOWN = ("markdown", "read_markdown")
_JSON_LINES = ("json_lines", "read_json_lines")
_FEED = ("feeds", "read_feed")

FORMATS = {
    ".txt": _TEXT,
    ".text": _TEXT,
    ".md": _MARKDOWN,
    ".markdown": _MARKDOWN,
    ".html": _HTML,
    ".htm": _HTML,
    ".xhtml": _HTML,
    ".pdf": ("pdf", "read_pdf"),
    ".docx": ("docx", "read_docx"),
    ".eml": ("mail", "read_mail"),
    ".rss": _FEED,
    ".atom": _FEED,
    ".xml": _FEED,
    ".jsonl": _JSON_LINES,
    ".ndjson": _JSON_LINES,
}
"""Suffix to module and function; modules are named, because their libraries take long to import."""

_OF_MANY = frozenset({_TEXT, _JSON_LINES, _FEED})


def load_reader(suffix: str) -> Reader:
    """Import what reads files of a suffix of `FORMATS`."""
    module, function = FORMATS[suffix]
    reader: Reader = getattr(import_module(f"qa_service.parsing.{module}"), function)
    return reader


def holds_many(suffix: str) -> bool:
    """Return whether a file of this type may hold any number of articles, read one after another."""
    return FORMATS[suffix] in _OF_MANY
