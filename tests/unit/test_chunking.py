"""How articles are cut into passages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.chunking import ParagraphChunker
from qa_service.domain import Article, Paragraph, ParagraphKind, Passage

HEADINGS = {ParagraphKind.HEADLINE, ParagraphKind.SUBHEAD}


def article(*kinds: str) -> Article:
    """Return an article whose paragraphs are of these kinds, each with its ordinal as text."""
    text, paragraphs, index = "", [], 0
    for ordinal, kind in enumerate(kinds):
        words = f"{kind} {ordinal} 😀"
        is_headline = kind == ParagraphKind.HEADLINE
        paragraphs.append(
            Paragraph(
                ordinal,
                None if is_headline else index,
                ParagraphKind(kind),
                len(text),
                len(text) + len(words),
                words,
            )
        )
        index += not is_headline
        text += words + "\n\n"
    return Article("a1", "Its title", text.strip(), tuple(paragraphs))


def shape(passages: tuple[Passage, ...]) -> list[tuple[int, int, int]]:
    return [(p.first, p.last, p.main) for p in passages]


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ((), []),
        (("body", "body"), [(0, 0, 0), (1, 1, 1)]),
        (("headline", "caption", "body"), [(0, 1, 1), (2, 2, 2)]),
        (("body", "subhead", "subhead", "table"), [(0, 0, 0), (1, 3, 3)]),
        (("body", "correction", "subhead"), [(0, 0, 0), (1, 2, 1)]),
        (("headline", "subhead"), [(0, 1, 0)]),
    ],
)
def test_headings_ride_with_what_follows(
    kinds: tuple[str, ...], expected: list[tuple[int, int, int]]
) -> None:
    assert shape(ParagraphChunker().chunk(article(*kinds))) == expected


@given(st.lists(st.sampled_from([kind.value for kind in ParagraphKind]), max_size=12))
def test_every_paragraph_lies_in_a_passage_that_is_a_slice_of_the_article(kinds: list[str]) -> None:
    one = article(*kinds)
    passages = ParagraphChunker(title=True).chunk(one)
    covered = [ordinal for p in passages for ordinal in range(p.first, p.last + 1)]
    assert covered == [p.ordinal for p in one.paragraphs]
    for passage in passages:
        assert passage.article_id == one.article_id
        assert passage.text == one.text[passage.start : passage.end]
        assert passage.start == one.paragraphs[passage.first].start
        assert passage.end == one.paragraphs[passage.last].end
        assert passage.first <= passage.main <= passage.last
        assert one.title not in passage.text


@given(st.lists(st.sampled_from([kind.value for kind in ParagraphKind]), max_size=12))
def test_a_hit_stands_for_a_heading_only_in_an_article_of_headings(kinds: list[str]) -> None:
    passages = ParagraphChunker().chunk(article(*kinds))
    if set(kinds) - HEADINGS:
        assert not {kinds[p.main] for p in passages} & HEADINGS


def test_the_title_is_encoded_only_where_that_is_set() -> None:
    assert ParagraphChunker().encoding_text("Title", "Text.") == "Text."
    assert ParagraphChunker(title=True).encoding_text("Title", "Text.") == "Title\nText."
    assert ParagraphChunker(title=True).encoding_text("", "Text.") == "Text."


def test_the_settings_tell_ways_to_cut_apart() -> None:
    assert ParagraphChunker().settings == {"name": "paragraph", "version": 1, "title": False}
    assert ParagraphChunker(title=True).settings != ParagraphChunker().settings
