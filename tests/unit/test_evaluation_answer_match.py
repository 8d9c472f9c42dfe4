"""Short answers are compared as SQuAD does, in any script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.training import scores
from qa_service.evaluation.answer_match import contains, exact, f1, normalised, words

ENGLISH = st.lists(
    st.sampled_from(["the", "a", "ferry", "Ferry,", "40", "sank.", "“Calla”", "an"]), max_size=6
).map(" ".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The “Yuan” dynasty.", "yuan dynasty"),
        ("U.S.-led", "usled"),
        ("  an\u00a0APPLE\na day ", "apple day"),
        ("Theatre", "theatre"),
        ("the", ""),
        ("cafe\u0301", "caf\u00e9"),
    ],
)
def test_normalisation_drops_case_punctuation_articles_and_space(text: str, expected: str) -> None:
    assert normalised(text) == expected


def test_f1_by_hand() -> None:
    # Two of three found words are wanted, two of two wanted are found: 2·(2/3)·1 / (2/3 + 1) = 0.8.
    assert f1("around 40 members", ["around 40"]) == pytest.approx(0.8)
    assert f1("forty", ["40", "about forty"]) == pytest.approx(2 / 3)
    assert f1("cat cat", ["cat"]) == pytest.approx(2 / 3)
    assert f1("dog", ["cat"]) == 0.0
    assert f1("dog", []) == 0.0


def test_exact_needs_all_words_contains_a_run_of_whole_ones() -> None:
    assert exact("The Belarusian ambassador", ["Belarusian ambassador"])
    assert not exact("the ambassador", ["Belarusian ambassador"])
    assert contains("It was Roman Golovchenko, she said.", ["roman golovchenko"])
    assert not contains("In 1940", ["40"])
    assert not contains("Roman emperor Golovchenko", ["Roman Golovchenko"])
    assert not contains("anything", ["the", "?!"])


def test_scripts_without_spaces_count_by_the_character() -> None:
    assert words("北京市 2020") == ["北", "京", "市", "2020"]
    assert f1("北京市", ["北京"]) == pytest.approx(0.8)
    assert contains("他住在北京市。", ["北京"])
    assert not contains("他住在南京市。", ["北京"])
    assert exact("القاهرة", ["القاهرة"])
    assert contains("в Киеве, на Украине", ["Украине"])


@given(answer=ENGLISH, accepted=st.lists(ENGLISH, max_size=3))
def test_training_measures_with_the_same_rule(answer: str, accepted: list[str]) -> None:
    assert exact(answer, accepted) == scores.exact(answer, accepted)
    assert f1(answer, accepted) == scores.f1(answer, accepted)


@given(answer=st.text(max_size=30), other=st.text(max_size=30))
def test_measures_agree_with_one_another(answer: str, other: str) -> None:
    assert exact(answer, [answer])
    assert f1(answer, [answer]) == 1.0
    assert f1(answer, [other]) == f1(other, [answer])
    assert 0.0 <= f1(answer, [other]) <= 1.0
    if exact(answer, [other]):
        assert f1(answer, [other]) == 1.0
    if words(answer):
        assert contains(f"{answer} x", [answer]) or normalised(f"{answer} x") != f"{normalised(answer)} x"
