"""What responses hold, as pydantic models: they describe `serialize`, and tests check every response against them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from qa_service.domain import ParagraphKind

Offset = Annotated[int, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
Moment = Annotated[
    str, Field(description="ISO 8601 date-time with its offset.", examples=["2025-03-12T08:00:00Z"])
]
Day = Annotated[str, Field(description="ISO 8601 date or date-time.", examples=["2025-03-12"])]
PageNumber = Annotated[
    int | None,
    Field(
        ge=1, description="Page on which the paragraph begins, from 1; null where the source has no pages."
    ),
]
Kind = Annotated[ParagraphKind, Field(strict=False)]


class Body(BaseModel):
    """Describes a JSON object whose fields are all known."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


class OtherVersion(Body):
    """Another article with nearly the same text: the same wire copy elsewhere, an earlier or a later version."""

    article_id: str
    title: str
    url: str | None
    source: str | None
    published_at: Day | None
    updated_at: Day | None
    is_newest: bool
    """It is newer than every other version, as dates and printed corrections tell."""


class ArticleNames(Body):
    """Which article something is from."""

    article_id: str
    title: str
    url: str | None
    source: str | None
    authors: list[str]
    published_at: Day | None
    published_at_inferred: bool
    """The date was read off a hint, such as a photo caption."""
    is_newest: bool
    """It is newer than everything in `also_in`, as dates and printed corrections tell; false where that is empty."""
    also_in: list[OtherVersion]
    """The other articles of its story family, newest first; empty when there are none."""


class Citation(ArticleNames):
    """A paragraph of an article and the words in it that support the answer."""

    id: str
    number: Annotated[int, Field(ge=1)]
    """From 1, in the order in which the answer uses them."""
    kind: Kind
    paragraph_index: Offset | None
    """Position among the article's paragraphs that are no headline, from 0; null for a headline."""
    page: PageNumber
    paragraph_text: str
    quote: str
    """Verbatim: the article's text from `start_char` to `end_char`."""
    start_char: Offset
    """Code points into the article's text, half-open with `end_char`."""
    end_char: Offset
    score: float
    """How well the paragraph fits; higher is better, comparable within one response only."""


class Sentence(Body):
    """A sentence of the answer."""

    text: str
    start: Offset
    """Code points into `answer`, half-open with `end`."""
    end: Offset
    citation_ids: list[str]
    verification: Literal["verbatim", "normalized"]


class ShortAnswer(Body):
    """The few words that answer: a name, a date, a number."""

    text: str
    start_char: Offset
    """Code points into the cited article's text, half-open with `end_char`."""
    end_char: Offset
    citation_id: str


class Abstention(Body):
    """Why there is no answer, and the paragraphs that came nearest."""

    reason: Literal["no_match", "below_threshold", "filters_empty"]
    message: str
    nearest: list[Citation]


class Confidence(Body):
    """How sure the service is; it answers when `score` reaches `threshold`."""

    score: Annotated[float, Field(ge=0, le=1)]
    threshold: Annotated[float, Field(ge=0, le=1)]
    calibrated: bool
    """Whether the score is a probability: of the answers with 0.8, four in five are right."""


class AskedQuery(Body):
    """The question as it was asked, and as it stands alone."""

    original: str
    standalone: str
    alternatives: list[str]
    """Questions to choose from, when a follow-up could mean more than one thing."""


class AppliedFilters(Body):
    """What part of the archive was allowed to answer; empty lists and nulls allow all."""

    date_from: str | None
    date_to: str | None
    sources: list[str]
    authors: list[str]
    article_ids: list[str]
    kinds: list[Kind]
    as_of: str | None


class Index(Body):
    """The generation of the index that answered."""

    generation: str
    built_at: Moment
    articles: Count
    passages: Count
    embedding_model: str
    first_date: Day | None
    last_date: Day | None


class Engine(Body):
    """How the answer was made."""

    mode: str
    reader: str


class Answer(Body):
    """The reply to a question. When `status` is abstained, `answer` is null and `abstention` says why."""

    id: str
    object: Literal["answer"]
    created_at: Moment
    conversation_id: str
    status: Literal["answered", "abstained"]
    answer: str | None
    """The quoted sentences, in order."""
    short_answer: ShortAnswer | None
    abstention: Abstention | None
    confidence: Confidence
    offset_unit: Literal["code_point"]
    sentences: list[Sentence]
    citations: list[Citation]
    query: AskedQuery
    filters_applied: AppliedFilters
    index: Index
    engine: Engine
    warnings: list[str]
    timings_ms: dict[str, float]
    """Milliseconds of each stage, and `total`."""


class HitScores(Body):
    """What the fused score was made of."""

    dense: float
    lexical: float


class SearchHit(ArticleNames):
    """A paragraph that retrieval found."""

    rank: Annotated[int, Field(ge=1)]
    score: float
    scores: HitScores
    kind: Kind
    paragraph_index: Offset | None
    page: PageNumber
    paragraph_text: str
    start_char: Offset
    end_char: Offset


class ArticleSummary(ArticleNames):
    """An article as lists show it."""

    updated_at: Day | None
    paragraph_count: Count


class Paragraph(Body):
    """A stretch of an article's text; `text` is `start_char` to `end_char` of it."""

    paragraph_index: Offset | None
    page: PageNumber
    kind: Kind
    text: str
    start_char: Offset
    end_char: Offset


class Article(ArticleSummary):
    """An article with its text and paragraphs."""

    text: str
    paragraphs: list[Paragraph]


class _Listing(Body):
    next_cursor: str | None
    """Where the list goes on; give it as `cursor`. Null at the end."""
    has_more: bool
    index: Index


class SearchListing(_Listing):
    """Ranked paragraphs."""

    data: list[SearchHit]


class ArticleListing(_Listing):
    """Articles, newest first."""

    data: list[ArticleSummary]


class FacetValue(Body):
    """A name that filters take, and how many articles have it."""

    name: str
    articles: Count


class Facets(Body):
    """What filters can name; names of most articles first."""

    object: Literal["facets"]
    sources: list[FacetValue]
    authors: list[FacetValue]
    first_date: Day | None
    last_date: Day | None


class CheckLine(Body):
    """One line of readiness: `detail` says what was seen and, when not `ok`, what to do."""

    name: str
    ok: bool
    detail: str


class Alive(Body):
    """The process answers."""

    status: Literal["alive"]


class Ready(Body):
    """Questions can be answered."""

    status: Literal["ready"]
    checks: list[CheckLine]


class FieldMisfit(Body):
    """What is wrong with one field."""

    pointer: Annotated[str, Field(pattern="^#", examples=["#/question"])]
    """JSON pointer into the body, or the query parameter's name, as a URI fragment."""
    detail: str


class ProblemDetails(Body):
    """Why a request got no result (RFC 9457)."""

    type: Annotated[str, Field(examples=["urn:qa-service:problem:invalid_question"])]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str
    """What happened, the value seen, what to do next: words for people."""
    instance: str | None
    """The path that was asked for; null when there was none."""
    code: Annotated[str, Field(examples=["invalid_question"])]
    """A stable word that programs can tell problems apart by."""
    request_id: str
    """The same as in the header `X-Request-ID` and in the server's log."""
    errors: list[FieldMisfit]


class NotReadyProblem(ProblemDetails):
    """Questions cannot be answered; `checks` says which part is at fault."""

    checks: list[CheckLine]


class MetaEvent(Body):
    """Event `meta`, the first of a stream."""

    request_id: str
    conversation_id: str
    question: str


class RetrievalEvent(Body):
    """Event `retrieval`: how the question was understood and what is searched."""

    query: AskedQuery
    filters_applied: AppliedFilters
    index: Index


class DeltaEvent(Body):
    """Event `delta`: a piece of the answer; all pieces joined are `answer`."""

    text: str
    start: Offset
    end: Offset


EVENTS: dict[str, type[BaseModel]] = {
    "meta": MetaEvent,
    "retrieval": RetrievalEvent,
    "delta": DeltaEvent,
    "citation": Citation,
    "done": Answer,
    "error": ProblemDetails,
}
"""The shape of each event's data."""
