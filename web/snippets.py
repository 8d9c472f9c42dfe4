"""The beginning of a found paragraph, or the part around the words that were searched for, those words lit."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qa_service.search_words import words_held

MAX_CHARS = 320
_LEAD = 60  # what goes before the first word that is lit, where the beginning is left out


@dataclass(frozen=True, slots=True)
class Snippet:
    """A part of a paragraph in pieces, each with whether it is lit; `holds` says that any word is in the paragraph."""

    pieces: tuple[tuple[str, bool], ...]
    holds: bool


def snippet(wanted: frozenset[str], text: str) -> Snippet:
    """Return the part of `text` to show, its `wanted` words lit."""
    spans = words_held(wanted, text)
    start = _start(text, spans[0]) if spans else 0
    end = _end(text, start)
    return Snippet(tuple(_pieces(text, spans, start, end)), bool(spans))


def _start(text: str, first: tuple[int, int]) -> int:
    if first[1] <= MAX_CHARS:
        return 0
    earliest = first[0] - _LEAD
    return text.find(" ", earliest, first[0]) + 1 or earliest


def _end(text: str, start: int) -> int:
    latest = start + MAX_CHARS
    if len(text) <= latest:
        return len(text)
    space = text.rfind(" ", start + MAX_CHARS // 2, latest)
    return space if space >= 0 else latest


def _pieces(text: str, spans: Iterable[tuple[int, int]], start: int, end: int) -> Iterator[tuple[str, bool]]:
    at = start
    if start:
        yield "… ", False
    for first, last in spans:
        if first >= start and last <= end:
            yield text[at:first], False
            yield text[first:last], True
            at = last
    yield text[at:end], False
    if end < len(text):
        yield " …", False
