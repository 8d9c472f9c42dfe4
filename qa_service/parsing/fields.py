"""The named fields of a record - a JSON Lines object or Markdown front matter - checked one by one."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass

from qa_service.parsing.dates import parse_date
from qa_service.parsing.decoding import clean_noting, one_line
from qa_service.parsing.draft import Unreadable

_LOG = logging.getLogger(__name__)
_WEB_ADDRESS = re.compile(r"https?://[^\s\x00-\x1f]{1,2000}", re.IGNORECASE)
_LONGEST_SHOWN = 60
_KIND_OF = {dict: "an object", list: "a list", bool: "true or false", int: "a number", float: "a number"}


@dataclass(frozen=True, slots=True)
class Record:
    """What a record says about its article; the text is read by the format."""

    given_id: str | None
    title: str | None
    url: str | None
    source: str | None
    authors: tuple[str, ...]
    published_at: str | None
    updated_at: str | None


def read_record(fields: Mapping[str, object], origin: str) -> Record:
    """Check the known fields; unknown ones are ignored, null and blank ones count as absent.

    Markdown's customary `date`, `updated` and `author` stand for `published_at`, `updated_at`, `authors`.

    Raises:
        Unreadable: a field has the wrong type or a date that is none; names field and value.
    """
    return Record(
        given_id=_given_id(fields),
        title=_line(fields, "title", origin),
        url=_url(fields, origin),
        source=_line(fields, "source", origin),
        authors=_authors(fields, "authors", origin) or _authors(fields, "author", origin),
        published_at=_date(fields, "published_at", origin) or _date(fields, "date", origin),
        updated_at=_date(fields, "updated_at", origin) or _date(fields, "updated", origin),
    )


def required_text(fields: Mapping[str, object], name: str, origin: str) -> str:
    """Return the clean text of a field that must be there; what had to be replaced in it is noted.

    Raises:
        Unreadable: it is missing, no string or blank.
    """
    value = fields.get(name)
    if value is None:
        raise Unreadable(f'"{name}" is missing; every article needs it')
    text = clean_noting(_string(name, value), origin)
    if not text.strip():
        raise Unreadable(f'"{name}" is blank; every article needs it')
    return text


def is_web_address(text: str) -> bool:
    """Return whether `text` is an http or https address."""
    return bool(_WEB_ADDRESS.fullmatch(text))


def show(value: object) -> str:
    """Return a value as a message shows it: short, on one line, without unprintable characters."""
    if isinstance(value, str):
        cut = value if len(value) <= _LONGEST_SHOWN else value[:_LONGEST_SHOWN] + "…"
        return '"' + "".join(c if c.isprintable() else ascii(c)[1:-1] for c in cut) + '"'
    return _KIND_OF.get(type(value), type(value).__name__)


def _string(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise Unreadable(f'"{name}" is {show(value)}; it must be a string')
    return value


def _line(fields: Mapping[str, object], name: str, origin: str) -> str | None:
    value = fields.get(name)
    return None if value is None else one_line(clean_noting(_string(name, value), origin)) or None


def _given_id(fields: Mapping[str, object]) -> str | None:
    value = fields.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None if value is None else _string("id", value)


def _date(fields: Mapping[str, object], name: str, origin: str) -> str | None:
    text = _line(fields, name, origin)
    if text is None:
        return None
    parsed = parse_date(text)
    if parsed is None:
        raise Unreadable(f'"{name}" is {show(text)}; write a date like 2020-09-13 or 2020-09-13T08:30:00Z')
    return parsed


def _authors(fields: Mapping[str, object], name: str, origin: str) -> tuple[str, ...]:
    value = fields.get(name)
    given = value if isinstance(value, list) else [] if value is None else [value]
    names = []
    for author in given:
        if not isinstance(author, str):
            raise Unreadable(f'"{name}" holds {show(author)}; it must be a string or a list of strings')
        names.append(one_line(clean_noting(author, origin)))
    return tuple(author for author in names if author)


def _url(fields: Mapping[str, object], origin: str) -> str | None:
    text = _line(fields, "url", origin)
    if text is None or is_web_address(text):
        return text
    _LOG.warning('%s: "url" %s is no http or https address and was left out', origin, show(text))
    return None
