"""What the words of question and answer say of each other."""

import re

import pytest

from embeddings.answer_signs import mismatch, sentence_coverage
from embeddings.protocols import Span


class WordWeights:
    """Each word is a term; the longer the rarer."""

    size = 1

    def term_weights(self, text: str) -> dict[str, float]:
        return {word: float(len(word)) for word in re.findall(r"\w+", text.lower())}


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("How many ferries sank?", "three", 0.0),
        ("How many ferries sank?", "Calla", 1.0),
        ("How old is the harbour master?", "61", 0.0),
        ("What is the population of Carrow?", "fishermen", 1.0),
        ("In which year did it open?", "1962", 0.0),
        ("In which year did it open?", "Carrow", 1.0),
        ("When did the strike begin?", "at noon on Tuesday", 0.0),
        ("Who steered it?", "Captain Brandt", 0.0),
        ("Who steered it?", "a stranger", 0.5),
        ("Why did it sink?", "", 0.0),
        ("", "", 0.0),
    ],
)
def test_an_answer_fits_what_is_asked_for(question: str, answer: str, expected: float) -> None:
    assert mismatch(question, answer) == expected


def coverage(question: str, span: Span | None, title: str = "") -> float:
    text = "The ferry left at noon. Captain Brandt steered it."
    return sentence_coverage(WordWeights(), question, text, span, title)  # type: ignore[arg-type]


def test_coverage_is_of_the_sentence_and_the_title_alone() -> None:
    assert coverage("captain steered", Span(32, 38)) == 1.0
    assert coverage("captain noon", Span(32, 38)) == 7 / 11
    assert coverage("captain noon", Span(32, 38), title="At noon") == 1.0
    assert coverage("captain noon", Span(18, 38)) == 1.0
    assert coverage("captain", None) == coverage("", Span(0, 3)) == 0.0
