"""Which of the things spoken of a follow-up means, and when it is better to ask."""

import pytest

from qa_service.follow_ups import Exchange, KnownAnswer, resolve


def understood(text: str, *turns: tuple[str, str | None]) -> str:
    """Return `text` as it stands alone after questions with their answers."""
    return resolve(text, exchanges(*turns)).text


def exchanges(*turns: tuple[str, str | None]) -> list[Exchange]:
    return [Exchange(asked, answer=KnownAnswer(said) if said else None) for asked, said in turns]


@pytest.mark.parametrize(
    ("before", "answer", "text", "expected"),
    [
        (
            "What caused the flood at Lindmoor?",
            "A drainpipe that nobody had drawn.",
            "How many people died in it?",
            "How many people died in the flood at Lindmoor?",
        ),
        ("What destroyed the bridge?", "A storm.", "When was it built?", "When was the bridge built?"),
        (
            "Which party won the vote?",
            "The Civic League.",
            "Who leads it?",
            "Who leads the Civic League?",
        ),
    ],
)
def test_it_is_what_a_question_is_about_before_an_unnamed_cause(
    before: str, answer: str, text: str, expected: str
) -> None:
    assert understood(text, (before, answer)) == expected


@pytest.mark.parametrize(
    "before",
    [
        "Who was the firefighter that drowned?",
        "Who was the firefighter who was found in the river?",
        "What was the name of the firefighter that drowned?",
    ],
)
def test_the_name_in_an_answer_stands_for_the_person_who_was_asked_for(before: str) -> None:
    said = "The mother of Jorun Haske, the firefighter who drowned, listened from the first row."
    assert understood("How old was she?", (before, said)) == "How old was Jorun Haske?"


def test_the_verb_of_a_clause_is_not_the_verb_of_the_question() -> None:
    turns = [Exchange("Was the firefighter that drowned buried?")]
    assert resolve("When?", turns).text == "When was the firefighter that drowned buried?"
    assert resolve("Where did she live?", turns).text == "Where did the firefighter that drowned live?"
