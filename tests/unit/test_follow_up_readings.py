"""Which of the things spoken of a follow-up means, and where it means none of them."""

import pytest

from qa_service.follow_ups import Exchange, resolve
from tests.unit.spoken_conversations import understood


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


@pytest.mark.parametrize(
    "text", ["Who voted for the budget at 1:25 am?", "Who spoke before the vote on Thursday?"]
)
@pytest.mark.parametrize("before", ["Who is Rutger Maal?", "What did Rutger Maal say about the strike?"])
def test_a_question_that_says_when_takes_no_topic(before: str, text: str) -> None:
    assert understood(text, (before, None)) == text


def test_a_person_has_no_budget() -> None:
    turns = [("Who is Rutger Maal?", None), ("How long did the dockers' strike last?", None)]
    assert understood("Who voted for the budget?", *turns) == "Who voted for the budget?"


@pytest.mark.parametrize(
    ("before", "text", "expected"),
    [
        (
            "What is the population of Farrow?",
            "Who was the mayor in 2019?",
            "Who was the mayor of Farrow in 2019?",
        ),
        ("What happened in Farrow?", "Who is the mayor there?", "Who is the mayor in Farrow?"),
        ("What is the population of Farrow?", "Who passed the budget?", "Who passed the budget of Farrow?"),
        (
            "What is the population of Farrow?",
            "What was the budget in 2019?",
            "What was the budget of Farrow in 2019?",
        ),
    ],
)
def test_what_a_place_has_still_takes_the_place(before: str, text: str, expected: str) -> None:
    assert understood(text, (before, None)) == expected


@pytest.mark.parametrize(
    ("before", "text", "expected"),
    [
        ("How big was the fire in August?", "What about March?", "How big was the fire in March?"),
        ("How big was the fire in August?", "And March 2019?", "How big was the fire in March 2019?"),
        ("How big was the fire in August?", "What about Monday?", "How big was the fire on Monday?"),
        ("How big was the fire in August?", "And yesterday?", "How big was the fire yesterday?"),
        ("How big was the fire in August?", "And last week?", "How big was the fire last week?"),
        ("How big was the fire on March 11?", "And March 12?", "How big was the fire on March 12?"),
        ("How big was the fire on March 11?", "What about May?", "How big was the fire in May?"),
        ("How many died since August?", "And March?", "How many died since March?"),
        ("Who won the prize in 2019?", "And 2020?", "Who won the prize in 2020?"),
        ("Who won the prize?", "What about 2020?", "Who won the prize in 2020?"),
        ("Who won the prize in May?", "And in June?", "Who won the prize in June?"),
        (
            "How big was the fire on Skarn Point?",
            "What about March?",
            "How big was the fire on Skarn Point in March?",
        ),
        (
            "How big was the fire on Skarn Point?",
            "And yesterday?",
            "How big was the fire on Skarn Point yesterday?",
        ),
    ],
)
def test_another_time_keeps_its_preposition(before: str, text: str, expected: str) -> None:
    assert understood(text, (before, None)) == expected


SHIPS = ("How many ships waited outside the port?", "Forty ships waited.")


def test_a_plural_of_an_older_question_is_not_taken_where_the_last_one_found_nothing() -> None:
    ruling = ("Tell me about the heating ruling", None)
    repay = "As for the heating ruling, how much must they repay?"
    assert understood("How much must they repay?", SHIPS, ruling) == repay
    assert understood("How much must they repay?", ruling) == repay
    by_when = understood("By when?", SHIPS, ruling, ("How much must they repay?", None))
    assert by_when == "As for the heating ruling, how much must they repay, and by when?"


def test_a_plural_of_an_older_question_is_taken_where_nothing_else_was_asked_for() -> None:
    assert understood("Where were they bound?", SHIPS) == "Where were ships bound?"
    answered = ("Who runs the port?", "The port is run by the Harbour Board.")
    assert "ships" in understood("Where were they bound?", SHIPS, ("How long did they wait?", None))
    assert "they" not in understood("Where were they bound?", SHIPS, answered)


@pytest.mark.parametrize("request_", ["Tell me about the strike", "Explain the strike", "Describe it"])
def test_a_request_is_no_name(request_: str) -> None:
    word = request_.split()[0]
    assert word not in understood("Who called it?", (request_, None))
    assert word not in understood("What did they demand?", (request_, None))


@pytest.mark.parametrize("text", ["What did he say about it?", "What did Otto Lind say about it?"])
def test_it_is_not_described_by_a_clause_that_repeats_the_subject(text: str) -> None:
    turns = [("What did Otto Lind say to Macron?", None), ("Why?", None)]
    assert understood(text, *turns) == "What did Otto Lind say about it?"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What did the former say?", "What did Rutger Maal say?"),
        ("Did the latter resign?", "Did Otto Lind resign?"),
        ("What did he say about the latter?", "What did Rutger Maal say about Otto Lind?"),
        ("How old is the latter's wife?", "How old is Otto Lind's wife?"),
    ],
)
def test_the_former_and_the_latter_are_one_of_two(text: str, expected: str) -> None:
    first, second = ("What did Rutger Maal and Otto Lind say?", None), ("When did Rutger Maal resign?", None)
    assert understood(text, first, second) == expected


def test_the_latter_takes_the_place_of_the_former() -> None:
    turns = [("What did Rutger Maal and Otto Lind say?", None), ("What did the former say?", None)]
    assert understood("And the latter?", *turns) == "What did Otto Lind say?"
    assert understood("What did the latter say?", ("Who is Ada Merrow?", None)) != "What did Ada Merrow say?"
    assert understood("Who is the former mayor?", turns[0]) == "Who is the former mayor?"


@pytest.mark.parametrize(
    "text", ["Tell me about the strike?", "Explain the strike?", "And tell me about the strike"]
)
def test_a_request_does_not_take_a_place_in_the_question_before(text: str) -> None:
    assert "flood" not in understood(text, ("How long did the flood last?", None))


def test_what_somebody_can_tell_is_no_thing() -> None:
    turns = [("What can you tell me about the strike?", None)]
    assert understood("Does it go on?", *turns) == "Does the strike go on?"
