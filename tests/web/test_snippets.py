"""What is shown of a found paragraph."""

from hypothesis import given
from hypothesis import strategies as st

from qa_service.search_words import search_terms
from web.snippets import MAX_CHARS, snippet

FILLING = "nothing of the kind " * 30


def text_of(shown) -> str:
    return "".join(piece for piece, _ in shown.pieces)


def test_the_beginning_is_shown_its_words_lit() -> None:
    shown = snippet(search_terms("zebras"), "A zebra <b> ran. " + FILLING)
    assert shown.pieces[:3] == (("A ", False), ("zebra", True), shown.pieces[2])
    assert shown.pieces[2][0].startswith(" <b> ran.")
    assert text_of(shown).endswith(" …")
    assert shown.holds


def test_a_word_far_on_is_brought_into_sight() -> None:
    shown = snippet(search_terms("zebra"), FILLING + "a zebra ran. " + FILLING)
    assert text_of(shown).startswith("… ")
    assert ("zebra", True) in shown.pieces
    assert len(text_of(shown)) <= MAX_CHARS + 4


@given(st.text(max_size=30), st.text(max_size=1000))
def test_a_snippet_is_part_of_its_paragraph(search: str, text: str) -> None:
    shown = snippet(search_terms(search), text)
    assert text_of(shown).removeprefix("… ").removesuffix(" …") in text
    assert len(text_of(shown)) <= MAX_CHARS + 4
    assert shown.holds or not any(is_lit for _, is_lit in shown.pieces)
