"""Calendar dates as people and files write them, to ISO 8601."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parsedate_to_datetime

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"(?<![\d.,])([0-3]?[0-9])(?:st|nd|rd|th)?"
_YEAR = r"([12][0-9]{3})(?!\d)"
_WRITTEN = re.compile(
    rf"\b{_MONTH} {{1,3}}{_DAY},? {{1,3}}{_YEAR}"
    rf"|{_DAY} {{1,3}}(?:of )?{_MONTH},? {{1,3}}{_YEAR}"
    rf"|(?<![\d-])([12][0-9]{{3}})([-/])([01][0-9])\8([0-3][0-9])(?![\d-])",
    re.IGNORECASE | re.ASCII,
)
_ISO = re.compile(
    r"[12][0-9]{3}-[01][0-9]-[0-3][0-9](?:[T ][0-9:.,]{2,15}(?: ?(?:Z|[+-][0-9:]{2,6}))?)?", re.ASCII
)
_WEEKDAY = re.compile(
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b[.,]?\s*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A full date at `text[start:end]` of the text it was found in."""

    start: int
    end: int
    value: date


def find_dates(text: str) -> list[FoundDate]:
    """Return the dates of `text` that name day, month and year, in order; impossible ones fall out."""
    found = []
    for match in _WRITTEN.finditer(text):
        value = _date_of(match)
        if value is not None:
            found.append(FoundDate(match.start(), match.end(), value))
    return found


def parse_date(text: str) -> str | None:
    """Return `text` as an ISO 8601 date or date-time, or None when it is no full date.

    >>> parse_date("Sept. 13, 2020"), parse_date("2020-09-13 08:30Z"), parse_date("2020-13-01")
    ('2020-09-13', '2020-09-13T08:30:00+00:00', None)
    """
    text = text.strip()
    if len(text) > 60:
        return None
    if _ISO.fullmatch(text):
        try:
            if len(text) == len("2020-09-13"):
                return date.fromisoformat(text).isoformat()
            return datetime.fromisoformat(f"{text[:10]}T{text[11:].replace(' ', '')}").isoformat()
        except ValueError:
            return None
    weekday = _WEEKDAY.match(text)
    match = _WRITTEN.fullmatch(text, weekday.end() if weekday else 0)
    value = _date_of(match) if match else None
    return value.isoformat() if value else None


def parse_stamp(text: str) -> str | None:
    """Return a date as machines write them - ISO 8601 in any form, or that of mail - or as people do.

    >>> parse_stamp("20200913T083000+0200"), parse_stamp("Sun, 13 Sep 2020 08:30:00 GMT"), parse_stamp("now")
    ('2020-09-13T08:30:00+02:00', '2020-09-13T08:30:00+00:00', None)
    """
    text = text.strip()
    if len(text) > 60 or len(text) < len("20200913"):
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            stamp = read(text).replace(microsecond=0)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return stamp.isoformat() if ":" in text or "T" in text else stamp.date().isoformat()
    dates = find_dates(text)
    return dates[0].value.isoformat() if dates else None


def _date_of(match: re.Match[str]) -> date | None:
    month, day, year, day_first, month_second, year_last, iso_year, _, iso_month, iso_day = match.groups()
    if iso_year:
        parts = int(iso_year), int(iso_month), int(iso_day)
    elif month:
        parts = int(year), _MONTHS.index(month[:3].lower()) + 1, int(day)
    else:
        parts = int(year_last), _MONTHS.index(month_second[:3].lower()) + 1, int(day_first)
    try:
        return date(*parts)
    except ValueError:
        return None
