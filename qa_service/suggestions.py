"""Questions to start with, made from an archive's own words and kept only when the archive answers them."""

import json
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files

from qa_service.answering import Answerer
from qa_service.archive import Archive
from qa_service.domain import Article, ParagraphKind, Question

WANTED = 6
_LOOKED_AT = 12
# Two capitalised words of three letters or more: a first name and a last name rather than "Mr" and a name. Only
# whole words of some length are looked at, as a line of a hundred thousand capitals would take half a minute.
_NAME = r"\b(?!Mrs|The)[A-Z][\w’'-]{2,30} [A-Z][\w’'-]{2,30}"
# Behind a small letter, so that the first word of a sentence is not taken for a name; "who" or an age tells
# a person from a place or an office.
_WHO = re.compile(rf"(?<=[a-z] )({_NAME}), (?:who |whose |(?:an? )?\d\d\b)")
_SAID = re.compile(rf"({_NAME}) (?:said|told|warned|urged)\b|\b(?:said|told) ({_NAME})\b")


def answered_suggestions(archive: Archive, answerer: Answerer) -> tuple[str, ...]:
    """Return at most `WANTED` questions that `answerer` answers from `archive`."""
    kept: list[str] = []
    for text, support in _candidates(archive):
        if len(kept) == WANTED:
            break
        if text in kept:
            continue
        quoted = [c.quote for c in answerer.ask(archive, Question(text)).citations[:1]]
        if any(words in quote for words in support for quote in quoted):
            kept.append(text)
    return tuple(kept)


def _candidates(archive: Archive) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield questions, each with words of which what is quoted first has to hold some."""
    yield from sample_questions()
    for summary in archive.store.articles(_LOOKED_AT):
        yield from _questions_on(archive.store.article(summary.article_id))


def sample_questions() -> list[tuple[str, Sequence[str]]]:
    """Return the questions of the sample articles that are marked for suggestion, with their support."""
    lines = (
        files("qa_service").joinpath("samples", "questions.jsonl").read_text(encoding="utf-8").splitlines()
    )
    return [(row["question"], row["support"]) for row in map(json.loads, lines) if row.get("suggest")]


def _questions_on(article: Article) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield at most one “Who is …?” and one “What did … say?” on an article."""
    body = "\n".join(p.text for p in article.paragraphs if p.kind is ParagraphKind.BODY)
    if who := _WHO.search(body):
        yield f"Who is {who[1]}?", (who[0],)
    if said := _SAID.search(body):
        yield f"What did {said[1] or said[2]} say?", (said[0],)
