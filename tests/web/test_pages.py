"""The pages as they come from the server, without scripts."""

import gzip
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers

import web
from qa_service.domain import Answer, Article, Filters, Hit, Question, ShortAnswer, Turn
from qa_service.errors import IndexMissing, ModelMissing
from qa_service.settings import Settings
from tests.web.fake_archive import make_article
from tests.web.fake_service import FakeService
from web import create_app, page_filters, page_urls

MANY = "How many people are missing from the Vestra ferry?"


def visible(html: str) -> str:
    """Return the text of the page's body, templates left out, spaces joined."""
    body = html[html.index("<body") :]
    body = re.sub(r"<template.*?</template>", "", body, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", body)).split())


def carried(html: str) -> list[str]:
    """Return the earlier questions that the page's own form carries along."""
    (fields,) = re.findall('<div id="carried" hidden>(.*?)</div>', html)
    return [unescape(value) for value in re.findall('name="h" value="([^"]*)"', fields)]


def test_the_empty_page_invites(client: FlaskClient, service: FakeService) -> None:
    html = client.get("/").get_data(as_text=True)
    assert 'data-page="empty"' in html
    for suggestion in service.suggestions():
        assert suggestion in visible(html)
    assert "Searches 4 articles, 30 August – 9 September 2021, index of 10 September 2021." in visible(html)
    assert service.questions == []


def test_an_answer_is_shown_with_its_sources(client: FlaskClient, service: FakeService) -> None:
    html = client.get("/", query_string={"q": MANY}).get_data(as_text=True)
    text = visible(html)
    assert "<mark>Four people</mark> were still missing" in html
    assert 'href="#e1-s1"' in html
    assert 'id="e1-s1"' in html
    start = service.article("ferry-3").text.index("Four people")
    assert re.search(rf'href="/articles/ferry-3\?quote={start}-\d+#p1"', html)
    assert "Very likely right" in text
    assert "about 8 September 2021" in text
    assert "9 September 2021 · Northern Wire" in text
    assert "Searched 4 articles, 30 August – 9 September 2021, index of 10 September 2021" in text


def test_an_abstention_shows_what_came_near(client: FlaskClient) -> None:
    response = client.get("/", query_string={"q": "Which island has the highest mountain?"})
    text = visible(response.get_data(as_text=True))
    assert response.status_code == 200
    assert "The archive does not answer this" in text
    assert "The nearest paragraphs" in text
    assert "photo caption" in text
    assert "name the person" in text
    assert "likely right" not in text


def test_nothing_near_shows_no_empty_list(client: FlaskClient) -> None:
    html = client.get("/", query_string={"q": "zzz yyy"}).get_data(as_text=True)
    assert '<div class="nearest" data-slot="nearest" hidden>' in html


def test_a_follow_up_carries_the_conversation(client: FlaskClient, service: FakeService) -> None:
    html = client.get("/", query_string=[("h", MANY), ("q", "Who is the captain of the Halden?")]).get_data(
        as_text=True
    )
    first, second = service.questions
    assert first.history == ()
    assert second.history[0] == Turn("user", MANY)
    assert second.history[1].role == "assistant"
    assert second.conversation_id == "conv_1"
    assert "Aslak Moe" in visible(html)
    assert carried(html) == [MANY, "Who is the captain of the Halden?"]
    assert len(re.findall('class="exchange"', html)) == 2
    assert 'id="e2-s1"' in html


def test_only_the_last_questions_are_carried(client: FlaskClient, service: FakeService) -> None:
    earlier = [("h", f"ferry {number}") for number in range(9)]
    html = client.get("/", query_string=[*earlier, ("q", "Halden")]).get_data(as_text=True)
    assert len(service.questions) == page_urls.MAX_EARLIER + 1
    assert carried(html) == [*(f"ferry {number}" for number in range(4, 9)), "Halden"]
    assert page_urls.recent(["x" * 5000, "y" * 5000, "z"]) == ["y" * 5000, "z"]


@pytest.mark.parametrize("question", ["", "   ", "x" * 4001, "a\0b"])
def test_what_is_no_question_is_told_on_the_page(
    client: FlaskClient, service: FakeService, question: str
) -> None:
    response = client.get("/", query_string={"q": question})
    assert response.status_code == 422
    assert "This could not be answered. The question" in visible(response.get_data(as_text=True))
    assert service.questions == []


def test_a_broken_earlier_question_is_left_out(client: FlaskClient, service: FakeService) -> None:
    assert client.get("/", query_string=[("h", " "), ("h", "a\0"), ("q", MANY)]).status_code == 200
    assert len(service.questions) == 1


def test_trouble_is_told_with_a_way_on(client: FlaskClient, service: FakeService) -> None:
    service.failure = ModelMissing("The encoder is not installed.")
    response = client.get("/", query_string={"q": MANY})
    html = response.get_data(as_text=True)
    assert response.status_code == 503
    assert "The encoder is not installed." in visible(html)
    assert "Ask again" in visible(html)
    assert f'value="{MANY}"' in html


def test_an_index_that_vanishes_meanwhile_is_told(client: FlaskClient, service: FakeService) -> None:
    service.failure = IndexMissing("The index is gone.")
    response = client.get("/", query_string={"q": MANY})
    assert response.status_code == 503
    assert "There is no index yet" in visible(response.get_data(as_text=True))


@pytest.mark.parametrize("path", ["/", "/?q=ferry", "/articles", "/articles/ferry-3"])
def test_without_an_index_every_page_says_how_to_make_one(
    client: FlaskClient, service: FakeService, path: str
) -> None:
    service.missing = True
    response = client.get(path)
    assert response.status_code == 503
    assert "qa-service reindex path/to/articles" in visible(response.get_data(as_text=True))


def test_the_list_of_articles(client: FlaskClient) -> None:
    html = client.get("/articles").get_data(as_text=True)
    text = visible(html)
    assert 'href="/articles/2021%2Flibrary%20opens%20%232"' in html
    assert "about 8 September 2021 Eleven missing" in text
    assert "undated Glacier hut" in text
    assert "Northern Wire · Jonas Ekeland, Mira Landquist · 7 paragraphs" in text
    assert "Older articles" not in text


def test_articles_are_narrowed_down_and_the_chips_say_to_what(client: FlaskClient) -> None:
    html = client.get(
        "/articles", query_string={"source": "Northern Wire", "date_to": "2021-09-08"}
    ).get_data(as_text=True)
    text = visible(html)
    assert "1 of 4 articles, 30 August" in text
    assert "Eleven missing" in text
    assert "Number of missing" not in text
    assert "until 8 September 2021 × – remove" in text
    assert 'href="/articles?source=Northern+Wire"' in html
    assert 'value="Northern Wire" checked' in html


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("/articles?q=&date_from=&source=Northern+Wire&author=", "/articles?source=Northern+Wire"),
        ("/articles?q=&author=", "/articles"),
        ("/?h=a&q=b+c&date_from=&date_to=&source=x%26y", "/?h=a&q=b+c&source=x%26y"),
        ("/?q=&author=", "/?q="),
        ("//evil.example/articles?q=", None),
    ],
)
def test_what_a_form_left_empty_leaves_the_address(client: FlaskClient, long: str, short: str | None) -> None:
    response = client.get(long)
    if short is None:
        assert "evil" not in response.headers.get("Location", "")
        return
    assert response.status_code == 302
    assert response.headers["Location"] == short


def test_a_correction_that_says_so_is_not_labelled_twice() -> None:
    articles = [make_article("a", "# T\n! Correction: nine, not ten.\n! An earlier version said ten.")]
    html = (
        create_app(Settings(), FakeService(articles)).test_client().get("/articles/a").get_data(as_text=True)
    )
    assert html.count('<span class="label">Correction</span>') == 1


def test_articles_are_searched_by_their_paragraphs(client: FlaskClient) -> None:
    html = client.get("/articles", query_string={"q": "captain of the Halden"}).get_data(as_text=True)
    text = visible(html)
    assert "The paragraphs nearest to “captain of the Halden” in 4 articles" in text
    assert "The <mark>captain</mark> of the <mark>Halden</mark>" in html
    assert "No paragraph shown holds" not in text
    assert 'href="/articles/ferry-2#p2"' in html
    assert "Aslak Moe, had sailed" in text
    assert "No article fits" in visible(client.get("/articles?q=zzz").get_data(as_text=True))
    assert client.get("/articles", query_string={"q": "x" * 4001}).status_code == 422


class FindsByMeaning(FakeService):
    """Finds paragraphs without a word of the search, as real retrieval does."""

    def _rank(self, text: str, filters: Filters, context: str = "") -> list[Hit]:
        return super()._rank("captain of the Halden", filters, context)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("zebra", "No paragraph shown holds “zebra”; these are nearest in meaning."),
        ("big <b>zebras", "No paragraph shown holds a word of “big <b>zebras”; these are nearest"),
        ("captains", None),
        ("the", None),
    ],
)
def test_what_is_found_by_meaning_alone_is_told(words: str, said: str | None) -> None:
    client = create_app(Settings(), FindsByMeaning()).test_client()
    text = visible(
        client.get("/articles", query_string={"q": words}).get_data(as_text=True).replace("&lt;b&gt;", "‹b›")
    )
    assert "paragraphs nearest to “" in text
    assert not re.search(r"[0-9] paragraphs", text)
    if said:
        assert said.replace("<b>", "‹b›") in text
    else:
        assert "No paragraph shown holds" not in text


def test_found_paragraphs_are_paged() -> None:
    many = [make_article(f"a{number}", f"# Title {number}\nA ferry.") for number in range(25)]
    client = create_app(Settings(), FakeService(many)).test_client()
    html = client.get("/articles?q=ferry").get_data(as_text=True)
    assert "1 to 20 are shown" in visible(html)
    more = re.search(r'href="(/articles\?q=ferry&amp;cursor=[^"]+)"', html)
    assert more
    assert "21 to 25 are shown" in visible(client.get(unescape(more[1])).get_data(as_text=True))


@pytest.mark.parametrize("path", ["/", "/articles"])
def test_a_filter_that_does_not_fit_is_told(client: FlaskClient, path: str) -> None:
    response = client.get(path, query_string={"q": "ferry", "date_from": "yesterday"})
    assert response.status_code == 422
    assert "The first day is no date" in visible(response.get_data(as_text=True))


@pytest.mark.parametrize(
    ("path", "status", "headline", "explanation"),
    [
        ("/articles/x", 404, "This article is not here", "No article has this address"),
        ("/nowhere", 404, "There is no such page", "nothing at this address"),
        ("/articles?cursor=x", 400, "This list has changed", "Begin again"),
        (
            "/articles?date_from=2021-09-09&date_to=2021-09-01",
            422,
            "This cannot be looked up",
            "The first day, 9 September 2021, lies after the last, 1 September 2021. Swap them.",
        ),
        ("/articles?q=" + "x" * 4001, 422, "This cannot be looked up", "The search"),
    ],
)
def test_trouble_is_told_in_words_for_people(
    client: FlaskClient, path: str, status: int, headline: str, explanation: str
) -> None:
    response = client.get(path)
    html = response.get_data(as_text=True)
    assert response.status_code == status
    assert f"<h1>{headline}</h1>" in html
    assert explanation in visible(html)
    assert not re.search(r"/api/|date_from|date_to|cursor", visible(html))


def test_filters_are_part_of_the_address(client: FlaskClient, service: FakeService) -> None:
    query = [
        ("q", MANY),
        ("date_from", "2021-09-09"),
        ("source", "Northern Wire"),
        ("source", "Northern Wire"),
    ]
    html = client.get("/", query_string=query).get_data(as_text=True)
    assert service.questions[0].filters == Filters("2021-09-09", None, ("Northern Wire",))
    assert "; only from 9 September 2021, Northern Wire." in visible(html)
    (again,) = set(re.findall('data-url="([^"]*)"', html))
    assert client.get(unescape(again)).status_code == 200
    assert service.questions[1].filters == service.questions[0].filters


def test_a_source_that_the_archive_has_not_can_still_be_taken_away(client: FlaskClient) -> None:
    html = client.get("/articles?source=Gone").get_data(as_text=True)
    assert 'value="Gone" checked' in html
    assert 'class="chip" href="/articles"' in html


def test_only_the_most_frequent_names_are_listed() -> None:
    many = [make_article(f"a{n}", "# T\nBody.", source=f"Source {n:02}") for n in range(20)]
    html = (
        create_app(Settings(), FakeService(many))
        .test_client()
        .get("/?source=Source+19")
        .get_data(as_text=True)
    )
    assert len(re.findall('type="checkbox" name="source"', html)) == page_filters.CHOICES + 1
    assert 'list="source-names"' in html


def test_choices_between_meanings_are_buttons(service: FakeService) -> None:
    service.alternatives = ("How old is Ingrid Solheim?", "How old is <Liv> Brandt?")
    client = create_app(Settings(), service).test_client()
    html = client.get("/", query_string=[("h", MANY), ("q", "How old is she?")]).get_data(as_text=True)
    for text in ("How old is Ingrid Solheim?", "How old is &lt;Liv&gt; Brandt?"):
        assert f'name="q" value="{text}">{text}</button>' in html
    assert "It may help to name" not in visible(html.replace('data-slot="hints" hidden>', "><template>"))


def test_a_question_understood_otherwise_can_be_changed(client: FlaskClient) -> None:
    html = client.get("/", query_string=[("h", MANY), ("q", "Who is the captain of the Halden?")]).get_data(
        as_text=True
    )
    assert "Understood as “How many people are missing from the Vestra ferry? Who is" in visible(html)
    assert re.search('name="h"[^>]*><input class="field" name="q"', html.replace("\n      ", ""))


def test_sentences_of_the_same_article_stand_together() -> None:
    article = make_article("a", "# T\nNine boats were lost.\nNine boats were found.\nSix nets.")
    other = make_article("b", "# U\nNine boats were sold.")
    html = (
        create_app(Settings(), FakeService([article, other]))
        .test_client()
        .get("/?q=nine+boats")
        .get_data(as_text=True)
    )
    assert html.count('class="block" data-sources="1"') == 2
    assert ">1, 2</span>" in html


def test_static_files_are_compressed_for_those_who_take_it(client: FlaskClient) -> None:
    def get(path: str, **headers: str) -> tuple[int, bytes, Headers]:
        with client.get(
            path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        ) as reply:
            return reply.status_code, reply.data, reply.headers

    _, plain, plainly = get("/static/chat.css", Accept_Encoding="identity")
    _, zipped, zippedly = get("/static/chat.css", Accept_Encoding="gzip")
    assert gzip.decompress(zipped) == plain
    assert len(zipped) < len(plain) / 2
    assert zippedly["Vary"] == plainly["Vary"] == "Accept-Encoding"
    assert zippedly["ETag"] == plainly["ETag"]
    assert get("/static/chat.css", If_None_Match=plainly["ETag"])[:2] == (304, b"")
    for small_or_secret in ("/static/icon.svg", "/"):
        assert "Content-Encoding" not in get(small_or_secret, Accept_Encoding="gzip")[2]


def test_a_long_list_is_paged() -> None:
    many = [make_article(f"a{number}", f"# Title {number}\nBody.") for number in range(60)]
    client = create_app(Settings(), FakeService(many)).test_client()
    html = client.get("/articles").get_data(as_text=True)
    assert "1 to 50 are shown" in visible(html)
    older = re.search(r'href="(/articles\?cursor=[^"]+)"', html)
    assert older
    second = client.get(unescape(older[1])).get_data(as_text=True)
    assert "51 to 60 are shown" in visible(second)
    assert "Newest articles" in visible(second)
    assert 'start="51"' in second


def test_an_article_shows_its_paragraphs_by_kind(client: FlaskClient) -> None:
    html = client.get("/articles/ferry-3").get_data(as_text=True)
    for number, kind in enumerate(["caption", "body", "body", "subhead", "body", "body", "correction"]):
        assert f'data-kind="{kind}" id="p{number}"' in html
        assert f'href="#p{number}"' in html
    assert html.count("Number of missing from Vestra ferry falls to four</h1>") == 1
    assert 'data-kind="headline"' not in html
    text = visible(html)
    assert "Jonas Ekeland, Mira Landquist" in text
    assert "Updated 10 September 2021" in text
    assert 'href="https://news.example/ferry-3" rel="noopener noreferrer external"' in html


def test_tables_and_odd_ids(client: FlaskClient) -> None:
    html = client.get("/articles/2021%2Flibrary%20opens%20%232").get_data(as_text=True)
    assert '<pre tabindex="0">Floor   Use                 Square metres</pre>' in html


def test_a_quote_is_marked_in_its_paragraph_only(client: FlaskClient) -> None:
    text = FakeService().article("ferry-3").text
    start = text.index("the coast guard said")
    marked = f"<mark>{text[start : start + 20]}</mark>"
    assert marked in client.get(f"/articles/ferry-3?quote={start}-{start + 20}").get_data(as_text=True)
    for wrong in (
        f"{start}-{start}",
        f"{start + 20}-{start}",
        "0-99999",
        f"{start}-{start + 500}",
        "x",
        "1-2-3",
        "²-³",
    ):
        page = client.get("/articles/ferry-3", query_string={"quote": wrong})
        assert page.status_code == 200
        assert "<mark>" not in page.get_data(as_text=True)


def test_an_unknown_article_is_a_page_that_leads_on(client: FlaskClient) -> None:
    response = client.get("/articles/nothing")
    assert (response.status_code, response.mimetype) == (404, "text/html")
    assert "See all articles" in visible(response.get_data(as_text=True))


HOSTILE = """<script>alert(1)</script>"'><img src=x onerror=alert(1)>{{7*7}}</template></title>"""


def test_hostile_texts_stay_texts() -> None:
    article = make_article(
        HOSTILE + "/..", f"# {HOSTILE}\n{HOSTILE} ferry captain Halden", source=HOSTILE, authors=(HOSTILE,),
        url="javascript:alert(1)", published_at=HOSTILE,
    )  # fmt: skip
    client = create_app(Settings(), FakeService([article])).test_client()
    link = page_urls.article_url(article.article_id, 0)
    for path in (
        "/?q=" + "ferry captain Halden" + HOSTILE.replace("{", "%7B"),
        "/articles",
        link.split("#")[0],
    ):
        response = client.get(path)
        assert response.status_code == 200
        html = response.get_data(as_text=True)
        assert "<img" not in html
        assert "<script>" not in html
        assert "javascript:" not in html
        assert 'onerror=alert(1)>"' not in html


def test_the_short_answer_is_lit_by_offset_not_by_first_match(service: FakeService) -> None:
    article = make_article("a", "# T\nTen of ten boats; the tenth was ten metres long.")
    client = create_app(Settings(), answering_with_short_answer(article, "ten metres")).test_client()
    assert "the tenth was <mark>ten metres</mark> long" in client.get("/?q=boats+tenth").get_data(
        as_text=True
    )


def answering_with_short_answer(article: Article, words: str) -> FakeService:
    service = FakeService([article])
    ask = service.ask

    def ask_with_short(question: Question) -> Answer:
        answer = ask(question)
        start = article.text.index(words)
        return replace(answer, short_answer=ShortAnswer(words, start, start + len(words), "c1"))

    service.ask = ask_with_short
    return service


def test_scripts_stay_short_and_load_nothing_from_elsewhere() -> None:
    folder = Path(web.__file__).parent
    for path in [*(folder / "static").iterdir(), *(folder / "templates").iterdir()]:
        source = path.read_text(encoding="utf-8")
        assert len(source.splitlines()) < 200 or path.suffix != ".js", path.name
        assert not re.search(
            r"(src|href|import|url)\W+(https?:)?//", source.replace("http://www.w3.org", "")
        ), path.name
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", source), (
            path.name
        )
