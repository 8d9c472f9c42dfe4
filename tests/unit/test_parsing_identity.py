"""Ids of articles."""

import doctest
import importlib
import pkgutil
import re
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service import parsing
from qa_service.parsing.draft import Draft
from qa_service.parsing.identity import TakenIds, check_given_id, printable, slug


@given(st.text(max_size=200))
def test_a_slug_is_fit_for_an_address(text):
    made = slug(text)
    assert len(made) <= 80
    assert all(c.isalnum() or c == "-" for c in made)
    assert made == made.strip("-")


def draft(
    title: str, *, text: str = "x", alone: bool = False, given_id: str | None = None, **more: Any
) -> Draft:
    return Draft("a.txt", title, text, (), given_id, alone, **more)


def final_ids(drafts: Iterable[tuple[Draft, PurePath]]) -> list[str]:
    """Return the id that each article has once all are read."""
    taken = TakenIds()
    ids: list[str] = []
    for one, place in drafts:
        article_id, renamed = taken.claim(one, place)
        for change in renamed:
            ids[ids.index(change.before)] = change.now
        assert article_id not in ids
        ids.append(article_id)
    return ids


def test_made_ids():
    ids = TakenIds()
    place = PurePath("2025/März/Wire.txt")
    assert ids.claim(draft("A title", alone=True), place) == ("2025-marz-wire", ())
    assert ids.claim(draft("A title"), place) == ("2025-marz-wire-a-title", ())
    assert ids.claim(draft("Мост"), PurePath("новости.txt")) == ("новости-мост", ())


def test_an_id_that_two_articles_make_is_given_to_neither():
    place = PurePath("wire.txt")
    one, two = draft("A title", text="One."), draft("A title", text="Two.")
    first, second = final_ids([(one, place), (two, place)])
    assert re.fullmatch("wire-a-title-[0-9a-f]{8}", first)
    assert re.fullmatch("wire-a-title-[0-9a-f]{8}", second)
    third = draft("A title", text="Three.")
    assert final_ids([(two, place), (third, place), (one, place)])[::2] == [second, first]


def test_articles_of_one_text_are_told_apart_by_the_rest_and_equal_ones_by_number():
    place = PurePath("wire.txt")
    drafts = [(draft("T", url=url), place) for url in ("http://a", "http://b", "http://b", "http://b")]
    first, second, *more = final_ids(drafts)
    assert first != second
    assert more == [f"{second}-2", f"{second}-3"]


def test_where_neither_place_nor_title_has_a_word_the_content_makes_the_id():
    place = PurePath("…")
    one, two = draft("«»", text="One.", alone=True), draft("!", text="Two.")
    (alone,) = final_ids([(one, place)])
    assert re.fullmatch("article-[0-9a-f]{8}", alone)
    assert final_ids([(two, place), (one, place)])[1] == alone


def test_a_made_id_goes_out_of_the_way_of_a_given_one_whichever_comes_first():
    given_one = (draft("x", given_id="a"), PurePath("x.jsonl"))
    made_one = (draft("x", alone=True), PurePath("a.txt"))
    given_id, made_id = final_ids([given_one, made_one])
    assert (given_id, made_id[:2], len(made_id)) == ("a", "a-", 10)
    assert final_ids([made_one, given_one]) == [made_id, given_id]


def test_the_last_id_of_an_article_goes_out_of_the_way_too():
    place = PurePath("a.txt")
    twins = [(draft("T"), place), (draft("T"), place)]
    whole, numbered = final_ids(twins)
    for wanted in (whole, numbered):
        given_one = (draft("x", given_id=wanted), PurePath("x.jsonl"))
        made_one = (draft("x", alone=True), PurePath(f"{wanted}.txt"))
        for other in (given_one, made_one):
            orders = [[other, *twins], [twins[0], other, twins[1]], [*twins, other]]
            results = {tuple(sorted(final_ids(order))) for order in orders}
            assert len(results) == 1


# A Markdown file holds one article, the others many.
PLACES = st.sampled_from([PurePath("a.txt"), PurePath("a.md"), PurePath("…"), PurePath("a-a.txt")])
MADE = st.builds(
    lambda title, text, url, place: (draft(title, text=text, url=url, alone=place.suffix == ".md"), place),
    st.sampled_from(["", "A", "B", "A-2"]),
    st.sampled_from(["x", "y"]),
    st.sampled_from([None, "http://a"]),
    PLACES,
)
GIVEN = st.lists(st.sampled_from(["a", "a-a", "a-a-2", "article", "b"]), unique=True).map(
    lambda ids: [(draft("G", given_id=one), PurePath("g.jsonl")) for one in ids]
)


@given(st.data())
def test_the_order_of_the_articles_changes_no_id(data):
    articles = data.draw(st.lists(MADE, max_size=8)) + data.draw(GIVEN)
    shuffled = data.draw(st.permutations(articles))
    by_content = [
        sorted(zip(map(repr, order), final_ids(order), strict=True)) for order in (articles, shuffled)
    ]
    assert by_content[0] == by_content[1]


@given(st.lists(MADE, max_size=8))
def test_an_id_that_one_article_alone_makes_is_its_plain_one(articles):
    plain = [final_ids([one])[0] for one in articles]
    for made, final in zip(plain, final_ids(articles), strict=True):
        assert (final == made) == (plain.count(made) == 1)


def test_long_places_stay_within_the_limit():
    place = PurePath("/".join(["a-long-name-of-a-folder"] * 30) + "/x.txt")
    drafts = [(draft("t" * 300, text=text), place) for text in "aabbbbbbbbbbcd"]
    assert all(len(article_id) <= 200 for article_id in final_ids(drafts))


def test_given_ids_stay_as_they_are():
    for given_id in ("1973_oil_crisis", "Fresno,_California", "a/b c?d#é", " x "):
        assert check_given_id(given_id) == given_id


def test_printable():
    assert printable("a\n\x00b\udcff") == "a\ufffd\ufffdb\ufffd"


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(parsing.__path__)])
def test_examples_in_docstrings_hold(name):
    assert doctest.testmod(importlib.import_module(f"qa_service.parsing.{name}")).failed == 0
