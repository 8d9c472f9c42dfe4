"""Who wrote an article and when it appeared, read off its bylines and datelines."""

import re
from dataclasses import dataclass

from qa_service.parsing.dates import FoundDate, find_dates, parse_date
from qa_service.parsing.names import NAME_PARTICLES

_LONGEST_LINE = 200
_LONGEST_DATELINE = 160
_MOST_DESK_WORDS = 5
_BY = re.compile(r"(?:written |reported |words |text )?by:?\s+(?=\S)", re.IGNORECASE)
_NAME_PARTING = re.compile(r",|;|&|\band\b", re.IGNORECASE)
_PLACE_PARTING = re.compile(r"\s(?:in|for|at)\s")
_ASIDE = re.compile(r"\s[|·•–—]\s|\s-\s|\n")
_ROLE = re.compile(
    r"\b(?:staff|correspondent|reporter|editor|writer|columnist|bureau|chief|desk|contributor|agency|news|newsroom"
    r"|special|political|analyst|team)\b",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?P<updated>(?:last )?(?:updated|modified|revised))|(?:first )?(?:published|posted|issued|filed|date|created)",
    re.IGNORECASE,
)
_LABEL_REST = re.compile(r"\s{0,3}(?:date|at|on)?\s{0,3}:?\s{0,3}(?:on\s|at\s)?\s{0,3}", re.IGNORECASE)
_WEEKDAY_END = re.compile(
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?[.,]?\s{0,3}$", re.IGNORECASE
)
_CLOCK = re.compile(
    r"(?:[\s,|·–—T-]{0,5}(?:at\s)?[0-2]?\d(?:[:.h][0-5]\d){0,2}(?:\.\d{1,6})?\s?(?:[ap]\.?m\.?|h|hrs)?"
    r"(?:\s?(?:[A-Z]{1,5}|[+-]\d{2}:?\d{2}|UTC[+-]\d{1,2}))?)?[\s.)]{0,3}",
    re.IGNORECASE,
)
_AGENCY = re.compile(r"\([^()\n]{1,60}\)")
_DATELINE_END = re.compile(r"\s{0,2}(?:\([^()\n]{1,60}\))?\s{0,2}(?:[–—:]|--?)(?=\s|$)")
_FIELD = re.compile(r"\A([A-Za-z][A-Za-z _-]{1,30}?)\s?:\s{1,20}(?=\S)")
_FIELDS = {
    "title": "title", "headline": "title",
    "date": "published", "published": "published", "published at": "published", "published on": "published",
    "publication date": "published", "posted": "published", "pubdate": "published",
    "updated": "updated", "last updated": "updated", "updated at": "updated", "modified": "updated",
    "author": "authors", "authors": "authors", "byline": "authors", "by": "authors", "writer": "authors",
    "source": "source", "publisher": "source", "newspaper": "source", "agency": "source",
    "url": "url", "link": "url", "permalink": "url",
    "section": "section", "id": "section", "language": "section",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """A line of the form "Name: value" that opens an article; `name` is a key that `compose` knows."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class DateLine:
    """A line that holds nothing but a date, with the label or place before it."""

    date: str
    updated: bool
    labelled: bool


def read_field(line: str) -> Field | None:
    """Return the field that a line gives, or None."""
    match = _FIELD.match(line) if len(line) <= 400 else None
    name = _FIELDS.get(match.group(1).lower().replace("_", " ")) if match else None
    return Field(name, line[match.end() :].strip()) if match and name else None


def read_byline(line: str) -> tuple[str, ...] | None:
    """Return the authors that a line such as "By Ann Lee and Tom Roe, City Reporter" names.

    Empty when it names a desk or agency; None when the line is no byline.
    """
    match = _BY.match(line) if len(line) <= _LONGEST_LINE else None
    if match is None or line.endswith(("?", "!", ":", "”", "’")):
        return None
    head = _ASIDE.split(line[match.end() :], maxsplit=1)[0]
    authors = names_of(head)
    if authors:
        return authors
    is_desk = len(head.split()) <= _MOST_DESK_WORDS and (bool(_ROLE.search(head)) or head.isupper())
    return () if is_desk and not head.endswith(".") else None


def names_of(text: str) -> tuple[str, ...]:
    """Return the people that a list such as "Ann Lee, Tom Roe and Eve Poe, City Reporter" names.

    Empty when anything but names and roles stands in it.
    """
    names: list[str] = []
    people = _PLACE_PARTING.split(text.rstrip(" ."), maxsplit=1)[0]
    for part in _NAME_PARTING.split(people):
        words = part.split()
        if not words or _ROLE.search(part):
            continue
        if not 2 <= len(words) <= 5 or not all(word in NAME_PARTICLES or _is_name(word) for word in words):
            return ()
        names.append(" ".join(words))
    return tuple(names)


def _is_name(word: str) -> bool:
    return word[:1].isupper() and all(c.isalpha() or c in "’'.-" for c in word)


def read_date_line(line: str) -> DateLine | None:
    """Return the date of a line that holds nothing else, or None."""
    line = line.strip("()[] ")
    if len(line) > _LONGEST_LINE or "\n" in line or line.startswith(("-", "–", "—")):
        return None  # A dash before it signs a quotation.
    label = _LABEL.match(line)
    rest = _LABEL_REST.match(line, label.end()) if label else None
    value = line[rest.end() :] if rest else line
    moment = parse_date(value)
    updated = bool(label and label.group("updated"))
    if moment:
        return DateLine(moment, updated, labelled=label is not None)
    found = find_dates(value)
    if not found:
        return None
    before, after = value[: found[0].start], value[found[0].end :]
    head = _ASIDE.split(after, maxsplit=1)[0]
    tail = after[len(head) :]
    sound_tail = (
        not tail or read_date_line(tail.strip(" |·•–—-")) or read_byline(tail.strip(" |·•–—-")) is not None
    )
    if _CLOCK.fullmatch(head) and sound_tail and (_is_place(before) or (label and not before.strip())):
        return DateLine(found[0].value.isoformat(), updated, labelled=label is not None)
    return None


def dateline_date(text: str) -> str | None:
    """Return the full date of the dateline that opens a paragraph, such as "PARIS, May 2, 2025 (ABC) —"."""
    head = text[:_LONGEST_DATELINE]
    for found in find_dates(head):
        if _is_place(head[: found.start]) and _closes_dateline(head, found):
            return found.value.isoformat()
    return None


def has_dateline(text: str) -> bool:
    """Return whether a paragraph opens with a place in capitals or an agency, and a dash."""
    if dateline_date(text):
        return True
    head = re.split(r"\s(?:[–—]|--?)\s", text[:100], maxsplit=1)
    if len(head) < 2:
        return False
    place = head[0].split("(")[0].split(",")[0].strip()
    return bool(_AGENCY.search(head[0]) and len(head[0].split()) <= 8) or (place.isupper() and len(place) > 2)


def _closes_dateline(head: str, found: FoundDate) -> bool:
    dashed = re.search(r"[–—]|\s-\s", head[: found.start]) is not None
    return bool(_DATELINE_END.match(head, found.end)) or (dashed and head[found.end :][:1] in {"", "\n"})


def _is_place(before: str) -> bool:
    """Return whether what stands before a date is a place, an agency, a weekday or nothing."""
    bare = _WEEKDAY_END.sub("", _AGENCY.sub(" ", before)).strip(" ,:|·–—-/")
    words = re.split(r"[\s/,]+", bare) if bare else []
    return len(words) <= 8 and all(word in NAME_PARTICLES or word[:1].isupper() for word in words)
