"""One question and what came of it, as the chat page shows it: made from the public JSON, nothing left to compute."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from qa_service.domain import AbstentionReason, Filters, Turn
from web import wording
from web.bidi import guards, isolated
from web.page_urls import article_url, filter_pairs, outside_url, page_url, recent
from web.serialize import Json


@dataclass(frozen=True, slots=True)
class Lit:
    """A text of which a middle part is lit; `lit` may be empty."""

    before: str
    lit: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Cited:
    """A cited paragraph; `start` and `end` are the quote's code points in its article, `href` leads there.

    `page` names the page on which it begins; empty where its source has none.
    """

    number: int
    anchor: str
    text: Lit
    href: str
    page: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Source:
    """An article with the paragraphs that one part of the answer quotes from it."""

    title: str
    name: str
    date: str
    kind: str
    article_id: str
    original: str
    cited: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the answer, its short answer lit; `references` are its citations' numbers and anchors."""

    text: Lit
    references: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Sentences that stand on the same articles, and those articles."""

    sentences: tuple[Sentence, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question with its answer, abstention or failure.

    Attributes:
        state: "answered", "abstained" or "failed".
        url: address that asks the question again, for anybody.
        carried: fields that a form needs to ask another question in its place.
        understood: the question as it was searched; empty when that is how it was asked.
        alternatives: questions to choose from when it could mean several.
        is_talk: nothing was asked, as in a greeting.
        unfiltered: address that asks without filters; empty but where no article fits them.
        message: why there is no answer; empty when there is one.
        request: names the request that failed, for whoever looks into the log.
        plain: the answer's text, which follow-ups are understood by.
        is_kept: the exchange is stored, so that an opinion on it can be, too.
        vote: that opinion: "up", "down" or none.
        note: the word on why that came with it.
    """

    question: str
    state: str
    url: str
    carried: tuple[tuple[str, str], ...] = ()
    understood: str = ""
    alternatives: tuple[str, ...] = ()
    is_talk: bool = False
    unfiltered: str = ""
    blocks: tuple[Block, ...] = ()
    nearest: tuple[Source, ...] = ()
    sureness: str = ""
    sureness_level: int = 0
    scope: str = ""
    warnings: tuple[str, ...] = ()
    message: str = ""
    request: str = ""
    plain: str = ""
    answer_id: str = ""
    conversation_id: str = ""
    is_kept: bool = False
    vote: str = ""
    note: str = ""

    def turns(self) -> tuple[Turn, ...]:
        """Return this exchange as messages of the conversation."""
        asked = Turn("user", self.question)
        return (asked, Turn("assistant", self.plain)) if self.plain else (asked,)


BLANK = Exchange("", "", "")  # what the scripts fill


def failed(
    question: str, earlier: Sequence[str], filters: Filters, message: str, request_id: str
) -> Exchange:
    """Return the exchange of a question that could not be answered for `message`."""
    url = page_url(question, earlier, filters)
    return Exchange(question, "failed", url, message=message, request=f"Request {request_id}")


def shown(answer: Json, earlier: Sequence[str], *, turn: int, is_kept: bool) -> Exchange:
    """Return the exchange of `answer`; `turn` counts the page's exchanges from 1 and makes anchors unique."""
    query, abstention = answer["query"], answer["abstention"]
    sureness, level = wording.sureness(answer["confidence"]["score"], answer["confidence"]["calibrated"])
    applied = answer["filters_applied"]
    filters = Filters(
        applied["date_from"], applied["date_to"], tuple(applied["sources"]), tuple(applied["authors"])
    )
    asked, standalone = query["original"], query["standalone"]
    return Exchange(
        question=asked,
        state=answer["status"],
        url=page_url(asked, earlier, filters),
        carried=(*(("h", text) for text in recent(earlier)), *filter_pairs(filters)),
        understood=standalone if standalone.strip() != asked.strip() else "",
        alternatives=tuple(query.get("alternatives", ())),
        is_talk=_is_talk(answer),
        unfiltered=page_url(asked, earlier, Filters()) if _fits_nothing(abstention) else "",
        blocks=_blocks(answer, turn),
        nearest=_sources(abstention["nearest"], turn) if abstention else (),
        sureness=sureness,
        sureness_level=level,
        scope=wording.searched(answer["index"], filters),
        warnings=tuple(answer["warnings"]),
        message=abstention["message"] if abstention else "",
        plain=answer["answer"] or "",
        answer_id=answer["id"],
        conversation_id=answer["conversation_id"],
        is_kept=is_kept,
    )


def _is_talk(answer: Json) -> bool:
    """Whether the archive was not even searched; the time that searching took is told where it was."""
    return "retrieve" not in answer["timings_ms"] and not answer["query"].get("alternatives")


def _fits_nothing(abstention: Json | None) -> bool:
    return abstention is not None and abstention["reason"] == AbstentionReason.FILTERS_EMPTY.value


def _blocks(answer: Json, turn: int) -> tuple[Block, ...]:
    by_id = {citation["id"]: citation for citation in answer["citations"]}

    def articles(sentence: Json) -> list[str]:
        return [by_id[one]["article_id"] for one in sentence["citation_ids"]]

    blocks, told = [], set[str]()
    for _, group in groupby(answer["sentences"], key=articles):
        sentences = list(group)
        used = {one: by_id[one] for sentence in sentences for one in sentence["citation_ids"]}
        fresh = [citation for one, citation in used.items() if one not in told]
        told |= set(used)
        blocks.append(
            Block(tuple(_sentence(one, answer, by_id, turn) for one in sentences), _sources(fresh, turn))
        )
    return tuple(blocks)


def _sentence(sentence: Json, answer: Json, by_id: dict[str, Json], turn: int) -> Sentence:
    numbers = [by_id[one]["number"] for one in sentence["citation_ids"]]
    return Sentence(
        _light_short_answer(sentence, answer["short_answer"], by_id),
        tuple((number, _anchor(turn, number)) for number in numbers),
    )


def _light_short_answer(sentence: Json, short: Json | None, by_id: dict[str, Json]) -> Lit:
    """Find the short answer in its sentence: by its offset in the quote, or by its words in a reworded one."""
    text = sentence["text"]
    if short is None or short["citation_id"] not in sentence["citation_ids"] or not short["text"]:
        return Lit(isolated(text))
    quoted = by_id[short["citation_id"]]
    at = quoted["quote"].find(text)
    start = short["start_char"] - quoted["start_char"] - at if at >= 0 else text.find(short["text"])
    end = start + len(short["text"])
    fits = start >= 0 and text[start:end] == short["text"]
    return lit(text, start, end) if fits else Lit(isolated(text))


def _sources(citations: Sequence[Json], turn: int) -> tuple[Source, ...]:
    """Return one source for each article, in the order of first mention."""
    by_article: dict[str, list[Json]] = {}
    for citation in citations:
        by_article.setdefault(citation["article_id"], []).append(citation)
    return tuple(_source(group, turn) for group in by_article.values())


def _source(group: Sequence[Json], turn: int) -> Source:
    first = group[0]
    return Source(
        title=isolated(first["title"]),
        name=isolated(first["source"] or ""),
        date=wording.day(first["published_at"], inferred=first["published_at_inferred"]),
        kind=", ".join(dict.fromkeys(filter(None, (wording.KIND_WORDS.get(one["kind"]) for one in group)))),
        article_id=first["article_id"],
        original=outside_url(first["url"]),
        cited=tuple(_cited(citation, turn) for citation in group),
    )


def _cited(citation: Json, turn: int) -> Cited:
    paragraph, quote = citation["paragraph_text"], citation["quote"]
    start = paragraph.find(quote)
    span = (citation["start_char"], citation["end_char"])
    return Cited(
        number=citation["number"],
        anchor=_anchor(turn, citation["number"]),
        text=lit(paragraph, start, start + len(quote)) if start >= 0 else Lit(isolated(paragraph)),
        href=article_url(citation["article_id"], citation["paragraph_index"], span),
        page=wording.page(citation.get("page")),  # answers kept by earlier releases have none
        start=span[0],
        end=span[1],
    )


def lit(text: str, start: int, end: int) -> Lit:
    """Return `text`, its code points from `start` to `end` lit."""
    before, after = guards(text)
    return Lit(before + text[:start], text[start:end], text[end:] + after)


def _anchor(turn: int, number: int) -> str:
    return f"e{turn}-s{number}"
