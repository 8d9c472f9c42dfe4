"""Ids of articles."""

import doctest
import importlib
import pkgutil
from pathlib import PurePath

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


def draft(title: str, *, alone: bool = False, given_id: str | None = None) -> Draft:
    return Draft("a.txt", title, "x", (), given_id, alone)


def test_made_ids():
    ids = TakenIds()
    place = PurePath("2025/März/Wire.txt")
    assert ids.claim(draft("A title", alone=True), place) == "2025-marz-wire"
    assert ids.claim(draft("A title"), place) == "2025-marz-wire-a-title"
    assert ids.claim(draft("A title"), place) == "2025-marz-wire-a-title-2"
    assert ids.claim(draft("«»", alone=True), PurePath("…")) == "article"
    assert ids.claim(draft("Мост"), PurePath("новости.txt")) == "новости-мост"


def test_a_made_id_goes_out_of_the_way_of_a_given_one():
    ids = TakenIds()
    assert ids.claim(draft("x", given_id="a"), PurePath("x.jsonl")) == "a"
    assert ids.claim(draft("x", alone=True), PurePath("a.txt")) == "a-2"


def test_long_places_stay_within_the_limit():
    place = PurePath("/".join(["a-long-name-of-a-folder"] * 30) + "/x.txt")
    ids = TakenIds()
    assert all(len(ids.claim(draft("t" * 300), place)) <= 200 for _ in range(12))


def test_given_ids_stay_as_they_are():
    for given_id in ("1973_oil_crisis", "Fresno,_California", "a/b c?d#é", " x "):
        assert check_given_id(given_id) == given_id


def test_printable():
    assert printable("a\n\x00b\udcff") == "a\ufffd\ufffdb\ufffd"


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(parsing.__path__)])
def test_examples_in_docstrings_hold(name):
    assert doctest.testmod(importlib.import_module(f"qa_service.parsing.{name}")).failed == 0
