"""Stored conversations as pages: kept, listed, searched, shown, gone on with, renamed, deleted."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from qa_service.settings import Settings
from qa_service.state.database import Database
from tests.web.fake_service import FakeService
from tests.web.test_pages import carried, visible
from web import create_app

MANY = "How many people are missing from the Vestra ferry?"
CAPTAIN = "Who is the captain of the Halden?"
HOSTILE = """<script>alert(1)</script>"'><img src=x onerror=alert(1)>{{7*7}}"""


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "state.db")
    yield database
    database.close()


@pytest.fixture
def client(service: FakeService, state: Database) -> FlaskClient:
    return create_app(Settings(), service, state).test_client()


def ask(client: FlaskClient, question: str, conversation: str | None = None, **more: object) -> str:
    """Ask by the API; return the conversation's id."""
    body = {"question": question, **more} | ({"conversation_id": conversation} if conversation else {})
    reply = client.post("/api/v1/ask", json=body)
    assert reply.status_code == 200
    return str(reply.json["conversation_id"])


def html_of(response: TestResponse, status: int = 200) -> str:
    assert response.status_code == status
    return response.get_data(as_text=True)


def test_an_empty_list_says_what_it_is_for(client: FlaskClient) -> None:
    assert "Nothing has been asked yet" in visible(html_of(client.get("/conversations")))


def test_conversations_are_listed_and_searched(client: FlaskClient) -> None:
    first = ask(client, MANY)
    ask(client, CAPTAIN, first)
    ask(client, "What did the library conversion cost?")
    html = html_of(client.get("/conversations"))
    assert html.index("library conversion") < html.index("Vestra ferry")
    assert f'href="/c/{first}"' in html
    assert "2 questions" in visible(html)
    found = visible(html_of(client.get("/conversations?q=aslak")))
    assert "Vestra ferry" in found
    assert "library" not in found
    assert "No conversation holds “zebra”" in visible(html_of(client.get("/conversations?q=zebra")))
    assert client.get("/conversations", query_string={"q": "x" * 201}).status_code == 422


def test_a_long_list_is_paged(client: FlaskClient) -> None:
    for number in range(52):
        ask(client, f"Who was captain number {number} of the ferry Halden?")
    html = html_of(client.get("/conversations?q=captain"))
    older = re.search(r'href="(/conversations\?q=captain&amp;cursor=[^"]+)"', html)
    assert older
    second = html_of(client.get(unescape(older[1])))
    assert len(re.findall('class="article-date"', second)) == 2
    assert "Newest conversations" in visible(second)
    assert client.get("/conversations?cursor=nonsense").status_code == 400


def test_a_stored_conversation_is_shown_without_asking_again(
    client: FlaskClient, service: FakeService
) -> None:
    known = ask(client, MANY)
    ask(client, CAPTAIN, known)
    vote = client.get(f"/api/v1/conversations/{known}").json["exchanges"][0]["id"]
    assert client.post("/api/v1/feedback", json={"answer_id": vote, "rating": "down"}).status_code == 201
    asked = len(service.questions)
    html = html_of(client.get(f"/c/{known}"))
    assert len(service.questions) == asked
    assert "<mark>Four people</mark>" in html
    assert "Aslak Moe" in visible(html)
    assert carried(html) == [MANY, CAPTAIN]
    assert f'name="c" value="{known}"' in html
    assert html.count('data-rating="down"') == 1
    assert f'data-answer-id="{vote}"' in html
    assert "Keep this conversation" not in html
    assert "Markdown" in visible(html)


def test_an_unknown_conversation_is_not_found(client: FlaskClient) -> None:
    assert "You have no conversation at this address" in visible(html_of(client.get("/c/conv_nothing"), 404))
    assert client.post("/c/conv_nothing/delete").status_code == 404


def test_the_address_of_a_conversation_shows_what_is_stored(
    client: FlaskClient, service: FakeService
) -> None:
    known = ask(client, MANY)
    ask(client, CAPTAIN, known)
    asked = len(service.questions)
    first = html_of(client.get("/", query_string=[("q", MANY), ("c", known)]))
    both = html_of(client.get("/", query_string=[("q", CAPTAIN), ("h", MANY), ("c", known)]))
    assert (first.count('class="exchange"'), both.count('class="exchange"')) == (1, 2)
    assert len(service.questions) == asked


def test_an_address_that_goes_another_way_is_asked_afresh(client: FlaskClient, service: FakeService) -> None:
    known = ask(client, MANY)
    html = html_of(client.get("/", query_string=[("q", CAPTAIN), ("h", "Who?"), ("c", known)]))
    assert [question.text for question in service.questions[1:]] == ["Who?", CAPTAIN]
    assert 'name="c"' not in html
    assert "Keep this conversation" in html
    html_of(client.get("/", query_string=[("q", MANY), ("c", "conv_of_somebody_else")]))


def test_without_scripts_a_stored_conversation_goes_on_and_is_kept(
    client: FlaskClient, service: FakeService
) -> None:
    known = ask(client, MANY)
    html = html_of(client.get("/", query_string=[("q", CAPTAIN), ("h", MANY), ("c", known)]))
    assert service.questions[1].history[0].content == MANY
    assert "Aslak Moe" in visible(html)
    assert client.get(f"/api/v1/conversations/{known}").json["question_count"] == 1
    reply = client.post("/conversations", data=kept_form(html))
    assert (reply.status_code, reply.headers["Location"]) == (303, f"/c/{known}")
    assert client.get(f"/api/v1/conversations/{known}").json["question_count"] == 2
    again = client.post("/conversations", data=kept_form(html))  # the button pressed twice
    assert again.headers["Location"] == f"/c/{known}"
    assert client.get(f"/api/v1/conversations/{known}").json["question_count"] == 2


def kept_form(html: str) -> dict[str, str]:
    (page,) = re.findall('name="page" value="([^"]*)"', html)
    return {"page": unescape(page)}


def test_a_page_that_was_sent_by_somebody_is_kept_only_when_asked_to(
    client: FlaskClient, service: FakeService
) -> None:
    query = [("q", CAPTAIN), ("h", MANY), ("source", "Northern Wire")]
    html = html_of(client.get("/", query_string=query))
    assert client.get("/api/v1/conversations").json["data"] == []
    reply = client.post("/conversations", data=kept_form(html))
    shown = visible(html_of(client.get(reply.headers["Location"])))
    assert "Aslak Moe" in shown
    assert "only Northern Wire" in shown
    assert [item["title"] for item in client.get("/api/v1/conversations").json["data"]] == [MANY]


@pytest.mark.parametrize(
    "page", ["", "/?q=", "nonsense", "/?q=%00", "http://[", "http://a\N{ACCOUNT OF}b/", "?#?q=a"]
)
def test_only_pages_with_a_question_are_kept(client: FlaskClient, page: str) -> None:
    assert client.post("/conversations", data={"page": page}).status_code == 422


def test_a_page_of_another_site_cannot_have_anything_kept(client: FlaskClient) -> None:
    page = f"/?{urlencode({'q': MANY})}"
    reply = client.post("/conversations", data={"page": page}, headers={"Sec-Fetch-Site": "cross-site"})
    assert reply.status_code == 403
    assert client.get("/api/v1/conversations").json["data"] == []


def test_conversations_are_renamed(client: FlaskClient) -> None:
    known = ask(client, MANY)
    reply = client.post(f"/c/{known}/title", data={"title": " The  ferry ", "from": "list"})
    assert (reply.status_code, reply.headers["Location"]) == (303, "/conversations")
    assert "The ferry" in visible(html_of(client.get("/conversations")))
    reply = client.post(f"/c/{known}/title", data={"title": HOSTILE})
    assert reply.headers["Location"] == f"/c/{known}"
    for path in ("/conversations", f"/c/{known}", "/"):
        html = html_of(client.get(path))
        assert "<img" not in html
        assert "<script>" not in html
    assert client.post(f"/c/{known}/title", data={"title": " "}).status_code == 422


def test_conversations_are_deleted(client: FlaskClient) -> None:
    known = ask(client, MANY)
    assert client.post(f"/c/{known}/delete").headers["Location"] == "/conversations"
    assert client.get(f"/c/{known}").status_code == 404


def test_the_chat_page_lists_the_latest(client: FlaskClient) -> None:
    known = ask(client, MANY)
    html = html_of(client.get(f"/c/{known}"))
    assert f'<li><a href="/c/{known}" aria-current="page">{MANY}</a></li>' in html
    assert 'data-keeps="true"' in html


def test_where_nothing_is_kept_nothing_speaks_of_it(service: FakeService) -> None:
    client = create_app(Settings(), service).test_client()
    html = html_of(client.get("/", query_string={"q": MANY, "c": "conv_1"}))
    assert "onversations" not in visible(html)
    assert "Keep this" not in html
    assert 'data-keeps="false"' in html
    assert client.get("/conversations").status_code == 503
    assert client.post("/conversations", data={"page": f"/?{urlencode({'q': MANY})}"}).status_code == 503


def test_a_broken_state_keeps_no_answer_from_coming(service: FakeService, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    client = create_app(Settings(), service, Database(tmp_path / "file" / "state.db")).test_client()
    html = html_of(client.get("/", query_string={"q": MANY, "c": "conv_1"}))
    assert "Four people" in visible(html)
    assert client.get("/conversations").status_code == 503
    reply = client.post("/conversations", data=kept_form(html))
    assert "was not kept" in visible(html_of(reply, 503))
