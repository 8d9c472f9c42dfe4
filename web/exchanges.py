"""One question and what came of it, as the chat page shows it: pieces of text, nothing left to compute."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import quote, urlencode

from qa_service.domain import Answer, AnswerSentence, Citation, Turn
from web.wording import KIND_WORDS, confidence_word, day, scope

MAX_EARLIER = 6
MAX_EARLIER_CHARS = 8000


@dataclass(frozen=True, slots=True)
class Lit:
    """A text of which a middle part is lit; `lit` may be empty."""

    before: str
    lit: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """The number behind a sentence; it leads to the source of that number."""

    number: int
    anchor: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the answer, its short answer lit."""

    text: Lit
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A cited paragraph: `byline` says source, date and kind; `href` leads to it in its article."""

    number: int | str
    anchor: str
    title: str
    byline: str
    text: Lit
    href: str
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question with its answer, abstention or failure.

    Attributes:
        state: "answered", "abstained" or "failed".
        blocks: the answer's sentences, those of one source together.
        message: why there is no answer; empty when there is one.
        plain: the answer's text, which follow-ups are understood by.
    """

    question: str
    state: str
    url: str
    blocks: tuple[tuple[Sentence, ...], ...] = ()
    sources: tuple[Source, ...] = ()
    confidence: str = ""
    scope: str = ""
    message: str = ""
    plain: str = ""
    conversation_id: str = ""

    def turns(self) -> tuple[Turn, ...]:
        """Return this exchange as messages of the conversation."""
        asked = Turn("user", self.question)
        return (asked, Turn("assistant", self.plain)) if self.plain else (asked,)


def recent(questions: Sequence[str]) -> list[str]:
    """Return the last few `questions` that a follow-up carries along, oldest first."""
    kept: list[str] = []
    for question in reversed(questions[-MAX_EARLIER:]):
        if sum(map(len, kept)) + len(question) > MAX_EARLIER_CHARS:
            break
        kept.insert(0, question)
    return kept


def page_url(question: str, earlier: Sequence[str]) -> str:
    """Return the address of the chat page that asks `question` after the `earlier` ones."""
    return "/?" + urlencode([("q", question), *(("h", text) for text in recent(earlier))])


def article_url(article_id: str, paragraph_index: int | None) -> str:
    """Return the address of a paragraph on its article's page."""
    fragment = "" if paragraph_index is None else f"#p{paragraph_index}"
    return f"/articles/{quote(article_id, safe='')}{fragment}"


def failed(question: str, earlier: Sequence[str], message: str) -> Exchange:
    """Return the exchange of a question that could not be answered for `message`."""
    return Exchange(question, "failed", page_url(question, earlier), message=message)


def shown(answer: Answer, question: str, earlier: Sequence[str], turn: int) -> Exchange:
    """Return the exchange of `answer`; `turn` counts the page's exchanges from 1 and makes anchors unique."""
    abstention = answer.abstention
    cited = answer.citations if abstention is None else abstention.nearest
    return Exchange(
        question=question,
        state=answer.status,
        url=page_url(question, earlier),
        blocks=_blocks(answer, turn),
        sources=tuple(_source(citation, turn, is_open=abstention is not None) for citation in cited),
        confidence=confidence_word(answer.confidence),
        scope=scope(answer.index),
        message=abstention.message if abstention else "",
        plain=answer.text or "",
        conversation_id=answer.conversation_id,
    )


def _blocks(answer: Answer, turn: int) -> tuple[tuple[Sentence, ...], ...]:
    groups = groupby(answer.sentences, key=lambda sentence: sentence.citation_ids)
    return tuple(tuple(_sentence(sentence, answer, turn) for sentence in group) for _, group in groups)


def _sentence(sentence: AnswerSentence, answer: Answer, turn: int) -> Sentence:
    cited = [citation for citation in answer.citations if citation.citation_id in sentence.citation_ids]
    references = tuple(Reference(citation.number, _anchor(turn, citation)) for citation in cited)
    return Sentence(_light_short_answer(sentence, answer, cited), references)


def _light_short_answer(sentence: AnswerSentence, answer: Answer, cited: Sequence[Citation]) -> Lit:
    """Find the short answer in its sentence: by its offset in the quote, or by its words in a reworded one."""
    short = answer.short_answer
    if short is None or short.citation_id not in sentence.citation_ids or not short.text:
        return Lit(sentence.text)
    quoted = next(citation for citation in cited if citation.citation_id == short.citation_id)
    at = quoted.quote.find(sentence.text)
    start = short.start - quoted.start - at if at >= 0 else sentence.text.find(short.text)
    end = start + len(short.text)
    fits = start >= 0 and sentence.text[start:end] == short.text
    return _lit(sentence.text, start, end) if fits else Lit(sentence.text)


def _source(citation: Citation, turn: int, *, is_open: bool) -> Source:
    article, paragraph = citation.article, citation.paragraph
    published = day(article.published_at, inferred=article.published_at_inferred)
    details = [article.source or "", published, KIND_WORDS.get(paragraph.kind, "")]
    start = citation.start - paragraph.start
    return Source(
        number=citation.number,
        anchor=_anchor(turn, citation),
        title=article.title,
        byline=" · ".join(detail for detail in details if detail),
        text=_lit(paragraph.text, start, start + len(citation.quote)),
        href=article_url(article.article_id, paragraph.index),
        is_open=is_open,
    )


def _lit(text: str, start: int, end: int) -> Lit:
    return Lit(text[:start], text[start:end], text[end:])


def _anchor(turn: int, citation: Citation) -> str:
    return f"e{turn}-s{citation.number}"
