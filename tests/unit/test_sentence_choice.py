"""Open questions against questions for a fact, and windows of neighbouring sentences."""

import pytest

from qa_service.sentence_choice import grow, is_open


@pytest.mark.parametrize(
    "question",
    [
        "Why does the council want a toll?",
        "How did the ferry sink?",
        "How does one apply?",
        "What did Brandt say about the storm?",
        "What happened in Norrey in May?",
        "What was the union's response to the offer?",
        "Explain the dispute over the quay.",
        "what led to the strike",
    ],
)
def test_questions_for_an_account(question: str) -> None:
    assert is_open(question)


@pytest.mark.parametrize(
    "question",
    [
        "How many people were on board?",
        "How old is the harbour master?",
        "How long did the strike last?",
        "Who said that the quay would close?",
        "What is the name of the ferry?",
        "When was the toll announced?",
        "",
    ],
)
def test_questions_for_a_fact(question: str) -> None:
    assert not is_open(question)


def test_a_window_keeps_to_neighbours_and_three_sentences() -> None:
    assert grow(2, 2, [{"a"}, set(), {"b"}, {"c"}, {"d"}]) == (2, 4)
    assert grow(0, 0, [{"a"}, {"a"}]) == (0, 0)
    assert grow(0, 0, [{"a"}, {"b"}, {"c"}, {"d"}]) == (0, 2)
    assert grow(1, 1, [{"a", "b"}, set(), {"c"}]) == (0, 2)
    assert grow(0, 3, [{"a"}, {"b"}, {"c"}, {"d"}, {"e"}]) == (0, 3)
