"""Stored conversations and feedback over HTTP: what is kept, shown, found, renamed, deleted, exported, and for whom."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from qa_service.domain import Turn
from qa_service.settings import Settings
from qa_service.state.database import Database
from tests.web.described import DescribedClient
from tests.web.fake_service import FakeService
from tests.web.problem_checks import assert_problem
from web import create_app
from web.health import FRESH_S

ASK, LIST, FEEDBACK = "/api/v1/ask", "/api/v1/conversations", "/api/v1/feedback"
CAPTAIN = "Who is the captain of the ferry Halden?"
MISSING = "How many people are missing from the Vestra ferry?"
UNKNOWN = "Which island has the highest mountain?"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Database]:
    state = Database(tmp_path / "state.db", busy_s=0.1)
    yield state
    state.close()


@pytest.fixture
def app(service: FakeService, state: Database) -> Flask:
    app = create_app(Settings(), service, state)
    app.test_client_class = DescribedClient
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def become(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what makes every following request another account's."""

    def set_owner(name: str) -> None:
        monkeypatch.setattr("web.accounts.owner", lambda: name)

    return set_owner


def ask(client: FlaskClient, question: str = CAPTAIN, **more: Any) -> dict[str, Any]:
    response = client.post(ASK, json={"question": question, **more})
    assert response.status_code == 200, response.get_data(as_text=True)
    body: dict[str, Any] = response.get_json()
    return body


def listed(client: FlaskClient, **query: Any) -> list[str]:
    return [item["id"] for item in client.get(LIST, query_string=query).get_json()["data"]]


def events(response: TestResponse) -> dict[str, Any]:
    blocks = [block.split("\n") for block in response.get_data(as_text=True).strip().split("\n\n")]
    return {block[1].removeprefix("event: "): json.loads(block[2].removeprefix("data: ")) for block in blocks}


def test_what_was_answered_is_shown_again_exactly(client: FlaskClient) -> None:
    first = ask(client, conversation_id="c1")
    second = ask(client, UNKNOWN, conversation_id="c1", top_k=3)
    streamed = events(client.post(ASK, json={"question": MISSING, "conversation_id": "c1", "stream": True}))[
        "done"
    ]
    shown = client.get(f"{LIST}/c1").get_json()
    assert shown["exchanges"] == [first, second, streamed]
    assert (shown["id"], shown["object"], shown["title"], shown["question_count"]) == (
        "c1",
        "conversation",
        CAPTAIN,
        3,
    )
    assert shown["feedback"] == []
    assert client.get(LIST).get_json()["data"] == [
        {key: value for key, value in shown.items() if key not in ("exchanges", "feedback")}
    ]


def test_a_conversation_begins_with_a_question_that_names_none(client: FlaskClient) -> None:
    ids = [ask(client)["conversation_id"] for _ in range(2)]
    assert listed(client) == ids[::-1]
    assert len(set(ids)) == 2


def test_stored_turns_are_the_history_when_the_body_has_none(
    client: FlaskClient, service: FakeService
) -> None:
    said = ask(client, conversation_id="c1")["answer"]
    ask(client, UNKNOWN, conversation_id="c1")
    ask(client, "And where?", conversation_id="c1")
    stored = (Turn("user", CAPTAIN), Turn("assistant", said), Turn("user", UNKNOWN))
    assert [question.history for question in service.questions] == [(), stored[:2], stored]
    ask(client, "Alone?", conversation_id="c1", history=[])
    ask(client, "With another?", conversation_id="c1", history=[{"role": "user", "content": "Before?"}])
    client.post(ASK, json={"question": "Streamed?", "conversation_id": "c1", "stream": True}).get_data()
    assert service.questions[-3].history == ()
    assert service.questions[-2].history == (Turn("user", "Before?"),)
    assert len(service.questions[-1].history) > 5


def test_failures_are_not_kept(client: FlaskClient, service: FakeService) -> None:
    service.failure = RuntimeError("no answer")
    assert client.post(ASK, json={"question": CAPTAIN}).status_code == 500
    assert "error" in events(client.post(ASK, json={"question": CAPTAIN, "stream": True}))
    assert client.post(ASK, json={"question": ""}).status_code == 422
    assert listed(client) == []


def test_nothing_is_kept_where_that_is_switched_off(service: FakeService, state: Database) -> None:
    client = create_app(Settings(keep_conversations=False), service, state).test_client()
    body = ask(client, conversation_id="c1")
    assert body["warnings"] == []
    assert listed(client) == []
    assert_problem(
        client.post(FEEDBACK, json={"answer_id": body["id"], "rating": "up"}), 404, "answer_not_found"
    )


def test_search_looks_into_titles_questions_and_answers(client: FlaskClient) -> None:
    for name, question in (("c1", CAPTAIN), ("c2", MISSING), ("c3", UNKNOWN)):
        ask(client, question, conversation_id=name)
    client.patch(f"{LIST}/c3", json={"title": "Holiday 100%"})
    assert listed(client, q="CAPTAIN halden") == ["c1"]
    assert listed(client, q="aslak moe") == ["c1"]
    assert listed(client, q="%") == ["c3"]
    assert listed(client, q="holiday mountain") == ["c3"]
    assert listed(client, q="zeppelin") == []
    assert listed(client, q="") == ["c3", "c2", "c1"]


def test_pages_follow_one_another(client: FlaskClient) -> None:
    for number in range(5):
        ask(client, conversation_id=f"c{number}")
    seen, query = [], {"limit": 2, "q": "captain"}
    while True:
        page = client.get(LIST, query_string=query).get_json()
        seen += [item["id"] for item in page["data"]]
        assert page["has_more"] is (page["next_cursor"] is not None)
        if not page["has_more"]:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == ["c4", "c3", "c2", "c1", "c0"]
    cursor = client.get(f"{LIST}?limit=2").get_json()["next_cursor"]
    assert_problem(client.get(f"{LIST}?q=captain&cursor={cursor}"), 400, "stale_cursor")
    assert_problem(client.get(f"/api/v1/articles?cursor={cursor}"), 400, "stale_cursor")
    assert_problem(client.get(f"{LIST}?cursor=x"), 400, "stale_cursor")


def test_renaming(client: FlaskClient) -> None:
    ask(client, conversation_id="c1")
    renamed = client.patch(f"{LIST}/c1", json={"title": "  The\n‮ferry‬ 🛟 <b> "})
    assert renamed.status_code == 200
    assert renamed.get_json()["title"] == "The ‮ferry‬ 🛟 <b>"
    assert client.get(f"{LIST}/c1").get_json()["title"] == "The ‮ferry‬ 🛟 <b>"
    assert client.patch(f"{LIST}/c1", json={"title": "🛟" * 200}).status_code == 200
    for title in ("", " \n", "x" * 201, "x" * 10_000, "a\0b", "a\ud800b", None, 7, ["a"]):
        problem = assert_problem(client.patch(f"{LIST}/c1", json={"title": title}), 422, "invalid_request")
        assert problem["errors"][0]["pointer"] == "#/title"
    assert_problem(client.patch(f"{LIST}/c1", json={"title": "a", "owner": "me"}), 422)
    assert_problem(client.patch(f"{LIST}/c1", data="title=a"), 415)
    assert client.get(f"{LIST}/c1").get_json()["title"] == "🛟" * 200


def test_deleting(client: FlaskClient) -> None:
    ask(client, conversation_id="c1")
    response = client.delete(f"{LIST}/c1")
    assert (response.status_code, response.get_data()) == (204, b"")
    assert listed(client) == []
    assert_problem(client.delete(f"{LIST}/c1"), 404, "conversation_not_found")
    assert_problem(client.get(f"{LIST}/c1"), 404, "conversation_not_found")


def test_tags_change_with_what_they_stand_for(client: FlaskClient) -> None:
    answer = ask(client, conversation_id="c1")
    for path in (LIST, f"{LIST}/c1"):
        response = client.get(path)
        assert response.headers["Cache-Control"] == "private, no-cache"
        tag = {"If-None-Match": response.headers["ETag"]}
        assert client.get(path, headers=tag).status_code == 304
    client.post(FEEDBACK, json={"answer_id": answer["id"], "rating": "up"})
    assert client.get(f"{LIST}/c1", headers=tag).status_code == 200


def test_export_as_json_is_the_conversation(client: FlaskClient) -> None:
    ask(client, conversation_id="c1")
    response = client.get(f"{LIST}/c1/export?format=json")
    assert response.get_json() == client.get(f"{LIST}/c1").get_json()
    assert response.headers["Content-Disposition"] == (
        "attachment; filename=who-is-the-captain-of-the-ferry-halden.json"
    )
    assert response.headers["Cache-Control"] == "no-store"


def test_export_as_markdown_has_quotes_and_citations(client: FlaskClient) -> None:
    answer = ask(client, conversation_id="c1")
    ask(client, UNKNOWN, conversation_id="c1")
    response = client.get(f"{LIST}/c1/export")
    assert response.mimetype == "text/markdown"
    assert response.mimetype_params["charset"] == "utf-8"
    assert response.headers["Content-Disposition"].endswith("halden.md")
    text = response.get_data(as_text=True)
    cited = answer["citations"][0]
    assert text.startswith(f"# {CAPTAIN}\n\n## 1. {CAPTAIN}\n\n**Aslak Moe**\n\n> ")
    assert f"paragraph {cited['paragraph_index'] + 1}." in text
    assert f"<http://localhost/articles/{cited['article_id']}#p{cited['paragraph_index']}>" in text
    assert "## 2. Which island" in text
    assert "No answer. The archive does not answer this" in text


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("../../etc/passwd", "etc-passwd.md"),
        ('a"; filename=evil.exe\r\nX: y', "a-filename-evil-exe-x-y.md"),
        ("سؤال 🛟", "conversation.md"),
        ("Größe " * 30, "große"),
    ],
)
def test_file_names_of_exports_are_plain(client: FlaskClient, title: str, name: str) -> None:
    ask(client, conversation_id="c1")
    client.patch(f"{LIST}/c1", json={"title": title[:200]})
    header = client.get(f"{LIST}/c1/export").headers["Content-Disposition"]
    file_name = header.removeprefix("attachment; filename=")
    assert file_name.isascii()
    assert len(file_name) <= 64
    assert file_name == name or name == "große"


BAD_QUERIES = ["limit=0", "limit=201", "limit=x", "q=" + "x" * 201, "q=a%00", "page=2", "q=a&q=b", "cursor="]


@pytest.mark.parametrize("query", BAD_QUERIES)
def test_parameters_that_do_not_fit_are_refused(client: FlaskClient, query: str) -> None:
    assert_problem(client.get(f"{LIST}?{query}"), 422)
    ask(client, conversation_id="c1")
    assert_problem(client.get(f"{LIST}/c1/export?format=pdf"), 422, "invalid_request")


HOSTILE_IDS = [
    "nothing",
    "..",
    "%2e%2e",
    "%00",
    "%ff%fe",
    "%ed%a0%80",
    "'%20OR%201=1--",
    "%25",
    "%0a",
    "🛟",
    "x" * 5000,
]


@pytest.mark.parametrize("name", HOSTILE_IDS)
def test_ids_of_nothing_are_404(client: FlaskClient, name: str) -> None:
    ask(client, conversation_id="c1")
    for response in (
        client.get(f"{LIST}/{name}"),
        client.delete(f"{LIST}/{name}"),
        client.patch(f"{LIST}/{name}", json={"title": "a"}),
        client.get(f"{LIST}/{name}/export"),
    ):
        assert_problem(response, 404)
    assert listed(client) == ["c1"]


@pytest.mark.parametrize("name", ["a.b", "user:1@host", "~tilde-_=+,", "0", "A" * 128])
def test_ids_that_clients_choose_stand_in_addresses(client: FlaskClient, name: str) -> None:
    ask(client, conversation_id=name)
    assert client.get(f"{LIST}/{name}").get_json()["id"] == name
    assert client.get(f"{LIST}/{name}/export").status_code == 200


def test_another_s_conversation_is_not_found_on_any_route(
    client: FlaskClient, service: FakeService, become: Callable[[str], None]
) -> None:
    mine = ask(client, conversation_id="c1")
    client.post(FEEDBACK, json={"answer_id": mine["id"], "rating": "up"})
    before = client.get(f"{LIST}/c1").get_json()
    cursor = client.get(f"{LIST}?limit=1").get_json()["next_cursor"]
    assert cursor is None
    asked = len(service.questions)
    become("someone else")
    for response, code in (
        (client.get(f"{LIST}/c1"), "conversation_not_found"),
        (client.get(f"{LIST}/c1/export"), "conversation_not_found"),
        (client.get(f"{LIST}/c1/export?format=json"), "conversation_not_found"),
        (client.patch(f"{LIST}/c1", json={"title": "Mine now"}), "conversation_not_found"),
        (client.delete(f"{LIST}/c1"), "conversation_not_found"),
        (client.post(FEEDBACK, json={"answer_id": mine["id"], "rating": "down"}), "answer_not_found"),
    ):
        assert_problem(response, 404, code)
    assert len(service.questions) == asked
    assert listed(client) == listed(client, q="captain") == []
    become("local")
    assert client.get(f"{LIST}/c1").get_json() == before


def test_an_id_that_another_account_uses_is_as_good_as_new(
    client: FlaskClient, service: FakeService, become: Callable[[str], None]
) -> None:
    mine = ask(client, conversation_id="c1")
    before = client.get(f"{LIST}/c1").get_json()
    become("someone else")
    theirs = ask(client, MISSING, conversation_id="c1")
    streamed = events(client.post(ASK, json={"question": UNKNOWN, "conversation_id": "c1", "stream": True}))
    assert service.questions[1].history == ()
    assert [turn.content for turn in service.questions[2].history] == [MISSING, theirs["answer"]]
    found = client.get(f"{LIST}/c1").get_json()
    assert found["exchanges"] == [theirs, streamed["done"]]
    assert_problem(
        client.post(FEEDBACK, json={"answer_id": mine["id"], "rating": "down"}), 404, "answer_not_found"
    )
    client.delete(f"{LIST}/c1")
    assert listed(client) == []
    become("local")
    assert client.get(f"{LIST}/c1").get_json() == before


def test_a_cursor_of_another_s_list_is_refused(client: FlaskClient, become: Callable[[str], None]) -> None:
    for number in range(2):
        ask(client, conversation_id=f"c{number}")
    cursor = client.get(f"{LIST}?limit=1").get_json()["next_cursor"]
    become("someone else")
    assert_problem(client.get(f"{LIST}?limit=1&cursor={cursor}"), 400, "stale_cursor")


def test_feedback_is_shown_with_its_conversation(client: FlaskClient) -> None:
    answer = ask(client, conversation_id="c1")
    response = client.post(
        FEEDBACK, json={"answer_id": answer["id"], "rating": "down", "note": "Wrong <b>ship</b> 🛟"}
    )
    given = response.get_json()
    assert response.status_code == 201
    assert (given["object"], given["answer_id"], given["rating"]) == ("feedback", answer["id"], "down")
    assert client.get(f"{LIST}/c1").get_json()["feedback"] == [given]
    again = client.post(FEEDBACK, json={"answer_id": answer["id"], "rating": "up"}).get_json()
    assert (again["id"], again["rating"], again["note"]) == (given["id"], "up", None)
    assert client.get(f"{LIST}/c1").get_json()["feedback"] == [again]


BAD_FEEDBACK: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "#/answer_id"),
    "no rating": ({"answer_id": "a"}, "#/rating"),
    "odd rating": ({"answer_id": "a", "rating": "sideways"}, "#/rating"),
    "number": ({"answer_id": "a", "rating": 1}, "#/rating"),
    "empty id": ({"answer_id": "", "rating": "up"}, "#/answer_id"),
    "id with NUL": ({"answer_id": "a\0", "rating": "up"}, "#/answer_id"),
    "long id": ({"answer_id": "a" * 129, "rating": "up"}, "#/answer_id"),
    "long note": ({"answer_id": "a", "rating": "up", "note": "x" * 2001}, "#/note"),
    "NUL": ({"answer_id": "a", "rating": "up", "note": "a\0"}, "#/note"),
    "surrogate": ({"answer_id": "a", "rating": "up", "note": "\ud800"}, "#/note"),
    "unknown field": ({"answer_id": "a", "rating": "up", "owner": "me"}, "#/owner"),
}


@pytest.mark.parametrize(("body", "pointer"), BAD_FEEDBACK.values(), ids=BAD_FEEDBACK.keys())
def test_feedback_that_does_not_fit_is_named(client: FlaskClient, body: dict[str, Any], pointer: str) -> None:
    problem = assert_problem(client.post(FEEDBACK, json=body), 422, "invalid_request")
    assert problem["errors"][0]["pointer"] == pointer


def test_feedback_on_an_unknown_answer_is_404(client: FlaskClient) -> None:
    assert_problem(
        client.post(FEEDBACK, json={"answer_id": "ans_x", "rating": "up"}), 404, "answer_not_found"
    )


def assert_answers_without_state(client: FlaskClient, words: str) -> None:
    for body in (ask(client), ask(client, conversation_id="c1")):
        assert body["status"] == "answered"
        assert any(words in warning for warning in body["warnings"])
    done = events(client.post(ASK, json={"question": CAPTAIN, "stream": True}))["done"]
    assert any(words in warning for warning in done["warnings"])
    for response in (
        client.get(LIST),
        client.get(f"{LIST}/c1"),
        client.get(f"{LIST}/c1/export"),
        client.patch(f"{LIST}/c1", json={"title": "a"}),
        client.delete(f"{LIST}/c1"),
        client.post(FEEDBACK, json={"answer_id": "a", "rating": "up"}),
    ):
        problem = assert_problem(response, 503, "state_unavailable")
        assert words in problem["detail"]
        assert "Retry-After" in response.headers
    checks = client.get("/readyz").get_json()["checks"]
    assert [check["ok"] for check in checks if check["name"] == "state"] == [False]


def test_answers_come_while_the_state_is_damaged(client: FlaskClient, tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"no database at all" * 100)
    assert_answers_without_state(client, "state.db is damaged")
    (tmp_path / "state.db").unlink()
    assert ask(client)["warnings"] == []
    assert len(listed(client)) == 1


def test_answers_come_while_the_state_cannot_be_made(service: FakeService, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    client = create_app(Settings(), service, Database(tmp_path / "file" / "state.db")).test_client()
    assert_answers_without_state(client, "mend the permissions")


def test_answers_come_while_the_state_is_locked(client: FlaskClient, tmp_path: Path) -> None:
    ask(client, conversation_id="c1")
    with closing(sqlite3.connect(tmp_path / "state.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        body = ask(client, conversation_id="c1")
        assert "not kept. state.db is locked" in body["warnings"][0]
        assert_problem(client.delete(f"{LIST}/c1"), 503, "state_unavailable")
        assert listed(client) == ["c1"]
        assert client.get("/readyz").status_code == 503
    time.sleep(FRESH_S)
    assert client.get("/readyz").status_code == 200
    ask(client, conversation_id="c1")
    assert client.get(f"{LIST}/c1").get_json()["question_count"] == 2


def test_an_application_without_state_answers_and_says_so_elsewhere(service: FakeService) -> None:
    client = create_app(Settings(), service).test_client()
    assert ask(client, conversation_id="c1")["warnings"] == []
    assert_problem(client.get(LIST), 503, "state_unavailable")
    assert client.get("/readyz").status_code == 200


def test_an_answer_of_another_form_is_said(client: FlaskClient, state: Database) -> None:
    ask(client, conversation_id="c1")
    with state.writing() as connection:
        connection.execute("UPDATE exchanges SET body_schema = 99")
    problem = assert_problem(client.get(f"{LIST}/c1"), 503, "state_unavailable")
    assert "form 99" in problem["detail"]
    assert listed(client) == ["c1"]
