"""RSS and Atom: every item an article of its own, whatever else the file holds."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.parsing_checks import read

FORMATS = Path(__file__).resolve().parents[1] / "articles" / "formats"
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Courier</title><id>tag:courier.example,2025:feed</id>
<entry><title type="html">Last &lt;b&gt;ferry&lt;/b&gt;</title><id>tag:courier.example,2025:1</id>
<link rel="self" href="https://courier.example/1.atom"/><link href="https://courier.example/1"/>
<author><name>Jane Doe</name></author><published>2025-03-03T06:30:00Z</published><updated>2025-03-04T06:30:00Z</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">
<p>It sails on <em>Sunday</em> at six.</p><p>The end.</p></div>
</content></entry></feed>"""


@pytest.fixture
def read_feed(tmp_path):
    def read_written(text, name="a.xml"):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return read(tmp_path / name)

    return read_written


def test_rss():
    (ferry, rink), (skipped,) = read(FORMATS / "courier.rss")
    assert [(p.kind.value, p.text) for p in ferry.paragraphs] == [
        ("headline", "Last ferry & first bus"), ("body", "The ferry sails on Sunday, the county said."),
        ("subhead", "What next?"), ("body", "A bus – it is free."),
    ]  # fmt: skip
    assert (ferry.article_id, ferry.url) == (
        "courier.example:4711",
        "https://courier.example/2025/03/last-ferry",
    )
    assert (ferry.authors, ferry.published_at, ferry.source) == (
        ("Jane Doe",), "2025-03-03T06:30:00+01:00", "Tollvik Courier",
    )  # fmt: skip
    assert [p.text for p in rink.paragraphs[1:]] == ["The rink closes a week early.", "It was too warm."]
    assert (rink.authors, rink.article_id) == (("Tom Roe",), "courier-rink-closes-early")
    assert (skipped.origin, "without words" in skipped.reason) == ("courier.rss:3", True)


@pytest.mark.parametrize("name", ["a.xml", "a.atom", "a.rss"])
def test_atom(read_feed, name):
    (article,), skipped = read_feed(ATOM, name)
    assert skipped == []
    assert (article.title, article.article_id) == ("Last ferry", "tag:courier.example,2025:1")
    assert [p.text for p in article.paragraphs[1:]] == ["It sails on Sunday at six.", "The end."]
    assert (article.url, article.authors) == ("https://courier.example/1", ("Jane Doe",))
    assert (article.published_at, article.updated_at) == (
        "2025-03-03T06:30:00+00:00",
        "2025-03-04T06:30:00+00:00",
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<svg><item/></svg>", "XML, but no feed: its root is 'svg'"),
        ("<rss><channel></channel></rss>", "a feed without items"),
        ("no XML at all", ""),
        ("", ""),
        ("<rss>" + "<a>" * 100_000, "elements nested more than 256 deep"),
    ],
)
def test_what_is_no_feed_is_skipped(read_feed, text, reason):
    articles, skipped = read_feed(text)
    assert articles == []
    assert any(reason in one.reason for one in skipped)


def test_entities_are_neither_expanded_nor_fetched(read_feed, tmp_path):
    (tmp_path / "secret.txt").write_text("the secret words")
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    head = f'<!DOCTYPE rss [<!ENTITY e0 "bomb">{bomb}<!ENTITY x SYSTEM "file://{tmp_path}/secret.txt">]>'
    articles, skipped = read_feed(
        f"{head}<rss><channel><item><title>T</title><description>Words &e11; &x; end.</description></item></channel>"
    )
    assert articles or skipped
    assert all("secret" not in article.text and len(article.text) < 100 for article in articles)


def test_a_feed_that_breaks_off_keeps_its_items(read_feed):
    articles, _ = read_feed(
        "<rss><channel><item><title>T</title><description>Words.</description></item><item><ti"
    )
    assert [article.title for article in articles] == ["T"]


PARTS = st.sampled_from(
    ["<rss>", "<channel>", "<item>", "</item>", "<title>", "</title>", "<description>Words.</description>", "]]>",
     "<![CDATA[", "&nbsp;", "<guid>x</guid>", "<link>https://e.org/x</link>", "<pubDate>x</pubDate>", "<?xml ?>"]
)  # fmt: skip


@given(st.lists(st.one_of(PARTS, st.text(max_size=9)), max_size=25).map("".join))
def test_any_xml_gives_articles_or_reasons(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("feed") / "a.xml"
    path.write_bytes(("<rss>" + text).encode("utf-8", "replace"))
    articles, skipped = read(path)
    assert articles or skipped


ITEM = "<item><title>T</title><description>Words.</description></item>"
BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("head", "middle", "reason"),
    [
        ("", "<a>" * 1000 + "</a>" * 1000, "elements nested more than 256 deep"),
        (f'<!DOCTYPE rss [<!ENTITY e0 "aaaaaaaaaa">{BOMB}]>', "<item><title>&e9;</title></item>", "entities"),
    ],
)
def test_items_behind_a_limit_of_the_parser_are_not_lost_in_silence(read_feed, head, middle, reason):
    articles, skipped = read_feed(f"{head}<rss><channel>{ITEM}{middle}{ITEM}</channel></rss>")
    assert len(articles) == 1
    assert reason in skipped[-1].reason
    assert skipped[-1].reason.endswith("what stands after item 1 is not read")


def test_broken_markup_in_a_feed_is_noted(read_feed, caplog):
    articles, skipped = read_feed(
        f"<rss><channel>{ITEM}\n<item><title>R & D</title>{ITEM[6:]}</channel></rss>"
    )
    assert (len(articles), skipped) == (2, [])
    assert "a.xml: broken XML, read as far as it can be" in caplog.text
    assert "line 2" in caplog.text
