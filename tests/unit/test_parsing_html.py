"""Web pages: the story without the site, what the page states, and any markup at all."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_service.parsing.draft import Unreadable
from qa_service.parsing.html import read_html, read_page, whole_page
from tests.unit.parsing_checks import assert_sound

PAGES = Path(__file__).resolve().parents[1] / "articles" / "formats"


def page(source):
    draft = read_page(source, "a.html", "a")
    assert_sound(draft)
    return draft


def kinds_of(draft):
    return [(paragraph.kind.value, paragraph.text) for paragraph in draft.paragraphs]


@pytest.fixture(scope="module")
def ferry():
    (draft,) = read_html(PAGES / "ferry.html", "ferry.html")
    return draft


def test_what_a_page_states(ferry):
    assert ferry.title == "Last ferry to Norrholm sails on Sunday"
    assert ferry.authors == ("Jane Doe", "Tom Roe")
    assert (ferry.published_at, ferry.updated_at) == (
        "2025-03-03T06:30:00+01:00",
        "2025-03-04T09:00:00+01:00",
    )
    assert (ferry.source, ferry.url) == ("Tollvik Courier", "https://courier.example/2025/03/last-ferry")


def test_the_story_without_the_site(ferry):
    kinds = [kind for kind, _ in kinds_of(ferry)]
    assert kinds == [
        "headline", "caption", "body", "body", "subhead", "body", "body", "body", "table", "body", "correction",
    ]  # fmt: skip
    by_kind = dict(kinds_of(ferry))
    assert by_kind["subhead"] == "What comes after the ferry"
    assert by_kind["caption"].startswith("The Harald leaves")
    assert by_kind["table"] == "Year | Passengers a day\n2019 | 132\n2024 | 41"
    for furniture in ("Home", "Most read", "rights reserved", "track(", "color"):
        assert furniture not in ferry.text
    assert "sail on Sunday evening, the county said on Monday, ending a connection" in ferry.text


def test_a_short_page_is_read_whole():
    draft = page("<h1>Road closed</h1><p>The old road is <b>closed</b>.<p>Use the new one.")
    assert kinds_of(draft) == [
        ("headline", "Road closed"), ("body", "The old road is closed."), ("body", "Use the new one."),
    ]  # fmt: skip


def test_without_a_title_the_file_gives_its_name():
    assert page("<p>Just words.").title == "a"


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title>Road closed | The Courier</title>", "Road closed"),
        (
            "<title>Road closed - The Courier</title><meta property=og:site_name content='The Courier'>",
            "Road closed",
        ),
        (
            "<title>Opinion | Why roads are closed in spring</title>",
            "Opinion | Why roads are closed in spring",
        ),
        ("<meta property=og:title content='Road &amp;amp; rail'>", "Road & rail"),
        ("<meta property=og:title content='The road is…'><h1>The road is closed</h1>", "The road is closed"),
    ],
)
def test_titles(head, title):
    assert page(f"{head}<body><p>The old road is closed.").title == title


@pytest.mark.parametrize(
    ("block", "authors"),
    [
        ('"author": "Jane Doe"', ("Jane Doe",)),
        ('"author": {"name": "By Jane Doe and Tom Roe"}', ("Jane Doe", "Tom Roe")),
        ('"author": "https://e.org/jane"', ("Meta Name",)),
        ('"author": [1, null, {"x": 2}]', ("Meta Name",)),
        ('"author": ' + "[" * 100_000, ("Meta Name",)),
    ],
)
def test_authors_of_json_ld(block, authors):
    script = f'<script type="application/ld+json">{{"@type": ["Article"], {block}}}</script>'
    assert page(f"<meta name=author content='Meta Name'>{script}<body><p>Words.").authors == authors


@pytest.mark.parametrize(
    ("head", "date"),
    [
        (
            "<meta property='article:published_time' content='2025-03-03T06:30:00.123Z'>",
            "2025-03-03T06:30:00+00:00",
        ),
        ("<meta name=pubdate content='Mon, 03 Mar 2025 06:30:00 GMT'>", "2025-03-03T06:30:00+00:00"),
        ("<meta name=date content='soon'><meta name=dc.date content='March 3, 2025'>", "2025-03-03"),
        ("<article><time datetime='2025-03-03'>today</time></article>", "2025-03-03"),
        ("<meta name=date content='2025-99-99'>", None),
    ],
)
def test_dates(head, date):
    assert page(f"{head}<body><p>Words.").published_at == date


def test_line_breaks_part_paragraphs():
    draft = page("<div>One<br>line<br><br>Two  words\n here <i>and</i> there.<p>Three</div>")
    assert [text for _, text in kinds_of(draft)] == ["One\nline", "Two words here and there.", "Three"]


def test_a_table_that_lays_out_the_page_is_no_table():
    story = "The council met on Tuesday and closed the old road. " * 10
    draft = page(f"<table><tr><td>Menu</td><td><p>{story}</p><p>It rained.</p></td></tr></table>")
    assert {kind for kind, _ in kinds_of(draft)} == {"body"}
    assert "It rained." in draft.text


@pytest.mark.parametrize("source", ["<nav><a href=/>Home</a></nav>", "<script>x</script>", "<html></html>"])
def test_a_page_without_words_is_skipped(source):
    with pytest.raises(Unreadable):
        read_page(source, "a.html", "a")


@pytest.mark.parametrize(
    "tag", ["div", "b", "table><tr><td", "ul><li", "blockquote", "font", "a", "svg", "p"]
)
def test_deep_markup_ends(tag):
    try:
        page(f"<{tag}>" * 5_000 + "deep words")
    except Unreadable as reason:
        assert str(reason)  # noqa: PT017 - either end is good


def test_nothing_of_a_deeply_nested_page_is_lost_in_silence():
    story = "<p>The council keeps the old {} open for walkers until the end of the year.</p>"
    around = "<div>" * 1000 + story.format("tunnel") + "</div>" * 1000
    whole = page(story.format("bridge") + around + story.format("road"))
    assert [word for word in ("bridge", "tunnel", "road") if word in whole.text] == [
        "bridge",
        "tunnel",
        "road",
    ]
    with pytest.raises(Unreadable, match="elements nested more than 2048 deep"):
        page(story.format("bridge") + "<div>" * 3000 + story.format("tunnel"))


TAGS = st.sampled_from(
    ["<p>", "</p>", "<div>", "</div>", "<h1>", "<h2>", "<table>", "<tr><td>", "<td>", "<ul><li>", "<br>", "<figure>",
     "<figcaption>", "</figure>", "<!--", "-->", "<script>", "</script>", "&amp;", "&#0;", "&#xD800;", "<![CDATA[",
     "<title>", "<article>", "<aside>", "Some words of a story.", "<meta charset=x>", "<a href='", "\x00", "<lb/>"]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.one_of(TAGS, st.text(max_size=12)), max_size=25).map("".join))
def test_any_markup_gives_a_sound_article_or_a_reason(source):
    try:
        page(source)
    except Unreadable as reason:
        assert str(reason)  # noqa: PT017 - either end is good


@given(st.lists(st.from_regex(r"[a-z]{1,9}", fullmatch=True), min_size=1, max_size=20))
def test_no_word_of_a_fragment_is_lost(words):
    source = "".join(f"<p>{word}" if len(word) % 2 else f"{word} <b>" for word in words)
    assert "".join(text for _, text in whole_page(source)).split() or not words
    assert "".join("".join(text.split()) for _, text in whole_page(source)) == "".join(words)
