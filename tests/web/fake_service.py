"""A service in memory that answers by shared words: real enough for the web, and it fails on demand."""

import re
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from qa_service.domain import (
    Abstention,
    AbstentionReason,
    Answer,
    AnswerSentence,
    Article,
    ArticlePage,
    Citation,
    Confidence,
    Filters,
    Hit,
    IndexInfo,
    OtherVersion,
    Paragraph,
    Passage,
    Question,
    SearchPage,
    ShortAnswer,
)
from qa_service.errors import ArticleNotFound, IndexMissing, StaleCursor
from qa_service.facets import Facets, FacetValue
from qa_service.service import Check
from tests.web.fake_archive import ARTICLES, summary

_STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "did",
        "do",
        "does",
        "for",
        "had",
        "has",
        "have",
        "how",
        "in",
        "is",
        "it",
        "many",
        "of",
        "on",
        "the",
        "to",
        "was",
        "were",
        "what",
        "when",
        "who",
    ]
)


def words(text: str) -> set[str]:
    """Return the lower-cased words that count."""
    return set(re.findall(r"\w+", text.lower())) - _STOP


class FakeService:
    """Implements `Service`.

    Attributes:
        missing: there is no index.
        failure: raised by every `ask`.
        gate: when set to an event, `ask` waits for it.
        alternatives: what every follow-up could mean.
        also_in: other versions of articles, by id.
        questions: everything asked so far.
    """

    def __init__(
        self, articles: Sequence[Article] = ARTICLES, generation: str = "20210910T080000Z-1"
    ) -> None:
        self._articles = tuple(articles)
        self.generation = generation
        self.missing = False
        self.failure: Exception | None = None
        self.gate: threading.Event | None = None
        self.alternatives: tuple[str, ...] = ()
        self.also_in: dict[str, tuple[OtherVersion, ...]] = {}
        self.questions: list[Question] = []

    def ask(self, question: Question) -> Answer:
        """Quote the paragraphs that share most words with the question and its history."""
        self.questions.append(question)
        info = self.index()
        if self.gate:
            self.gate.wait(timeout=30)
        if self.failure:
            raise self.failure
        if question.history and self.alternatives:
            choose = Abstention(AbstentionReason.NO_MATCH, "This could mean two things. Which one is it?", ())
            unclear = self._reply(question, question.text, info, abstention=choose)
            return replace(unclear, alternatives=self.alternatives)
        context = " ".join(turn.content for turn in question.history if turn.role == "user")
        standalone = f"{context} {question.text}".strip()
        ranked = [hit for hit in self._rank(question.text, question.filters, context) if hit.score >= 2]
        needed = min(3, max(2, len(words(question.text)) - 1))
        if not ranked or ranked[0].score < needed:
            return self._abstain(question, standalone, info)
        best = ranked[0].score
        cited = [hit for hit in ranked[: question.top_k] if hit.score >= best - 1][:3]
        return self._answer(question, standalone, info, cited)

    def search(
        self,
        text: str,
        *,
        limit: int,
        offset: int = 0,
        filters: Filters | None = None,
        generation: str | None = None,
    ) -> SearchPage:
        """Rank all paragraphs by shared words."""
        self._check_generation(generation)
        hits = self._rank(text, filters or Filters())
        return SearchPage(tuple(hits[offset : offset + limit]), len(hits), self.index())

    def articles(
        self, *, limit: int, offset: int = 0, generation: str | None = None, filters: Filters | None = None
    ) -> ArticlePage:
        """List the articles as they were given."""
        self._check_generation(generation)
        fitting = [article for article in self._articles if _fits(article, filters or Filters())]
        listed = tuple(replace(summary(one), **self._family(one.article_id)) for one in fitting)
        return ArticlePage(listed[offset : offset + limit], len(listed), self.index())

    def facets(self) -> Facets:
        """Count sources and authors."""
        info = self.index()
        sources = Counter(article.source for article in self._articles if article.source)
        authors = Counter(name for article in self._articles for name in article.authors)
        return Facets(
            tuple(FacetValue(*pair) for pair in sources.most_common()),
            tuple(FacetValue(*pair) for pair in authors.most_common()),
            info.first_date,
            info.last_date,
        )

    def article(self, article_id: str) -> Article:
        """Return one article."""
        self.index()
        for article in self._articles:
            if article.article_id == article_id:
                return replace(article, **self._family(article_id))
        raise ArticleNotFound(f"There is no article {article_id!r}; see the list of articles.")

    def index(self) -> IndexInfo:
        """Describe the only generation."""
        if self.missing:
            raise IndexMissing("There is no index in .data; run qa-service reindex with your articles.")
        return IndexInfo(
            self.generation,
            "2021-09-10T08:00:00Z",
            len(self._articles),
            sum(len(article.paragraphs) for article in self._articles),
            "fake",
            "2021-08-30",
            "2021-09-09",
        )

    def suggestions(self) -> tuple[str, ...]:
        """Return questions that this fake answers."""
        return (
            "How many people are missing from the Vestra ferry?",
            "Who is the captain of the ferry Halden?",
            "What did the library conversion cost?",
        )

    def checks(self) -> tuple[Check, ...]:
        """Return one good check, and one that depends on the index."""
        index = Check(
            "index", not self.missing, "run qa-service reindex" if self.missing else self.generation
        )
        return (Check("encoder", True, "fake"), index)

    def _family(self, article_id: str) -> dict[str, Any]:
        others = self.also_in.get(article_id, ())
        return {"also_in": others, "is_newest": bool(others) and not any(one.is_newest for one in others)}

    def _check_generation(self, generation: str | None) -> None:
        if generation not in (None, self.index().generation):
            raise StaleCursor(f"Generation {generation} is no longer served; begin again.", gone=True)

    def _rank(self, text: str, filters: Filters, context: str = "") -> list[Hit]:
        asked, before = words(text), words(context)
        found: list[tuple[float, Article, Paragraph]] = []
        for article in self._articles:
            if not _fits(article, filters):
                continue
            for paragraph in article.paragraphs:
                held = words(paragraph.text)
                score = len(asked & held) + len(before & held) / 4
                if score and paragraph.index is not None:
                    found.append((score, article, paragraph))
        found.sort(key=lambda item: -item[0])
        return [
            Hit(
                rank,
                score,
                score / 10,
                score,
                rank,
                replace(summary(article), **self._family(article.article_id)),
                paragraph,
                Passage(
                    article.article_id,
                    paragraph.ordinal,
                    paragraph.ordinal,
                    paragraph.ordinal,
                    paragraph.start,
                    paragraph.end,
                    paragraph.text,
                ),
            )
            for rank, (score, article, paragraph) in enumerate(found, start=1)
        ]

    def _citation(self, hit: Hit, number: int) -> Citation:
        """Cite the first sentence of a paragraph."""
        end = re.search(r"\.(?=\s|$)|$", hit.paragraph.text)
        quote = hit.paragraph.text[: end.end() if end else None]
        start = hit.paragraph.start
        return Citation(
            f"c{number}", number, hit.article, hit.paragraph, quote, start, start + len(quote), hit.score
        )

    def _answer(self, question: Question, standalone: str, info: IndexInfo, hits: Sequence[Hit]) -> Answer:
        citations = tuple(self._citation(hit, number) for number, hit in enumerate(hits, start=1))
        text, sentences = "", []
        for citation in citations:
            text += " " if text else ""
            end = len(text) + len(citation.quote)
            sentences.append(AnswerSentence(citation.quote, len(text), end, (citation.citation_id,)))
            text += citation.quote
        first = citations[0]
        words_lit = re.search(r"[A-Z]\w+ people|62 million crowns|Aslak Moe|\d[\d,]*", first.quote)
        short = words_lit and ShortAnswer(
            words_lit[0], first.start + words_lit.start(), first.start + words_lit.end(), first.citation_id
        )
        return self._reply(
            question,
            standalone,
            info,
            text=text,
            short=short,
            sentences=tuple(sentences),
            citations=citations,
        )

    def _abstain(self, question: Question, standalone: str, info: IndexInfo) -> Answer:
        hits = self._rank(standalone, question.filters)[:3]
        nearest = tuple(self._citation(hit, number) for number, hit in enumerate(hits, start=1))
        reason = AbstentionReason.BELOW_THRESHOLD if nearest else AbstentionReason.NO_MATCH
        message = (
            "The archive does not answer this; the nearest paragraphs are listed."
            if nearest
            else "Nothing in the archive comes close to this question."
        )
        if not any(_fits(article, question.filters) for article in self._articles):
            reason = AbstentionReason.FILTERS_EMPTY
            message = "No article fits the filters; widen the dates, sources or authors."
        reply = self._reply(question, standalone, info, abstention=Abstention(reason, message, nearest))
        return (
            replace(reply, timings_ms={}) if question.text == "Hello" else reply
        )  # nothing is searched for it

    def _reply(
        self,
        question: Question,
        standalone: str,
        info: IndexInfo,
        *,
        text: str | None = None,
        short: ShortAnswer | None = None,
        sentences: tuple[AnswerSentence, ...] = (),
        citations: tuple[Citation, ...] = (),
        abstention: Abstention | None = None,
    ) -> Answer:
        number = len(self.questions)
        return Answer(
            answer_id=f"ans_{number}",
            created_at="2021-09-10T09:30:00Z",
            conversation_id=question.conversation_id or f"conv_{number}",
            question=question,
            standalone=standalone,
            text=text,
            short_answer=short,
            sentences=sentences,
            citations=citations,
            abstention=abstention,
            confidence=Confidence(0.9 if abstention is None else 0.2, 0.5, calibrated=True),
            index=info,
            engine_mode="extractive",
            engine_reader="fake",
            timings_ms={"retrieve": 1.5},
        )


def _fits(article: Article, filters: Filters) -> bool:
    day = (article.published_at or "")[:10]
    return (
        (not filters.sources or article.source in filters.sources)
        and (not filters.authors or not set(filters.authors).isdisjoint(article.authors))
        and (not filters.date_from or filters.date_from <= day)
        and (not filters.date_to or "" < day <= filters.date_to)
    )
