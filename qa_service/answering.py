"""The read flow: question → standalone question → retrieve → read → cite → answer."""

import time
import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from embeddings.protocols import Span
from qa_service.archive import Archive
from qa_service.citing import CitationPolicy, select
from qa_service.conversations import new_conversation_id, standalone_question
from qa_service.domain import (
    Abstention,
    AbstentionReason,
    Answer,
    AnswerSentence,
    Citation,
    Confidence,
    Filters,
    Question,
    ShortAnswer,
)
from qa_service.errors import InvalidFilter, InvalidQuestion
from qa_service.reading import Evidence, HitReader
from qa_service.retrieval import Ranking, Retriever
from qa_service.sentences import sentence_spans
from qa_service.small_talk import small_talk_reply

MAX_QUESTION = 4000
NEAREST = 3
# What the confidence was fitted on: with fewer paragraphs read, the lead over the others would mean less.
LEAST_READ = 8

_MESSAGES = {
    AbstentionReason.NO_MATCH: "Nothing in the archive shares words or meaning with this question.",
    AbstentionReason.BELOW_THRESHOLD: "The archive does not answer this; the nearest paragraphs are listed.",
    AbstentionReason.FILTERS_EMPTY: "No article fits the filters; widen the dates, sources or authors.",
}


class Answerer:
    """Answers questions from an archive with verified quotes, or abstains."""

    def __init__(
        self, retriever: Retriever, reader: HitReader, threshold: float, policy: CitationPolicy
    ) -> None:
        self._retriever, self._reader = retriever, reader
        self._threshold, self._policy = threshold, policy

    @property
    def reader(self) -> HitReader:
        """What reads."""
        return self._reader

    def ask(self, archive: Archive, question: Question) -> Answer:
        """Answer `question` from `archive` alone, or abstain.

        Raises:
            InvalidQuestion, InvalidFilter: the question cannot be understood.
        """
        clock = _Clock()
        check_question(question.text)
        filters, as_of = checked_filters(question.filters, question.as_of)
        talk = small_talk_reply(question.text, archive.info)
        if talk is not None:
            return self._compose(archive, question, question.text, [], (), _nothing(talk))
        standalone = standalone_question(question.text, question.history)[:MAX_QUESTION]
        ranking = self._retriever.retrieve(
            archive, standalone, limit=max(LEAST_READ, question.top_k), filters=filters, as_of=as_of
        )
        clock.lap("retrieve")
        evidence = self._reader.read(standalone, ranking.hits, archive.lexical)[: question.top_k]
        clock.lap("read")
        citations = self._cite(archive, select(evidence, self._policy))
        abstention = self._abstention(archive, ranking, evidence, citations)
        answer = self._compose(archive, question, standalone, evidence, citations, abstention)
        clock.lap("cite")
        answer.timings_ms.update(clock.laps_ms())
        return answer

    def _abstention(
        self,
        archive: Archive,
        ranking: Ranking,
        evidence: Sequence[Evidence],
        citations: Sequence[Citation],
    ) -> Abstention | None:
        """Return why there is no answer; None when there is one."""
        if ranking.nothing_allowed:
            reason = AbstentionReason.FILTERS_EMPTY
        elif not citations:
            reason = AbstentionReason.NO_MATCH
        elif _score(evidence) < self._threshold:
            shared = any(piece.held for piece in evidence)
            reason = AbstentionReason.BELOW_THRESHOLD if shared else AbstentionReason.NO_MATCH
        else:
            return None
        return Abstention(reason, _MESSAGES[reason], self._cite(archive, evidence[:NEAREST]))

    def _cite(self, archive: Archive, evidence: Sequence[Evidence]) -> tuple[Citation, ...]:
        """Return a citation for each piece of evidence whose quote is found in the stored text."""
        citations: list[Citation] = []
        for piece in evidence:
            hit, paragraph = piece.hit, piece.hit.paragraph
            start, end = piece.quote.start, piece.quote.end
            quote = paragraph.text[start - paragraph.start : end - paragraph.start]
            if any(quote in cited.quote for cited in citations):
                continue  # the same caption stands twice in many articles
            if quote and archive.store.slice(hit.article.article_id, start, end) == quote:
                number = len(citations) + 1
                citations.append(
                    Citation(
                        f"c{number}", number, hit.article, paragraph, quote, start, end, round(hit.score, 6)
                    )
                )
        return tuple(citations)

    def _compose(
        self,
        archive: Archive,
        question: Question,
        standalone: str,
        evidence: Sequence[Evidence],
        citations: tuple[Citation, ...],
        abstention: Abstention | None,
    ) -> Answer:
        answered = abstention is None
        text, sentences = _join(citations) if answered else (None, ())
        confidence = Confidence(round(_score(evidence), 4), self._threshold, self._reader.calibrated)
        return Answer(
            answer_id=f"ans_{uuid.uuid4().hex}",
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            conversation_id=question.conversation_id or new_conversation_id(),
            question=question,
            standalone=standalone,
            text=text,
            short_answer=_short_answer(citations, evidence) if answered else None,
            sentences=sentences,
            citations=citations if answered else (),
            abstention=abstention,
            confidence=confidence,
            index=archive.info,
            engine_mode=self._reader.mode,
            engine_reader=self._reader.name,
            warnings=archive.warnings,
        )


def _score(evidence: Sequence[Evidence]) -> float:
    return evidence[0].confidence if evidence else 0.0


def _nothing(message: str) -> Abstention:
    return Abstention(AbstentionReason.NO_MATCH, message, ())


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


def _day(name: str, value: str | None) -> str | None:
    if value is None:
        return None
    try:
        return datetime.fromisoformat(value).date().isoformat()
    except ValueError:
        raise InvalidFilter(f"{name} is {value!r}; give a date such as 2020-09-21.") from None


def _join(citations: Sequence[Citation]) -> tuple[str, tuple[AnswerSentence, ...]]:
    """Return the quotes as one text, and each of its sentences with the citation that it comes from."""
    text, sentences = "", []
    for citation in citations:
        offset = len(text) + bool(text)
        text = f"{text} {citation.quote}" if text else citation.quote
        for span in sentence_spans(citation.quote) or (Span(0, len(citation.quote)),):
            start, end = offset + span.start, offset + span.end
            sentences.append(AnswerSentence(text[start:end], start, end, (citation.citation_id,)))
    return text, tuple(sentences)


def _short_answer(citations: Sequence[Citation], evidence: Sequence[Evidence]) -> ShortAnswer | None:
    first = citations[0]
    article = first.article.article_id
    short = next(
        (
            e.short
            for e in evidence
            if e.short
            and e.hit.article.article_id == article
            and first.start <= e.short.start
            and e.short.end <= first.end
        ),
        None,
    )
    if short is None:
        return None
    words = first.quote[short.start - first.start : short.end - first.start]
    return ShortAnswer(words, short.start, short.end, first.citation_id)


class _Clock:
    """Milliseconds of each step."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self._laps[name] = round(1000 * (now - self._last), 3)
        self._last = now

    def laps_ms(self) -> dict[str, float]:
        return {**self._laps, "total": round(1000 * (self._last - self._start), 3)}
