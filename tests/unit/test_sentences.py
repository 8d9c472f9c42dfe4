"""Sentence boundaries keep offsets in code points and lose no word."""

from hypothesis import given
from hypothesis import strategies as st

from embeddings.sentences import sentence_spans


def pieces(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentence_spans(text)]


def test_titles_numbers_and_initials_do_not_end_a_sentence() -> None:
    text = "Mr. Aldo T. Brann paid $1.5 million on Aug. 9. He left at once."
    assert pieces(text) == ["Mr. Aldo T. Brann paid $1.5 million on Aug. 9.", "He left at once."]


def test_a_closing_quotation_mark_stays_with_its_sentence() -> None:
    assert pieces("“We will stay.” “Go!” they cried.") == ["“We will stay.”", "“Go!” they cried."]


def test_offsets_are_code_points_behind_emoji_and_right_to_left_text() -> None:
    assert pieces("😀 שלום עולם. 🚢 It sank. It rose.") == ["😀 שלום עולם.", "🚢 It sank.", "It rose."]


def test_no_words_no_sentences() -> None:
    assert sentence_spans(" \n\t ") == ()


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_sentences_follow_one_another_and_hold_every_word(text: str) -> None:
    spans = sentence_spans(text)
    ends = [0, *(span.end for span in spans)]
    assert all(end <= span.start < span.end for end, span in zip(ends, spans, strict=False))
    assert "".join("".join(pieces(text)).split()) == "".join(text.split())
