"""Texts that turn the direction of writing turn nothing but themselves: on the pages, in exports, in JSON."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain import OtherVersion
from tests.web.fake_archive import ARTICLES
from tests.web.fake_service import FakeService
from web.bidi import isolated
from web.markdown_export import escape
from web.responses import json_text

CONTROLS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
EVIL = ("\u202egnp.exe", "\u2067\u2067a", "\u2069\u202eb", "\u2069\u202c\u202bc", "\u2066\u202e\u2069\u202dd")
BLOCKS = {"html", "head", "body", "h1", "h2", "h3", "p", "li", "ol", "ul", "div", "section", "article", "header",
          "blockquote", "pre", "label", "button", "form", "nav", "main", "aside", "dialog", "details", "summary",
          "fieldset", "legend", "template", "title", "bdi"}  # fmt: skip
VOID = {"meta", "link", "input", "path"}
texts = st.text(alphabet=CONTROLS + "ab", max_size=12)


def leftovers(text: str) -> tuple[int, int]:
    """Return how many embeddings and isolates are open after `text`; raise when it closes what is not its own.

    Source: Unicode Standard Annex 9, rules X1 to X8.
    """
    opened: list[str] = []
    for one in text:
        if one in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068":
            opened.append("isolate" if one >= "\u2066" else "embedding")
        elif one == "\u202c" and opened[-1:] == ["embedding"]:
            opened.pop()
        elif one == "\u2069":
            assert "isolate" in opened, "an isolate is closed that this text did not open"
            while opened.pop() != "isolate":
                pass
    return opened.count("embedding"), opened.count("isolate")


@given(texts)
def test_no_text_leaves_anything_open_or_closes_what_others_opened(text: str) -> None:
    whole = isolated(text)
    assert leftovers(whole) == (0, 0)
    assert text in whole
    assert isolated(whole) == whole
    assert whole.strip("\u2068\u2069") == text.strip("\u2068\u2069")


@given(texts)
def test_texts_that_close_what_they_open_stay_as_they_are(text: str) -> None:
    try:
        balanced = leftovers(text) == (0, 0)
    except AssertionError:
        balanced = False
    assert (isolated(text) == text) is balanced


@given(texts, texts)
def test_exported_texts_side_by_side_do_not_meet(one: str, other: str) -> None:
    line = f"**{escape(one)}**, {escape(other)}."
    assert leftovers(line) == (0, 0)
    assert leftovers(line[: line.index("**, ") + 4]) == (0, 0)


def test_json_holds_no_character_that_steers_how_it_is_shown() -> None:
    text = f"a{CONTROLS}\x7f\x85\x9f\u2028\u2029é سؤال 🛟"
    written = json_text({text: [text]})
    assert json.loads(written) == {text: [text]}
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", written)
    assert "é سؤال 🛟" in written


class Runs(HTMLParser):
    """Collects the texts of a page that are laid out as one: those of a block, without the elements that isolate."""

    def __init__(self) -> None:
        super().__init__()
        self._open: list[tuple[str, list[str]]] = [("", [])]
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self._open.append((tag, [] if tag in BLOCKS else self._open[-1][1]))

    def handle_data(self, data: str) -> None:
        self._open[-1][1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or tag not in [name for name, _ in self._open]:
            return
        name, texts = self._open.pop()
        while name != tag:
            name, texts = self._open.pop()
        if tag in BLOCKS:
            self.found.append("".join(texts))


def runs(html: str) -> Iterator[str]:
    parser = Runs()
    parser.feed(html)
    return (run for run in parser.found if set(run) & set(CONTROLS))


@pytest.fixture(params=EVIL)
def evil(request: pytest.FixtureRequest, service: FakeService) -> str:
    """Serve an archive whose titles, sources and authors hold the text; return it."""
    text = str(request.param)
    named = [
        replace(one, title=text + one.title, source=text, authors=(text, f"{text} 2")) for one in ARTICLES
    ]
    service._articles = tuple(named)
    service.also_in = {
        "ferry-3": (OtherVersion("glacier", text, None, text, "2021-09-09", None, False),) * 2,
    }
    return text


@pytest.mark.parametrize(
    "path",
    ["/?q=Who+is+the+captain+of+the+Halden&h=EVIL+ferry&source=EVIL&author=EVIL", "/articles", "/articles?q=ferry+EVIL",
     "/articles/ferry-3"],
)  # fmt: skip
def test_on_a_page_only_what_stands_alone_may_leave_something_open(
    client: FlaskClient, evil: str, path: str
) -> None:
    html = client.get(path.replace("EVIL", evil)).get_data(as_text=True)
    assert evil in html
    for run in runs(html):
        alone = run.strip().removeprefix("“").removesuffix("”")
        assert alone.startswith((evil, "\u2068")) or leftovers(run) == (0, 0), run
