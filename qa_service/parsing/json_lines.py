"""JSON Lines, one article a line, read line by line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn, TextIO

from qa_service.parsing.bylines import dateline_date
from qa_service.parsing.charsets import marked_encoding, unmarked_utf_16
from qa_service.parsing.decoding import decode, is_binary
from qa_service.parsing.draft import Draft, Skipped, Unreadable
from qa_service.parsing.fields import read_record, required_text, show
from qa_service.parsing.kinds import kinds_of_blocks
from qa_service.parsing.metadata import date_of_captions
from qa_service.parsing.paragraphs import blocks, cut_paragraphs

LONGEST_LINE = 4 << 20
_SNIFFED = 8192


def read_json_lines(path: Path, origin: str) -> Iterator[Draft | Skipped]:
    """Yield an article, or the reason why there is none, for every line that is not blank.

    A line ends with LF, CR LF or CR, none of which may stand bare within a value of JSON (RFC 8259, section 7).

    Raises:
        Unreadable: the file as a whole is no text.
    """
    encoding = _encoding(path)
    # A byte that is no UTF-8 becomes a lone surrogate, so that its line alone can be decoded again.
    errors = "surrogateescape" if encoding.startswith("utf-8") else "replace"
    with path.open(encoding=encoding, errors=errors, newline=None) as handle:
        blank = True
        for number, line in enumerate(_lines(handle), start=1):
            place = f"{origin}:{number}"
            if line is not None and not line.strip():
                continue
            blank = False
            try:
                yield _draft(line, place)
            except Unreadable as reason:
                yield Skipped(place, str(reason))
    if blank:
        raise Unreadable("the file is blank")


def _encoding(path: Path) -> str:
    with path.open("rb") as handle:
        start = handle.read(_SNIFFED)
    if not start:
        raise Unreadable("the file is empty")
    marked = marked_encoding(start)
    if marked is None and b"\x00" in start:
        wide = unmarked_utf_16(start)
        if wide is None and is_binary(start.decode("latin-1")):
            raise Unreadable(f"binary: a NUL byte at {start.index(0)}")
        return wide or "utf-8"
    return marked or "utf-8"


def _lines(handle: TextIO) -> Iterator[str | None]:
    """Yield each line, or None for one that is too long to be held."""
    while line := handle.readline(LONGEST_LINE):
        if line.endswith("\n") or len(line) < LONGEST_LINE:
            yield line
            continue
        while (rest := handle.readline(LONGEST_LINE)) and not rest.endswith("\n"):
            pass
        yield None


def _draft(line: str | None, origin: str) -> Draft:
    if line is None:
        raise Unreadable(f"longer than {LONGEST_LINE >> 20} million characters; split the article")
    fields = _fields(line, origin)
    record = read_record(fields, origin)
    title = record.title or required_text(fields, "title", origin)
    text = required_text(fields, "text", origin)
    places = list(blocks(text))
    kinds = kinds_of_blocks([text[start:end] for start, end in places])
    spans = [(kind, start, end) for kind, (start, end) in zip(kinds, places, strict=True)]
    stated = record.published_at or dateline_date(text[slice(*places[0])])
    hint = None if stated else date_of_captions([(kind, text[start:end]) for kind, start, end in spans])
    return Draft(
        origin=origin,
        title=title,
        text=text,
        paragraphs=cut_paragraphs(text, spans),
        given_id=record.given_id,
        url=record.url,
        source=record.source,
        authors=record.authors,
        published_at=stated or hint,
        published_at_inferred=hint is not None,
        updated_at=record.updated_at,
    )


def _fields(line: str, origin: str) -> dict[str, object]:
    try:
        line.encode()
    except UnicodeEncodeError:
        line = decode(line.encode("utf-8", "surrogateescape"), origin)
    try:
        value = json.loads(line, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise Unreadable(f"not valid JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise Unreadable("not valid JSON for an article: nested too deep") from None
    except ValueError:  # an integer of more digits than Python converts
        raise Unreadable("not valid JSON for an article: a number of thousands of digits") from None
    if not isinstance(value, dict):
        kind = "null" if value is None else show(value)
        raise Unreadable(f'the line is {kind}; it must be an object with "title" and "text"')
    return value


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields: dict[str, object] = {}
    for name, value in pairs:
        if name in fields:
            raise Unreadable(f"the key {show(name)} stands twice; keep one")
        fields[name] = value
    return fields


def _refuse_constant(name: str) -> NoReturn:
    raise Unreadable(f"not valid JSON: {name} is no number")
