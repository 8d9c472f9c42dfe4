"""The public JSON shape: the one place that names its fields."""

from typing import Any

from qa_service.domain import (
    Abstention,
    Answer,
    AnswerSentence,
    Article,
    ArticleSummary,
    Citation,
    Filters,
    Hit,
    IndexInfo,
    OtherVersion,
    Paragraph,
    ShortAnswer,
)
from qa_service.facets import Facets
from qa_service.service import Check

Json = dict[str, Any]


def answer(value: Answer) -> Json:
    """The reply to a question, abstention included."""
    return {
        "id": value.answer_id,
        "object": "answer",
        "created_at": value.created_at,
        "conversation_id": value.conversation_id,
        "status": value.status,
        "answer": value.text,
        "short_answer": short_answer(value.short_answer) if value.short_answer else None,
        "abstention": abstention(value.abstention) if value.abstention else None,
        "confidence": {
            "score": value.confidence.score,
            "threshold": value.confidence.threshold,
            "calibrated": value.confidence.calibrated,
        },
        "offset_unit": "code_point",
        "sentences": [sentence(item) for item in value.sentences],
        "citations": [citation(item) for item in value.citations],
        "query": query(value),
        "filters_applied": filters(value.question.filters, value.question.as_of),
        "index": index(value.index),
        "engine": {"mode": value.engine_mode, "reader": value.engine_reader},
        "warnings": list(value.warnings),
        "timings_ms": dict(value.timings_ms),
    }


def query(value: Answer) -> Json:
    """The question as it was asked and as it stands alone."""
    return {
        "original": value.question.text,
        "standalone": value.standalone,
        "alternatives": list(value.alternatives),
    }


def sentence(value: AnswerSentence) -> Json:
    """A sentence of the answer, with offsets into the answer."""
    return {
        "text": value.text,
        "start": value.start,
        "end": value.end,
        "citation_ids": list(value.citation_ids),
        "verification": value.verification,
    }


def short_answer(value: ShortAnswer) -> Json:
    """The few words that answer, with offsets into the cited article."""
    return {
        "text": value.text,
        "start_char": value.start,
        "end_char": value.end,
        "citation_id": value.citation_id,
    }


def abstention(value: Abstention) -> Json:
    """Why there is no answer, and what came nearest."""
    return {
        "reason": value.reason.value,
        "message": value.message,
        "nearest": [citation(item) for item in value.nearest],
    }


def citation(value: Citation) -> Json:
    """A cited paragraph and the words in it that support the answer."""
    return {
        "id": value.citation_id,
        "number": value.number,
        **article_names(value.article),
        **named_paragraph(value.paragraph),
        "quote": value.quote,
        "start_char": value.start,
        "end_char": value.end,
        "score": value.score,
    }


def named_paragraph(value: Paragraph) -> Json:
    """Which paragraph of its article this is, and its words."""
    return {
        "kind": value.kind.value,
        "paragraph_index": value.index,
        "page": value.page,
        "paragraph_text": value.text,
    }


def hit(value: Hit) -> Json:
    """A paragraph that retrieval found."""
    return {
        "rank": value.rank,
        "score": value.score,
        "scores": {"dense": value.dense, "lexical": value.lexical},
        **article_names(value.article),
        **named_paragraph(value.paragraph),
        "start_char": value.paragraph.start,
        "end_char": value.paragraph.end,
    }


def listing(items: list[Json], next_cursor: str | None, value: IndexInfo) -> Json:
    """A page of a list and where it goes on."""
    return {
        "data": items,
        "next_cursor": next_cursor,
        "has_more": next_cursor is not None,
        "index": index(value),
    }


def article_names(value: ArticleSummary | Article) -> Json:
    """Which article this is, for people."""
    return {
        "article_id": value.article_id,
        "title": value.title,
        "url": value.url,
        "source": value.source,
        "authors": list(value.authors),
        "published_at": value.published_at,
        "published_at_inferred": value.published_at_inferred,
        "is_newest": value.is_newest,
        "also_in": [other_version(item) for item in value.also_in],
    }


def other_version(value: OtherVersion) -> Json:
    """Another article of the same story family."""
    return {
        "article_id": value.article_id,
        "title": value.title,
        "url": value.url,
        "source": value.source,
        "published_at": value.published_at,
        "updated_at": value.updated_at,
        "is_newest": value.is_newest,
    }


def article_summary(value: ArticleSummary) -> Json:
    """An article as lists show it."""
    return {**article_names(value), "updated_at": value.updated_at, "paragraph_count": value.paragraph_count}


def article(value: Article) -> Json:
    """An article with its text and paragraphs."""
    return {
        **article_names(value),
        "updated_at": value.updated_at,
        "paragraph_count": sum(item.index is not None for item in value.paragraphs),
        "text": value.text,
        "paragraphs": [paragraph(item) for item in value.paragraphs],
    }


def paragraph(value: Paragraph) -> Json:
    """A paragraph, with offsets into its article's text."""
    return {
        "paragraph_index": value.index,
        "page": value.page,
        "kind": value.kind.value,
        "text": value.text,
        "start_char": value.start,
        "end_char": value.end,
    }


def facets(value: Facets, limit: int) -> Json:
    """What filters can name: at most `limit` sources and as many authors, those of most articles first."""
    return {
        "object": "facets",
        "sources": [{"name": item.name, "articles": item.articles} for item in value.sources[:limit]],
        "authors": [{"name": item.name, "articles": item.articles} for item in value.authors[:limit]],
        "first_date": value.first_date,
        "last_date": value.last_date,
    }


def filters(value: Filters, as_of: str | None) -> Json:
    """What part of the archive was allowed to answer."""
    return {
        "date_from": value.date_from,
        "date_to": value.date_to,
        "sources": list(value.sources),
        "authors": list(value.authors),
        "article_ids": list(value.article_ids),
        "kinds": [kind.value for kind in value.kinds],
        "as_of": as_of,
    }


def index(value: IndexInfo) -> Json:
    """The generation that answered."""
    return {
        "generation": value.generation,
        "built_at": value.built_at,
        "articles": value.articles,
        "passages": value.passages,
        "embedding_model": value.embedding_model,
        "first_date": value.first_date,
        "last_date": value.last_date,
    }


def check(value: Check) -> Json:
    """One line of readiness."""
    return {"name": value.name, "ok": value.ok, "detail": value.detail}
