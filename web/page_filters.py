"""Filters as the pages take and show them: fields of a form, chips that say what is applied."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from qa_service.domain import Filters
from qa_service.facets import Facets, FacetValue
from web.page_urls import filter_pairs
from web.schemas import FilterParams, problem_of_misfit
from web.wording import filter_labels

CHOICES = 8  # sources and authors that the form lists; others are typed
_LISTS = ("source", "author")


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is applied; `href` leads to the same page without it."""

    field: str
    value: str
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A source or author that can be ticked."""

    name: str
    articles: int
    is_applied: bool


@dataclass(frozen=True, slots=True)
class FilterForm:
    """All that the form shows.

    Attributes:
        more_sources, more_authors: not every one is listed.
        first_date, last_date: the days that can be chosen; those that are applied are among them, as a
            form with a value that does not fit cannot be sent.
    """

    filters: Filters
    chips: tuple[Chip, ...]
    sources: tuple[Choice, ...]
    authors: tuple[Choice, ...]
    more_sources: bool
    more_authors: bool
    first_date: str
    last_date: str


def read(args: MultiDict[str, str]) -> Filters:
    """Return the filters of a page's address; fields left empty are as good as absent.

    Raises:
        Problem: 422, a filter does not fit.
    """
    given: dict[str, object] = {name: args[name] for name in ("date_from", "date_to") if args.get(name)}
    given |= {name: list(dict.fromkeys(filter(str.strip, args.getlist(name)))) for name in _LISTS}
    try:
        return FilterParams.model_validate(given).filters()
    except ValidationError as error:
        raise problem_of_misfit(error) from None


def form(path: str, kept: Sequence[tuple[str, str]], filters: Filters, facets: Facets) -> FilterForm:
    """Return the form of the page at `path`, whose other fields are `kept`."""
    pairs = filter_pairs(filters)
    days = [day for day in (facets.first_date, facets.last_date, filters.date_from, filters.date_to) if day]
    chips = tuple(
        Chip(field, value, label, _without(path, [*kept, *pairs], (field, value)))
        for field, value, label in filter_labels(filters)
    )
    return FilterForm(
        filters=filters,
        chips=chips,
        sources=_choices(facets.sources, filters.sources),
        authors=_choices(facets.authors, filters.authors),
        more_sources=len(facets.sources) > CHOICES,
        more_authors=len(facets.authors) > CHOICES,
        first_date=min(days, default=""),
        last_date=max(days, default=""),
    )


def _choices(values: Sequence[FacetValue], applied: Sequence[str]) -> tuple[Choice, ...]:
    """Return the values of most articles, and whichever else is applied."""
    listed = [value for place, value in enumerate(values) if place < CHOICES or value.name in applied]
    known = {value.name for value in listed}
    unknown = [Choice(name, 0, is_applied=True) for name in applied if name not in known]
    return (*(Choice(v.name, v.articles, v.name in applied) for v in listed), *unknown)


def _without(path: str, pairs: Sequence[tuple[str, str]], gone: tuple[str, str]) -> str:
    rest = urlencode([pair for pair in pairs if pair != gone])
    return f"{path}?{rest}" if rest else path
