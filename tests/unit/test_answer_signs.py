"""What the words of question and answer say of each other."""

import re

import pytest

from embeddings.answer_signs import coverage, mismatch
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
        ("Who steered it?", "The stranger", 0.5),
        ("Who steered it?", "The Captain", 0.0),
        ("What was the ferry called?", "the ferry", 1.0),
        ("What was the ferry called?", "Calla", 0.0),
        ("When did he retire?", "aged 61", 1.0),
        ("How many prizes did she win?", "prize", 1.0),
        ("Who is Moe's wife?", "Moe", 1.0),
        ("Did Moe or Brandt steer it?", "Moe", 0.0),
        ("Why did it sink?", "", 0.0),
        ("", "", 0.0),
    ],
)
def test_an_answer_fits_what_is_asked_for(question: str, answer: str, expected: float) -> None:
    assert mismatch(question, answer) == expected


def covered(question: str, span: Span | None, title: str = "Harbour") -> float:
    text = "The ferry left at noon. Captain Brandt steered it."
    return coverage(WordWeights(), question, text, span, title)  # type: ignore[arg-type]


def test_the_sentence_and_the_title_cover_the_question() -> None:
    assert covered("captain steered", Span(32, 38)) == 1.0
    assert covered("captain noon", Span(32, 38)) == 7 / 11
    assert covered("captain noon", Span(32, 38), "At noon") == 1.0
    assert covered("captain noon", Span(18, 38)) == 1.0
    assert covered("captain zebra", Span(32, 38)) == 7 / 12
    assert covered("captain", None) == 0.0
    assert covered("", Span(0, 3)) == 0.0
