"""Follow-ups become questions that stand alone; others stay as they are."""

import pytest

from qa_service.conversations import standalone_question
from qa_service.domain import Turn


@pytest.mark.parametrize(
    ("before", "text", "expected"),
    [
        ("Who is Ada Merrow?", "What did police take from her?", "What did police take from Ada Merrow?"),
        ("Who is Ada Merrow?", "Where did her brother live?", "Where did Ada Merrow’s brother live?"),
        ("When did the Lantern March start?", "Where?", "Where did the Lantern March start?"),
        ("How many died in March?", "And in August?", "And in August? (How many died in March?)"),
        (
            "which town was flooded first?",
            "Who is its mayor?",
            "Who is its mayor? (which town was flooded first?)",
        ),
    ],
    ids=["pronoun", "possessive", "bare question word", "ellipsis", "no name to take"],
)
def test_what_is_left_open_is_filled_in(before: str, text: str, expected: str) -> None:
    assert standalone_question(text, [Turn("user", before)]) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Why are bridges checked in spring?",
        "Who leads the Harbour Union?",
        "What did Otto Lind say about it?",
    ],
)
def test_a_question_with_its_own_subject_is_not_touched(text: str) -> None:
    assert standalone_question(text, [Turn("user", "Who is Ada Merrow?")]) == text


def test_without_history_nothing_changes() -> None:
    assert standalone_question("Where?", []) == "Where?"


def test_answers_of_the_service_and_blank_turns_are_not_questions() -> None:
    turns = [Turn("assistant", "Otto Lind said so."), Turn("user", "  ")]
    assert standalone_question("Where does she live?", turns) == "Where does she live?"
