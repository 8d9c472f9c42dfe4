"""What an archive can be narrowed down to: its sources, its authors, its days."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A source or an author; `articles` counts those that name it."""

    name: str
    articles: int


@dataclass(frozen=True, slots=True)
class Facets:
    """The values of one generation that filters can name.

    Attributes:
        sources, authors: those with most articles first, equal ones by name.
        first_date, last_date: ISO dates of the dated articles; None when none is dated.
    """

    sources: tuple[FacetValue, ...] = ()
    authors: tuple[FacetValue, ...] = ()
    first_date: str | None = None
    last_date: str | None = None
