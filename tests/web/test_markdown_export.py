"""Exported Markdown shows hostile words as they are: no link, no HTML, no list that was not meant."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from web.markdown_export import escape, markdown

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[Click](javascript:alert(1))",
    "![x](http://evil.example/pixel.png)",
    "<http://evil.example>",
    "[x]: http://evil.example",
    "[^1]: note",
    "&lt;b&gt; &amp; &#60;",
    "**bold** _it_ `code` ~~gone~~ $x^2$ ==mark==",
    "# heading #",
    "- item",
    "+ item",
    "1. item",
    "12) item",
    "> quote",
    "a | b\n--|--\n1 | 2",
    "line\n\n    code\n\n---\n===",
    "```\nfence",
    "back\\slash \\",
    "{: .class} @someone :smile:",
    "nul\0bell\7\u2028separator",
    "سؤال ‮drow‬ 🛟",
]
text_of_any_kind = st.text(max_size=60) | st.lists(
    st.sampled_from([*"\\`*_{}[]()<>#+-.!|~&^$=:@ \n\t12", "www.", "http://", "a", "&lt;", "---", "\r"]),
    max_size=25,
).map("".join)


def plain(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        assert token.type not in (
            "html_block",
            "html_inline",
            "link_open",
            "image",
            "code_inline",
            "table_open",
        )
        if token.type in ("text", "text_special"):
            yield token.content
        elif token.type in ("softbreak", "hardbreak"):
            yield " "


def shown(source: str, wrapper: str) -> str:
    """Return the text of the only inline run in `source`, which has to be made of text alone."""
    tokens = MARKDOWN.parse(source)
    assert [token.type for token in tokens if token.nesting == 1] == wrapper.split()
    (inline,) = [token for token in tokens if token.type == "inline"]
    return "".join(plain(inline.children or []))


def as_words(text: str) -> list[str]:
    return "".join(" " if c < " " or "\x7f" <= c <= "\x9f" else c for c in text).split()


@given(text_of_any_kind)
def test_escaped_text_is_shown_as_it_is(text: str) -> None:
    escaped = escape(text)
    assert len(escaped.splitlines()) <= 1
    words = as_words(text)
    for source, wrapper, expected in (
        (f"> {escaped} x", "blockquote_open paragraph_open", [*words, "x"]),
        (f"> x {escaped}", "blockquote_open paragraph_open", ["x", *words]),
        (f"# {escaped} x", "heading_open", [*words, "x"]),
        (f"# x {escaped}", "heading_open", ["x", *words]),
        (f"- {escaped} x", "bullet_list_open list_item_open paragraph_open", [*words, "x"]),
    ):
        assert shown(source, wrapper).split() == expected


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/a",
        "HTTP://x",
        "www.evil.example",
        "a_WWW.evil.example",
        "mailto:a",
        "a http://b",
    ],
)
def test_addresses_are_no_links_where_sites_link_by_themselves(address: str) -> None:
    assert re.search(r"(?<!\\):\S|www\.", escape(address), re.IGNORECASE) is None


def citation(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"c{number}",
        "number": number,
        "article_id": "a/b #1",
        "title": "Ferry found",
        "url": "https://wire.example/ferry?id=1",
        "source": "Northern Wire",
        "authors": ["Jonas Ekeland"],
        "published_at": "2021-09-09",
        "published_at_inferred": False,
        "kind": "body",
        "paragraph_index": 2,
        "paragraph_text": "The captain is Aslak Moe. He sleeps.",
        "quote": "The captain is Aslak Moe.",
        **changes,
    }


def answer(text: str = "Who is the captain?", **changes: Any) -> dict[str, Any]:
    return {
        "created_at": "2021-09-10T09:30:00+00:00",
        "query": {"original": text, "standalone": text},
        "short_answer": {"text": "Aslak Moe", "citation_id": "c1"},
        "abstention": None,
        "sentences": [{"text": "The captain is Aslak Moe.", "citation_ids": ["c1"]}],
        "citations": [citation()],
        "index": {
            "articles": 4,
            "built_at": "2021-09-10",
            "first_date": "2021-08-30",
            "last_date": "2021-09-09",
        },
        **changes,
    }


EXPECTED = """\
# The ferry

## 1. Who is the captain?

**Aslak Moe**

> The captain is Aslak Moe. \\[1\\]

- \\[1\\] **Ferry found**, Northern Wire, 9 September 2021, paragraph 3. \
<https://wire.example/ferry?id=1> <http://127.0.0.1:8000/articles/a%2Fb%20%231#p2>

*Asked on 10 September 2021; searched 4 articles, 30 August – 9 September 2021, index of 10 September 2021.*

## 2. Where?

Understood as: Where is the captain?

No answer. The archive does not answer this.

> First line\\
> second line \\[1\\]

- \\[1\\] **Ferry found**, headline. <http://127.0.0.1:8000/articles/x>

*Asked on 10 September 2021; searched 4 articles, 30 August – 9 September 2021, index of 10 September 2021.*
"""


def test_the_page_of_a_pdf_is_named() -> None:
    text = markdown(
        "The ferry", [answer(citations=[citation(page=12)])], archive_url="http://127.0.0.1:8000/"
    )
    assert "Northern Wire, 9 September 2021, paragraph 3, page 12." in text


def test_a_conversation_reads_well() -> None:
    abstained = answer(
        query={"original": "Where?", "standalone": "Where is the captain?"},
        short_answer=None,
        abstention={
            "message": "The archive does not answer this.",
            "nearest": [
                citation(
                    article_id="x", url="javascript:alert(1)", source=None, published_at=None, paragraph_index=None,
                    quote="First line\n\nsecond line",
                )
            ],
        },
        sentences=[],
        citations=[],
    )  # fmt: skip
    assert markdown("The ferry", [answer(), abstained], archive_url="http://127.0.0.1:8000/") == EXPECTED


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_stay_words_wherever_they_stand(hostile: str) -> None:
    whole = answer(
        hostile,
        query={"original": hostile, "standalone": f"{hostile} x"},
        short_answer={"text": hostile, "citation_id": "c1"},
        sentences=[{"text": hostile, "citation_ids": ["c1"]}],
        citations=[
            citation(
                article_id=hostile,
                title=hostile,
                source=hostile,
                published_at=hostile,
                url=f"https://x.example/{hostile}",
            )
        ],
    )
    usual = [
        token.type
        for token in MARKDOWN.parse(
            markdown("x", [answer(query={"original": "x", "standalone": "y"})], archive_url="http://a/")
        )
    ]
    tokens = MARKDOWN.parse(markdown(hostile, [whole], archive_url="http://a/"))
    assert [token.type for token in tokens] == usual
    links = [
        child.attrs["href"]
        for token in tokens
        for child in token.children or []
        if child.type == "link_open" or child.type in ("html_inline", "image")
    ]
    assert len(links) == 2
    assert str(links[0]).startswith("https://x.example/")
    assert str(links[1]).startswith("http://a/articles/")
