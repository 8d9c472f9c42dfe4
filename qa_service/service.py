"""What the service offers to whoever stands at its edge: the web app, the command line, tests."""

from dataclasses import dataclass
from typing import Protocol

from qa_service.domain import Answer, Article, ArticlePage, Filters, IndexInfo, Question, SearchPage
from qa_service.facets import Facets


@dataclass(frozen=True, slots=True)
class Check:
    """One line of readiness: `detail` says what was seen and, when not `ok`, what to do."""

    name: str
    ok: bool
    detail: str


class Service(Protocol):
    """An archive that can be asked; safe to call from many threads at once."""

    def ask(self, question: Question) -> Answer:
        """Answer `question` from one generation, or abstain.

        Raises:
            InvalidQuestion, InvalidFilter: the question cannot be understood.
            IndexMissing: there is no index yet.
        """

    def search(
        self,
        text: str,
        *,
        limit: int,
        offset: int = 0,
        filters: Filters | None = None,
        generation: str | None = None,
    ) -> SearchPage:
        """Rank paragraphs for `text` without reading them, skipping the first `offset`.

        Raises:
            InvalidQuestion: `text` is empty, too long or no text.
            StaleCursor: `generation` is named and no longer served.
            IndexMissing: there is no index yet.
        """

    def articles(
        self, *, limit: int, offset: int = 0, generation: str | None = None, filters: Filters | None = None
    ) -> ArticlePage:
        """List the articles that fit `filters`, newest first, undated ones last; kinds of paragraphs play no part.

        Raises:
            InvalidFilter: a date that is none.
            StaleCursor: `generation` is named and no longer served.
            IndexMissing: there is no index yet.
        """

    def facets(self) -> Facets:
        """Say which sources, authors and days filters can name.

        Raises:
            IndexMissing: there is no index yet.
        """

    def article(self, article_id: str) -> Article:
        """Return one article with its text and paragraphs.

        Raises:
            ArticleNotFound: no article has this id.
            IndexMissing: there is no index yet.
        """

    def index(self) -> IndexInfo:
        """Say which generation answers now.

        Raises:
            IndexMissing: there is no index yet.
        """

    def suggestions(self) -> tuple[str, ...]:
        """Questions that the current index answers, for people who do not know what to ask; may be empty."""

    def checks(self) -> tuple[Check, ...]:
        """Readiness, one check a part: index, encoder, reader, data folder."""
