"""How the pages say dates, numbers and certainty; `static/wording.js` says them the same way."""

from datetime import date, datetime

from qa_service.domain import Article, ArticleSummary, Filters
from web.bidi import isolated
from web.serialize import Json

# The lowest score for each word, best first. Only a calibrated score is a probability and may be called
# likely; any other says how well question and paragraphs fit.
SURENESS_WORDS = {
    True: ((0.85, "Very likely right"), (0.65, "Likely right"), (0.0, "Uncertain")),
    False: ((0.85, "Strong match"), (0.65, "Good match"), (0.0, "Weak match")),
}
KIND_WORDS = {
    "headline": "headline",
    "subhead": "inner heading",
    "caption": "photo caption",
    "table": "table",
    "correction": "correction",
}
MAX_NAMED = 3
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def sureness(score: float, calibrated: bool) -> tuple[str, int]:
    """Return how sure the service is: in words, and as a level from 3, sure, to 1."""
    words = SURENESS_WORDS[calibrated]
    at = next((place for place, (low, _) in enumerate(words) if score >= low), len(words) - 1)
    return words[at][1], len(words) - at


def day(iso: str | None, *, inferred: bool = False) -> str:
    """Return the day of an ISO date or date-time, "about" in front when it was read off a hint.

    >>> day("2020-09-21T08:30:00Z")
    '21 September 2020'
    >>> day("2020-09-13", inferred=True)
    'about 13 September 2020'
    """
    if iso is None:
        return ""
    parsed = _date(iso)
    text = f"{parsed.day} {_MONTHS[parsed.month - 1]} {parsed.year}" if parsed else iso
    return f"about {text}" if inferred else text


def period(first: str | None, last: str | None) -> str:
    """Return the days from `first` to `last`, saying month and year once where both share them.

    >>> period("2020-08-18", "2020-09-21")
    '18 August – 21 September 2020'
    >>> period("2020-09-03", "2020-09-21")
    '3 – 21 September 2020'
    """
    start, end = (_date(iso) if iso else None for iso in (first, last))
    if start is None or end is None or start == end:
        return day(last or first)
    if (start.year, start.month) == (end.year, end.month):
        beginning = f"{start.day}"
    elif start.year == end.year:
        beginning = f"{start.day} {_MONTHS[start.month - 1]}"
    else:
        beginning = day(first)
    return f"{beginning} – {day(last)}"


def counted(number: int, thing: str) -> str:
    """Return the number with its thing.

    >>> counted(1, "article"), counted(1200, "article")
    ('1 article', '1,200 articles')
    """
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def page(number: int | None) -> str:
    """Return the page of a paragraph in words; empty where its source has none.

    >>> page(3), page(None)
    ('page 3', '')
    """
    return "" if number is None else f"page {number:,}"


def also_in(article: Article | ArticleSummary) -> str:
    """Return where else an article stands, by source, or by how many where sources are unknown or many."""
    names = list(dict.fromkeys(one.source for one in article.also_in))
    if None in names or len(names) > MAX_NAMED or names == [article.source]:
        return counted(len(article.also_in), "other version")
    return f"also in {', '.join(isolated(name) for name in names if name)}" if names else ""


def scope(index: Json) -> str:
    """Return what the archive holds: how many articles, from when to when, indexed on which day."""
    dates = period(index["first_date"], index["last_date"])
    parts = [
        counted(index["articles"], "article"),
        *([dates] if dates else []),
        f"index of {day(index['built_at'])}",
    ]
    return ", ".join(parts)


def searched(index: Json, filters: Filters) -> str:
    """Return what was searched, its filters named."""
    narrowed = ", ".join(label for _, _, label in filter_labels(filters))
    return f"{scope(index)}; only {narrowed}" if narrowed else scope(index)


def filter_labels(filters: Filters) -> list[tuple[str, str, str]]:
    """Return each filter that is set as field, value and words for people.

    >>> filter_labels(Filters(date_from="2020-09-01", sources=("Courier",), authors=("Ann Lee",)))[0]
    ('date_from', '2020-09-01', 'from 1 September 2020')
    """
    return [
        *([("date_from", filters.date_from, f"from {day(filters.date_from)}")] if filters.date_from else []),
        *([("date_to", filters.date_to, f"until {day(filters.date_to)}")] if filters.date_to else []),
        *(("source", name, isolated(name)) for name in filters.sources),
        *(("author", name, f"by {isolated(name)}") for name in filters.authors),
    ]


def _date(iso: str) -> date | None:
    try:
        return datetime.fromisoformat(iso).date()
    except ValueError:
        return None
