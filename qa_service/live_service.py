"""The service over a live archive: every request works on one generation, whatever is published meanwhile."""

import os
from pathlib import Path

from embeddings.protocols import Encoder
from qa_service.answering import Answerer
from qa_service.archive import Archive, LiveArchive
from qa_service.domain import Answer, Article, ArticlePage, Filters, IndexInfo, Question, SearchPage
from qa_service.errors import QAError
from qa_service.facets import Facets
from qa_service.question_checks import check_question, checked_filters
from qa_service.retrieval import Retriever
from qa_service.service import Check
from qa_service.suggestions import answered_suggestions


class LiveService:
    """Implements `Service` with an encoder, an answerer and the archive that is current."""

    def __init__(
        self, live: LiveArchive, encoder: Encoder, retriever: Retriever, answerer: Answerer, data_dir: Path
    ) -> None:
        self._live, self._encoder = live, encoder
        self._retriever, self._answerer, self._data_dir = retriever, answerer, data_dir
        self._suggestions: tuple[str, ...] = ()
        live.start(self._warm_up)

    def _warm_up(self, archive: Archive) -> None:
        """Touch every part of a new generation, so that the first question is as fast as the tenth."""
        self._suggestions = answered_suggestions(archive, self._answerer)

    def ask(self, question: Question) -> Answer:
        """See `Service.ask`."""
        return self._answerer.ask(self._live.current(), question)

    def search(
        self,
        text: str,
        *,
        limit: int,
        offset: int = 0,
        filters: Filters | None = None,
        generation: str | None = None,
    ) -> SearchPage:
        """See `Service.search`."""
        check_question(text)
        checked, _ = checked_filters(filters or Filters(), None)
        archive = self._live.at(generation)
        ranking = self._retriever.retrieve(archive, text, limit=limit, offset=offset, filters=checked)
        return SearchPage(ranking.hits, ranking.total, archive.info)

    def articles(
        self, *, limit: int, offset: int = 0, generation: str | None = None, filters: Filters | None = None
    ) -> ArticlePage:
        """See `Service.articles`."""
        checked, _ = checked_filters(filters or Filters(), None)
        archive = self._live.at(generation)
        found = archive.families.named(archive.store.articles(limit, offset, checked), archive.store)
        return ArticlePage(tuple(found), archive.store.count(checked), archive.info)

    def facets(self) -> Facets:
        """See `Service.facets`."""
        return self._live.current().store.facets

    def article(self, article_id: str) -> Article:
        """See `Service.article`."""
        archive = self._live.current()
        return archive.families.named([archive.store.article(article_id)], archive.store)[0]

    def index(self) -> IndexInfo:
        """See `Service.index`."""
        return self._live.current().info

    def suggestions(self) -> tuple[str, ...]:
        """See `Service.suggestions`."""
        return self._suggestions

    def checks(self) -> tuple[Check, ...]:
        """See `Service.checks`."""
        reader = Check("reader", True, self._answerer.reader.name)
        return (self._index_check(), self._encoder_check(), reader, self._data_dir_check())

    def close(self) -> None:
        """Stop watching for new generations."""
        self._live.stop()

    def _index_check(self) -> Check:
        try:
            archive = self._live.current()
        except QAError as error:
            return Check("index", False, str(error))
        trouble = self._live.trouble()
        notes = archive.warnings or ((str(trouble),) if trouble else ())
        detail = f"generation {archive.info.generation}, {archive.info.articles} articles"
        return Check("index", True, "; ".join([detail, *notes]))

    def _encoder_check(self) -> Check:
        return Check(
            "encoder",
            True,
            f"{self._encoder.name} ({self._encoder.weight_hash[:12]}…, {self._encoder.number_format})",
        )

    def _data_dir_check(self) -> Check:
        if not self._data_dir.exists():
            return Check("data_dir", False, "does not exist yet; reindex makes it")
        readable = os.access(self._data_dir, os.R_OK | os.X_OK)
        return Check(
            "data_dir",
            readable,
            "can be read" if readable else "cannot be read; mend its permissions or set QA_DATA_DIR",
        )
