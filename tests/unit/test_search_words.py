"""Where the words of a search stand in a text."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service import search_words
from qa_service.search_words import search_terms, words_held


def test_the_examples_hold() -> None:
    assert doctest.testmod(search_words).failed == 0


@pytest.mark.parametrize(
    ("search", "text", "lit"),
    [
        ("flood", "The floods, flooding", ["floods", "flooding"]),
        ("U.N. 7,000", "7000 at the UN, 7,000 at the U.N.", ["7000", "UN", "7,000", "U.N."]),
        ("nauseda", "President Nausėda’s visit", ["Nausėda’s"]),
        ("the of", "the end of the road", []),
        ("zebra", "", []),
        ("東京都", "昨日、東京都で", ["東京都"]),
        ("दिल्ली", "नई दिल्ली में", ["दिल्ली"]),
    ],
)
def test_words_are_found_as_the_index_finds_them(search: str, text: str, lit: list[str]) -> None:
    assert [text[start:end] for start, end in words_held(search_terms(search), text)] == lit


@given(st.text(max_size=40), st.text(max_size=200))
def test_spans_lie_in_order_and_apart(search: str, text: str) -> None:
    at = 0
    for start, end in words_held(search_terms(search), text):
        assert at <= start < end <= len(text)
        at = end
