"""What a question and its filters have to be before anything is searched."""

import unicodedata
from dataclasses import replace
from datetime import datetime

from qa_service.domain import Filters
from qa_service.errors import InvalidFilter, InvalidQuestion

MAX_QUESTION = 4000


def check_question(text: str) -> None:
    """Raise InvalidQuestion unless `text` is something that can be searched for."""
    if not text.strip():
        raise InvalidQuestion("The question is empty; ask in a few words, such as “Who chairs the council?”.")
    if len(text) > MAX_QUESTION:
        raise InvalidQuestion(
            f"The question has {len(text):,} characters, at most {MAX_QUESTION:,} are taken; shorten it."
        )
    bad = next((c for c in text if c == "\0" or unicodedata.category(c) == "Cs"), None)
    if bad is not None:
        raise InvalidQuestion(
            f"The question holds U+{ord(bad):04X}, which is no character of a text; remove it."
        )


def checked_filters(filters: Filters, as_of: str | None) -> tuple[Filters, str | None]:
    """Return `filters` and `as_of` with every date as YYYY-MM-DD and every name composed (NFC), as the store has them.

    Raises:
        InvalidFilter: a date is none, or the range is turned round.
    """
    date_from, date_to = _day("date_from", filters.date_from), _day("date_to", filters.date_to)
    if date_from and date_to and date_from > date_to:
        raise InvalidFilter(f"date_from {date_from} lies after date_to {date_to}; swap them.")
    checked = replace(
        filters,
        date_from=date_from,
        date_to=date_to,
        sources=tuple(unicodedata.normalize("NFC", name) for name in filters.sources),
        authors=tuple(unicodedata.normalize("NFC", name) for name in filters.authors),
    )
    return checked, _day("as_of", as_of)


def notes_on(filters: Filters) -> tuple[str, ...]:
    """Return what to say of filters that cannot do what they seem to do."""
    headings = " and ".join(kind.value for kind in filters.kinds if kind.is_heading)
    if not headings:
        return ()
    return (
        f"filters.kinds names {headings}: headings are searched and cited with the paragraph below them."
        " Name body, caption, table or correction, or leave kinds out.",
    )


def _day(name: str, value: str | None) -> str | None:
    if value is None:
        return None
    try:
        return datetime.fromisoformat(value).date().isoformat()
    except ValueError:
        raise InvalidFilter(f"{name} is {value!r}; give a date such as 2020-09-21.") from None
