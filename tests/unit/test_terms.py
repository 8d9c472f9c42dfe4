"""How texts become index terms."""

import doctest
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

import embeddings.terms
from embeddings.terms import terms


def test_the_example_of_the_documentation_holds() -> None:
    assert doctest.testmod(embeddings.terms).attempted > 0
    assert doctest.testmod(embeddings.terms).failed == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("The and of", []),
        ("“We’ll win”, said O’Neill’s wife.", ["we'll", "win", "said", "o'neil", "wife"]),
        ("1,200 people, 3.5 million, 12.03.2020", ["1200", "peopl", "3.5", "million", "12.03.2020"]),
        ("U.S.-led, the U.N. and A.B.C.", ["us", "led", "un", "abc"]),
        ("snake_case 32-year-old", ["snake", "case", "32", "year", "old"]),
        ("Łódź Straße İstanbul Åse ﬁne", ["lodz", "strass", "istanbul", "ase", "fine"]),
        ("習近平", ["習近", "近平"]),
        ("Xi習 y", ["xi", "習", "y"]),
        ("हिन्दी", ["हिन्दी"]),
        ("soft\u00adware zero\u200bwidth", ["softwar", "zerowidth"]),
        ("\ud800 \0 ___", []),
    ],
)
def test_texts_become_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize("apostrophe", list("'’‘ʼ′´`＇"))
def test_every_apostrophe_is_one(apostrophe: str) -> None:
    assert terms(f"Minsk{apostrophe}s can{apostrophe}t") == ["minsk", "can't"]


@given(st.text())
def test_a_term_is_never_empty_nor_holds_white_space(text: str) -> None:
    assert all(term.split() == [term] for term in terms(text))


@given(st.text(alphabet="abc ABC éÉ’'.,19"))
def test_case_does_not_matter(text: str) -> None:
    assert terms(text.upper()) == terms(text.lower())


def test_many_threads_get_the_same_terms() -> None:
    texts = [f"running{i} sanctions{i} Lukashenko’s" for i in range(300)]
    expected = [terms(text) for text in texts]
    embeddings.terms._terms_of.cache_clear()
    results: list[list[list[str]]] = []
    threads = [threading.Thread(target=lambda: results.append([terms(t) for t in texts])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 8


def test_a_long_hostile_text_is_cut_fast() -> None:
    for hostile in (
        "a." * 50_000,
        "1," * 50_000,
        "a'" * 50_000,
        "é'" * 50_000,
        "北" * 100_000,
        "\u0301" * 100_000,
    ):
        assert isinstance(terms(hostile), list)
