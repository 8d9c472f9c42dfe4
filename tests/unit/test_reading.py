"""Evidence by overlap and by the cross-encoder: quotes, short answers, ranking, confidence."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.answer_calibration import AnswerCalibration
from embeddings.protocols import Reading, Span
from qa_service.domain import ArticleSummary, Hit, Paragraph, ParagraphKind, Passage
from qa_service.overlap_reading import OverlapConfidence, OverlapReader
from qa_service.reading import Evidence
from qa_service.span_reading import SpanReader

OVERLAP = OverlapReader(OverlapConfidence(0.0, (1.0, 1.0, 1.0)))
CALIBRATION = AnswerCalibration(
    retrieval_weight=0.5,
    intercept=0.0,
    weights=(1.0, -1.0, 0.0, 1.0, -1.0),
    high_relevance=2.0,
    source="a test",
)


class WordWeights:
    """Each word is a term; the longer the rarer."""

    size = 1

    def term_weights(self, text: str) -> dict[str, float]:
        return {word: float(len(word)) for word in re.findall(r"\w+", text.lower())}


class MarkingReader:
    """Marks given words of each passage; the relevance of a passage is how often they stand in it."""

    name = "marking"

    def __init__(self, words: str) -> None:
        self._words = words
        self.calls: list[int] = []

    def read(self, question: str, passages: Sequence[str], before: Sequence[str] = ()) -> list[Reading]:
        self.calls.append(len(passages))
        return [self._reading(text) for text in passages]

    def _reading(self, text: str) -> Reading:
        start = text.find(self._words)
        span = Span(start, start + len(self._words)) if start >= 0 else None
        count = float(text.count(self._words))
        return Reading(relevance=count, span=span, span_score=count - 1, no_answer=-count)


def hit_on(
    text: str, title: str = "Harbour", start: int = 0, score: float = 0.9, article_id: str = "a"
) -> Hit:
    article = ArticleSummary(article_id, title, None, None, (), None, False, None, 1)
    paragraph = Paragraph(0, 0, ParagraphKind.BODY, start, start + len(text), text)
    passage = Passage("a", 0, 0, 0, start, start + len(text), text)
    return Hit(1, score, 0.8, 3.0, 0, article, paragraph, passage)


def overlap(question: str, hits: Sequence[Hit]) -> list[Evidence]:
    return OVERLAP.read(question, hits, WordWeights())  # type: ignore[arg-type]


def marked(words: str, question: str, hits: Sequence[Hit]) -> list[Evidence]:
    return SpanReader(MarkingReader(words), CALIBRATION).read(question, hits, WordWeights())  # type: ignore[arg-type]


def quoted(evidence: Evidence) -> str:
    paragraph = evidence.hit.paragraph
    return paragraph.text[evidence.quote.start - paragraph.start : evidence.quote.end - paragraph.start]


TEXT = "The ferry left at noon. Captain Brandt steered it. It rained."


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("who was captain Brandt", "Captain Brandt steered it."),
        ("when did captain Brandt leave noon", "The ferry left at noon. Captain Brandt steered it."),
        ("zebra", "The ferry left at noon."),
    ],
)
def test_overlap_quotes_the_sentences_with_the_questions_rarest_words(question: str, quote: str) -> None:
    assert quoted(overlap(question, [hit_on(TEXT)])[0]) == quote


def test_offsets_point_into_the_article_not_the_paragraph() -> None:
    (piece,) = overlap("Brandt", [hit_on("It rained. Captain Brandt slept.", start=100)])
    assert (quoted(piece), piece.quote) == ("Captain Brandt slept.", Span(111, 132))
    (piece,) = marked("Brandt", "Who slept?", [hit_on("It rained. Captain Brandt slept.", start=100)])
    assert (quoted(piece), piece.quote, piece.short) == (
        "Captain Brandt slept.",
        Span(111, 132),
        Span(119, 125),
    )
    assert piece.short_text == "Brandt"


def test_coverage_counts_the_title_too() -> None:
    hit = hit_on("It opened at nine.", title="Harbour")
    assert overlap("harbour nine", [hit])[0].coverage == 1.0
    assert overlap("harbour xy", [hit])[0].coverage == 7 / 9
    assert overlap("", [hit])[0].coverage == 0.0


def test_a_paragraph_without_words_is_quoted_whole() -> None:
    assert quoted(overlap("anything", [hit_on("…")])[0]) == "…"


def test_the_cross_encoder_quotes_the_sentence_around_the_marked_words() -> None:
    (piece,) = marked("Brandt", "Who steered the ferry at noon?", [hit_on(TEXT)])
    assert (quoted(piece), piece.short_text) == ("Captain Brandt steered it.", "Brandt")


def test_open_questions_get_two_or_three_sentences() -> None:
    (piece,) = marked("Brandt", "Why did the ferry leave?", [hit_on(TEXT)])
    assert quoted(piece) == "The ferry left at noon. Captain Brandt steered it."
    (piece,) = marked("rained", "Why was it so?", [hit_on(TEXT)])
    assert quoted(piece) == "Captain Brandt steered it. It rained."
    (piece,) = marked("rained", "Why?", [hit_on("It rained.")])
    assert quoted(piece) == "It rained."


def test_reading_ranks_anew_and_retrieval_still_counts() -> None:
    once, twice = hit_on("Brandt came.", score=1.0), hit_on("Brandt saw Brandt.", score=0.5)
    assert [e.hit for e in marked("Brandt", "Who?", [once, twice])] == [twice, once]
    far_ahead = hit_on("Brandt came.", score=9.0)
    assert [e.hit for e in marked("Brandt", "Who?", [twice, far_ahead])] == [far_ahead, twice]
    assert [e.hit for e in marked("Brandt", "Who?", [once, once])] == [once, once]


def test_confidence_rises_with_what_the_reader_makes_of_the_paragraph() -> None:
    once, twice = hit_on("Brandt came."), hit_on("Brandt saw Brandt.")
    first, second = (e.confidence for e in marked("Brandt", "Who?", [once, twice]))
    assert 1 > first > second > 0


@pytest.mark.parametrize(
    ("scores", "calls"),
    [
        # "Brandt" stands once in each: reading scores are 1 + score / 2, an unread one may reach 2 + score / 2.
        ([9.0, 5.0, 4.0, 3.0, 2.0, 1.0], [1]),
        ([9.0, 7.1, 4.0, 3.0, 2.0, 1.0], [1, 1]),
        ([9.0, 8.9, 8.8, 8.7, 8.6, 8.5], [1, 1, 1, 1, 1, 1]),
        ([9.0, 8.0], [1, 1]),
        ([], []),
    ],
)
def test_hits_that_could_not_come_first_are_not_read(scores: list[float], calls: list[int]) -> None:
    reader = MarkingReader("Brandt")
    hits = [hit_on(f"Brandt came {n}.", score=score) for n, score in enumerate(scores)]
    found = SpanReader(reader, CALIBRATION).read("Who?", hits, WordWeights())  # type: ignore[arg-type]
    assert (reader.calls, len(found)) == (calls, sum(calls))


def test_another_article_with_the_same_answer_is_read_however_far_behind() -> None:
    leaders = [hit_on("Brandt came.", score=score) for score in (9.0, 5.0, 4.0)]
    same = hit_on("It was Brandt.", score=0.1, article_id="b")
    others = [hit_on("It was Brandt.", score=0.1), hit_on("Nobody knew.", score=0.1, article_id="c")]
    assert [e.hit for e in marked("Brandt", "Who?", [*leaders, *others, same])] == [leaders[0], same]


def test_what_another_article_says_is_read_where_it_is_among_the_first() -> None:
    first = hit_on("Brandt came.", score=9.0)
    others = [hit_on(f"Moe came {n}.", score=1.0, article_id=f"other-{n}") for n in range(4)]
    same = hit_on("Moe came, too.", score=1.0)
    assert [e.hit for e in marked("Brandt", "Who?", [first, *others])] == [first, *others[:2]]
    assert [e.hit for e in marked("Brandt", "Who?", [first, same, *others])] == [first, others[0]]


def test_nothing_marked_leaves_the_best_sentence_and_no_short_answer() -> None:
    (piece,) = marked("zebra", "who was captain Brandt", [hit_on(TEXT)])
    assert (piece.short, piece.short_text) == (None, "")
    assert quoted(piece) == "Captain Brandt steered it."


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60), st.data())
def test_the_short_answer_always_lies_in_the_quote_and_the_quote_in_the_paragraph(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    words = text[start : data.draw(st.integers(start + 1, len(text)))]
    question = data.draw(st.sampled_from(["Who?", "Why did it?", text]))
    (piece,) = marked(words, question, [hit_on(text, start=7)])
    assert piece.short is not None
    assert 7 <= piece.quote.start <= piece.short.start < piece.short.end <= piece.quote.end <= 7 + len(text)
    assert words in quoted(piece)
