"""Which sentences of a paragraph are quoted."""

import re

from qa_service.domain import ArticleSummary, Hit, Paragraph, ParagraphKind, Passage
from qa_service.reading import OverlapReader, best_window


class WordWeights:
    """Each word is a term; the longer the rarer."""

    size = 1

    def term_weights(self, text: str) -> dict[str, float]:
        return {word: float(len(word)) for word in re.findall(r"\w+", text.lower())}


def hit_on(text: str, title: str = "Harbour", start: int = 0) -> Hit:
    article = ArticleSummary("a", title, None, None, (), None, False, None, 1)
    paragraph = Paragraph(0, 0, ParagraphKind.BODY, start, start + len(text), text)
    passage = Passage("a", 0, 0, 0, start, start + len(text), text)
    return Hit(1, 0.9, 0.8, 3.0, 0, article, paragraph, passage)


def quote_of(text: str, question: str, start: int = 0) -> str:
    evidence = OverlapReader().read(question, [hit_on(text, start=start)], WordWeights())[0]  # type: ignore[arg-type]
    return text[evidence.quote.start - start : evidence.quote.end - start]


def test_the_sentence_with_the_questions_rarest_words_is_quoted() -> None:
    text = "The ferry left at noon. Captain Brandt steered it. It rained."
    assert quote_of(text, "who was captain Brandt") == "Captain Brandt steered it."


def test_a_neighbour_joins_when_it_holds_words_that_the_first_lacks() -> None:
    text = "The ferry left at noon. Captain Brandt steered it. It rained."
    assert (
        quote_of(text, "when did captain Brandt leave noon")
        == "The ferry left at noon. Captain Brandt steered it."
    )


def test_a_paragraph_that_shares_nothing_gives_its_first_sentence() -> None:
    assert quote_of("One stood. Two fell.", "zebra") == "One stood."


def test_offsets_point_into_the_article_not_the_paragraph() -> None:
    assert quote_of("It rained. Captain Brandt slept.", "Brandt", start=100) == "Captain Brandt slept."


def test_coverage_counts_the_title_too() -> None:
    reader, weights = OverlapReader(), WordWeights()
    hit = hit_on("It opened at nine.", title="Harbour")
    assert reader.read("harbour nine", [hit], weights)[0].coverage == 1.0  # type: ignore[arg-type]
    assert reader.read("harbour xy", [hit], weights)[0].coverage == 7 / 9  # type: ignore[arg-type]
    assert reader.read("", [hit], weights)[0].coverage == 0.0  # type: ignore[arg-type]


def test_a_paragraph_without_words_is_quoted_whole() -> None:
    assert quote_of("…", "anything") == "…"


def test_window_keeps_to_neighbours_and_three_sentences() -> None:
    assert best_window([1.0, 0.0, 3.0, 2.0, 2.0], [{"a"}, set(), {"b"}, {"c"}, {"d"}]) == (2, 4)
    assert best_window([1.0, 1.0], [{"a"}, {"a"}]) == (0, 0)
    assert best_window([5.0, 1.0, 1.0, 1.0], [{"a"}, {"b"}, {"c"}, {"d"}]) == (0, 2)
