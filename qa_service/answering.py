"""The read flow: question → standalone question → retrieve → read → cite → answer."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from embeddings.protocols import Span
from embeddings.sentences import sentence_spans
from qa_service.archive import Archive
from qa_service.citing import CitationPolicy, select
from qa_service.conversations import new_conversation_id
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
from qa_service.follow_ups import KnownAnswer, exchanges_of, resolve
from qa_service.question_checks import MAX_QUESTION, check_question, checked_filters, notes_on
from qa_service.reading import Evidence, HitReader
from qa_service.retrieval import Ranking, Retriever
from qa_service.small_talk import small_talk_reply

NEAREST = 3
# How many paragraphs the ranking after reading was fitted on.
LEAST_READ = 8
# From here on the answer to an earlier question tells what a follow-up's "she" may mean, though it was not shown.
KNOWN_FROM = 0.15

_MESSAGES = {
    AbstentionReason.NO_MATCH: "Nothing in the archive comes close to this question.",
    AbstentionReason.BELOW_THRESHOLD: "The archive does not answer this; the nearest paragraphs are listed.",
    AbstentionReason.FILTERS_EMPTY: "No article fits the filters; widen the dates, sources or authors.",
}
_NO_SUCH_KIND = "No paragraph fits the filters; widen the kinds, dates, sources or authors."
_WHICH = "This could mean more than one thing; choose what you meant, or ask again with the name."


@dataclass(frozen=True, slots=True)
class _Scope:
    """What part of the archive may answer, and how many paragraphs may be shown."""

    filters: Filters
    as_of: str | None
    top_k: int


@dataclass(frozen=True, slots=True)
class _Found:
    """What came of one standalone question."""

    standalone: str
    evidence: Sequence[Evidence] = ()
    citations: tuple[Citation, ...] = ()
    abstention: Abstention | None = None


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
        scope = _Scope(filters, as_of, question.top_k)
        talk = small_talk_reply(question.text, archive.info)
        if talk is not None:
            return self._compose(archive, question, _Found(question.text, abstention=_nothing(talk)))
        understood = resolve(
            question.text,
            exchanges_of(question.history),
            lambda text: self._known(archive, text[:MAX_QUESTION], scope),
        )
        clock.lap("understand")
        readings = understood.alternatives or (understood.text,)
        if understood.must_ask:
            readings = ()  # an answer for one of two people does not tell that it was asked for
        tried = [self._find(archive, text[:MAX_QUESTION], scope, clock) for text in readings]
        answered = [one for one in tried if one.abstention is None]
        if understood.alternatives and len(answered) != 1:
            unclear = _Found(understood.text, abstention=_nothing(_WHICH))
            return self._compose(archive, question, unclear, understood.alternatives)
        found = answered[0] if answered else tried[0]
        if not answered and understood.fallback is not None:
            with_topic = self._find(archive, understood.fallback[:MAX_QUESTION], scope, clock)
            found = with_topic if with_topic.abstention is None else found
        answer = self._compose(archive, question, found)
        answer.timings_ms.update(clock.laps_ms())
        return answer

    def _find(self, archive: Archive, standalone: str, scope: _Scope, clock: "_Clock") -> _Found:
        """Retrieve, read and cite for one standalone question."""
        ranking = self._retrieve(archive, standalone, scope)
        clock.lap("retrieve")
        evidence = self._reader.read(standalone, ranking.hits, archive.lexical)[: scope.top_k]
        clock.lap("read")
        citations = self._cite(archive, select(evidence, self._policy))
        abstention = self._abstention(archive, ranking, evidence, citations, scope.filters)
        clock.lap("cite")
        return _Found(standalone, evidence, citations, abstention)

    def _known(self, archive: Archive, standalone: str, scope: _Scope) -> KnownAnswer | None:
        """Return the answer to an earlier question, for the sake of the follow-up that leans on it."""
        ranking = self._retrieve(archive, standalone, scope)
        evidence = self._reader.read(standalone, ranking.hits, archive.lexical)
        cited = self._cite(archive, evidence[:1])
        if not cited or evidence[0].confidence < KNOWN_FROM:
            return None
        return KnownAnswer(cited[0].quote, evidence[0].short_text or None, cited[0].paragraph.text)

    def _retrieve(self, archive: Archive, standalone: str, scope: _Scope) -> Ranking:
        return self._retriever.retrieve(
            archive,
            standalone,
            limit=max(LEAST_READ, scope.top_k),
            filters=scope.filters,
            as_of=scope.as_of,
        )

    def _abstention(
        self,
        archive: Archive,
        ranking: Ranking,
        evidence: Sequence[Evidence],
        citations: Sequence[Citation],
        filters: Filters,
    ) -> Abstention | None:
        """Return why there is no answer; None when there is one."""
        if ranking.nothing_allowed and filters.kinds:
            message = " ".join([_NO_SUCH_KIND, *notes_on(filters)])
            return Abstention(AbstentionReason.FILTERS_EMPTY, message, ())
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
        self, archive: Archive, question: Question, found: _Found, alternatives: tuple[str, ...] = ()
    ) -> Answer:
        answered = found.abstention is None
        text, sentences = _join(found.citations) if answered else (None, ())
        score = round(_score(found.evidence), 4)
        return Answer(
            answer_id=f"ans_{uuid.uuid4().hex}",
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            conversation_id=question.conversation_id or new_conversation_id(),
            question=question,
            standalone=found.standalone,
            text=text,
            short_answer=_short_answer(found.citations, found.evidence) if answered else None,
            sentences=sentences,
            citations=found.citations if answered else (),
            abstention=found.abstention,
            confidence=Confidence(score, self._threshold, self._reader.calibrated),
            index=archive.info,
            engine_mode=self._reader.mode,
            engine_reader=self._reader.name,
            warnings=(*archive.warnings, *notes_on(question.filters)),
            alternatives=alternatives,
        )


def _score(evidence: Sequence[Evidence]) -> float:
    return evidence[0].confidence if evidence else 0.0


def _nothing(message: str) -> Abstention:
    return Abstention(AbstentionReason.NO_MATCH, message, ())


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
        self._laps[name] = round(self._laps.get(name, 0.0) + 1000 * (now - self._last), 3)
        self._last = now

    def laps_ms(self) -> dict[str, float]:
        return {**self._laps, "total": round(1000 * (self._last - self._start), 3)}
