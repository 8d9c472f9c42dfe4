"""Of two people who stand side by side, neither is taken silently."""

import pytest

from qa_service.follow_ups import Exchange, resolve
from tests.unit.spoken_conversations import exchanges, understood

RIVALS = [
    ("Did Rutger Maal and Otto Lind speak?", "The education minister Otto Lind spoke.", "he"),
    ("What did Rutger Maal and Otto Lind say?", None, "he"),
    ("Did Rutger Maal vote with Otto Lind?", "The deciding vote was cast by Rutger Maal.", "he"),
    ("Did the docker Rutger Maal and the minister Otto Lind meet?", None, "he"),
    ("Did Rutger Maal or Otto Lind win the race?", "Rutger Maal and Otto Lind came second.", "he"),
]


@pytest.mark.parametrize(("before", "answer", "pronoun"), RIVALS)
def test_of_two_people_side_by_side_none_is_taken_silently(
    before: str, answer: str | None, pronoun: str
) -> None:
    got = resolve(f"How old is {pronoun}?", exchanges((before, answer)))
    assert got.must_ask
    assert sorted(got.alternatives) == ["How old is Otto Lind?", "How old is Rutger Maal?"]


def test_three_people_side_by_side_are_all_offered() -> None:
    got = resolve("How old is she?", [Exchange("Did Ada Merrow, Ines Corrand and Thyra Calloway speak?")])
    assert got.alternatives == (
        "How old is Ada Merrow?",
        "How old is Ines Corrand?",
        "How old is Thyra Calloway?",
    )


@pytest.mark.parametrize(
    ("before", "answer", "expected"),
    [
        (
            "Did Ada Merrow and Otto Lind speak?",
            "The prize went to Merrow; she is 41.",
            "How old is Ada Merrow?",
        ),
        ("Did Ada Merrow work with Brightwater Bank?", None, "How old is Ada Merrow?"),
        (
            "Did Ada Merrow or Ines Corrand win?",
            "The race was won by Ines Corrand.",
            "How old is Ines Corrand?",
        ),
        ("Did Ada Merrow accuse Ines Corrand?", None, "How old is Ada Merrow?"),
        ("What did Merrow agree with Farland?", None, "How old is Merrow?"),
    ],
)
def test_what_tells_two_people_apart_is_used(before: str, answer: str | None, expected: str) -> None:
    got = resolve("How old is she?", exchanges((before, answer)))
    assert (got.text, got.alternatives, got.must_ask) == (expected, (), False)


def test_who_was_carried_on_has_no_rival() -> None:
    turns = [Exchange("Who is Ada Merrow?"), Exchange("Did she vote with Ines Corrand?")]
    assert resolve("How old is she?", turns).alternatives == ()


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("Did Noor Vinter or Caspian Wroe score the goal?", "What did Noor Vinter and Caspian Wroe say?"),
        (
            "Did Ada Merrow, Otto Lind and Ines Corrand meet?",
            "What did Ada Merrow, Otto Lind and Ines Corrand say?",
        ),
    ],
)
def test_they_are_all_who_stand_side_by_side(before: str, expected: str) -> None:
    assert understood("What did they say?", (before, None)) == expected


def test_two_places_for_a_name_need_not_be_asked_about() -> None:
    got = resolve("And Merkel?", [Exchange("Did Macron speak to Putin?")])
    assert (len(got.alternatives), got.must_ask) == (2, False)
