"""The words of the domain as frozen values: articles, paragraphs, passages, hits, citations, answers."""

from dataclasses import dataclass, field
from enum import StrEnum


class ParagraphKind(StrEnum):
    """What a paragraph is in its article."""

    HEADLINE = "headline"
    BODY = "body"
    SUBHEAD = "subhead"
    CAPTION = "caption"
    TABLE = "table"
    CORRECTION = "correction"

    @property
    def is_heading(self) -> bool:
        """Whether it is searched and cited with the paragraph below it."""
        return self in (ParagraphKind.HEADLINE, ParagraphKind.SUBHEAD)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A stretch of an article's text; what is cited.

    Attributes:
        ordinal: position among all the article's paragraphs, from 0.
        index: position among the paragraphs that are no headline, from 0; None for a headline.
        start, end: half-open code points into `Article.text`; `text` is that slice.
        page: on which it begins, from 1; None where the source has no pages.
    """

    ordinal: int
    index: int | None
    kind: ParagraphKind
    start: int
    end: int
    text: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class OtherVersion:
    """Another article with nearly the same text: the same wire copy elsewhere, an earlier or a later version.

    Attributes:
        is_newest: it is newer than every other version beyond doubt.
    """

    article_id: str
    title: str
    url: str | None
    source: str | None
    published_at: str | None
    updated_at: str | None
    is_newest: bool


@dataclass(frozen=True, slots=True)
class Article:
    """One document of the archive.

    Attributes:
        published_at, updated_at: ISO 8601 date or date-time; None when unknown.
        published_at_inferred: the date was read off a hint such as a photo caption.
        origin: where the article was read from, relative to the source that was named.
        furniture: lines of the site around the article (tag lines, share links), left out of `text`.
        also_in: the other articles of its story family, newest first.
        is_newest: it is newer than each of those beyond doubt.
    """

    article_id: str
    title: str
    text: str
    paragraphs: tuple[Paragraph, ...]
    url: str | None = None
    source: str | None = None
    authors: tuple[str, ...] = ()
    published_at: str | None = None
    published_at_inferred: bool = False
    updated_at: str | None = None
    origin: str | None = None
    furniture: tuple[str, ...] = ()
    also_in: tuple[OtherVersion, ...] = ()
    is_newest: bool = False


@dataclass(frozen=True, slots=True)
class ArticleSummary:
    """An article without its text, as lists show it. `paragraph_count` counts all but headlines.

    `also_in` has the other articles of its story family, newest first; `is_newest` says that this one is newer
    than each of those beyond doubt.
    """

    article_id: str
    title: str
    url: str | None
    source: str | None
    authors: tuple[str, ...]
    published_at: str | None
    published_at_inferred: bool
    updated_at: str | None
    paragraph_count: int
    also_in: tuple[OtherVersion, ...] = ()
    is_newest: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """One or more consecutive paragraphs of one article; what is retrieved.

    Attributes:
        first, last: ordinals of the first and last paragraph, both included.
        main: ordinal of the paragraph that a hit on this passage stands for.
        text: the passage's words, `Article.text[start:end]`; no title is put in front.
    """

    article_id: str
    first: int
    last: int
    main: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A paragraph that retrieval found.

    Attributes:
        rank: from 1.
        score: fused score; higher is better.
        dense: cosine of question and passage. lexical: BM25 score.
        before: the end of the body paragraph in front of `paragraph`, which tells whom its pronouns mean.
    """

    rank: int
    score: float
    dense: float
    lexical: float
    row: int
    article: ArticleSummary
    paragraph: Paragraph
    passage: Passage
    before: str = ""


@dataclass(frozen=True, slots=True)
class Filters:
    """What part of the archive may answer; empty fields allow all.

    Attributes:
        date_from, date_to: ISO dates, both included; articles without a date fall out when one is set.
    """

    date_from: str | None = None
    date_to: str | None = None
    sources: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    article_ids: tuple[str, ...] = ()
    kinds: tuple[ParagraphKind, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether everything is allowed."""
        return self == Filters()


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation; `role` is "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asks, with everything that bears on the answer.

    Attributes:
        as_of: ISO date; articles published after it do not answer.
        top_k: how many paragraphs may be cited or shown as nearest; at least eight are read in any case.
    """

    text: str
    history: tuple[Turn, ...] = ()
    filters: Filters = field(default_factory=Filters)
    as_of: str | None = None
    top_k: int = 5
    conversation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """A paragraph and the words in it that support a sentence of the answer.

    Attributes:
        number: from 1, in order of first use in the answer.
        quote: `article.text[start:end]`, compared with the stored text before it is shown.
    """

    citation_id: str
    number: int
    article: ArticleSummary
    paragraph: Paragraph
    quote: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """A sentence of the answer: `answer[start:end]` is its text."""

    text: str
    start: int
    end: int
    citation_ids: tuple[str, ...]
    verification: str = "verbatim"


@dataclass(frozen=True, slots=True)
class ShortAnswer:
    """The few words that answer; `start` and `end` are code points into the cited article's text."""

    text: str
    start: int
    end: int
    citation_id: str


class AbstentionReason(StrEnum):
    """Why there is no answer."""

    NO_MATCH = "no_match"
    BELOW_THRESHOLD = "below_threshold"
    FILTERS_EMPTY = "filters_empty"


@dataclass(frozen=True, slots=True)
class Abstention:
    """The archive does not answer; `nearest` lets a person judge."""

    reason: AbstentionReason
    message: str
    nearest: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Confidence:
    """How sure the service is; `score` in [0, 1]; answers need `score >= threshold`."""

    score: float
    threshold: float
    calibrated: bool


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """The generation that answered. `first_date`, `last_date`: ISO dates of the dated articles in it."""

    generation: str
    built_at: str
    articles: int
    passages: int
    embedding_model: str
    first_date: str | None = None
    last_date: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply to a question, abstention included (`abstention` set, `text` None).

    Attributes:
        standalone: the question as it was searched, understood without the conversation.
        alternatives: standalone questions to choose from, where a follow-up could mean several things.
    """

    answer_id: str
    created_at: str
    conversation_id: str
    question: Question
    standalone: str
    text: str | None
    short_answer: ShortAnswer | None
    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]
    abstention: Abstention | None
    confidence: Confidence
    index: IndexInfo
    engine_mode: str
    engine_reader: str
    warnings: tuple[str, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)
    alternatives: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """ "answered" or "abstained"."""
        return "answered" if self.abstention is None else "abstained"


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Ranked paragraphs; `total` is how many can be paged through."""

    hits: tuple[Hit, ...]
    total: int
    index: IndexInfo


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """Articles in the archive's order; `total` is how many there are."""

    articles: tuple[ArticleSummary, ...]
    total: int
    index: IndexInfo
