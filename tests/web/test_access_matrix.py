"""Every address and method, made from the URL map, by six visitors: who gets in, and whose things are whose.

An address that is missing here fails: whoever adds one says what it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from qa_service.settings import Settings
from tests.web.access import CAPTAIN, PAGE, House
from tests.web.fake_service import FakeService
from tests.web.problem_checks import assert_problem
from web import create_app
from web.accounts import PUBLIC

STRANGERS = ("nobody", "wrong", "revoked", "expired")


@dataclass(frozen=True)
class Entry:
    """What one address with one method is.

    Attributes:
        kind: `public` is for everybody, `shared` for everybody with a key, `own` for the owner alone; a
            `list` is for everybody with a key, and shows each their own.
        path: what is asked for; `{conversation}` and `{answer}` are anna's.
        status: of the answer to whoever may; somebody else gets 404.
    """

    kind: Literal["public", "shared", "own", "list"]
    path: str
    status: int = 200
    sent: dict[str, Any] = field(default_factory=dict)


MATRIX: dict[tuple[str, str], Entry] = {
    ("GET", "/static/<path:filename>"): Entry("public", "/static/base.css"),
    ("GET", "/livez"): Entry("public", "/livez"),
    ("GET", "/readyz"): Entry("public", "/readyz"),
    ("GET", "/openapi.json"): Entry("public", "/openapi.json"),
    ("GET", "/login"): Entry("public", "/login"),
    ("POST", "/login"): Entry("public", "/login", 401, {"data": {"key": "none"}}),
    ("POST", "/logout"): Entry("shared", "/logout", 303),
    ("GET", "/metrics"): Entry("shared", "/metrics"),
    ("POST", "/api/v1/ask"): Entry(  # whose conversation it is not begins one of their own under its id
        "shared",
        "/api/v1/ask",
        sent={"json": {"question": "Who is aboard?", "conversation_id": "{conversation}"}},
    ),
    ("GET", "/api/v1/search"): Entry("shared", "/api/v1/search?q=ferry"),
    ("GET", "/api/v1/articles"): Entry("shared", "/api/v1/articles"),
    ("GET", "/api/v1/facets"): Entry("shared", "/api/v1/facets"),
    ("GET", "/api/v1/articles/<article_id:article_id>"): Entry("shared", "/api/v1/articles/ferry-3"),
    ("GET", "/api/v1/conversations"): Entry("list", "/api/v1/conversations"),
    ("GET", "/api/v1/conversations/<conversation_id>"): Entry("own", "/api/v1/conversations/{conversation}"),
    ("PATCH", "/api/v1/conversations/<conversation_id>"): Entry(
        "own", "/api/v1/conversations/{conversation}", sent={"json": {"title": "Another title"}}
    ),
    ("DELETE", "/api/v1/conversations/<conversation_id>"): Entry(
        "own", "/api/v1/conversations/{conversation}", 204
    ),
    ("GET", "/api/v1/conversations/<conversation_id>/export"): Entry(
        "own", "/api/v1/conversations/{conversation}/export"
    ),
    ("POST", "/api/v1/feedback"): Entry(
        "own", "/api/v1/feedback", 201, {"json": {"answer_id": "{answer}", "rating": "up"}}
    ),
    ("GET", "/"): Entry("shared", "/?q=ferry"),
    ("GET", "/articles"): Entry("shared", "/articles"),
    ("GET", "/articles/<article_id:article_id>"): Entry("shared", "/articles/ferry-3"),
    ("GET", "/conversations"): Entry("list", "/conversations"),
    ("POST", "/conversations"): Entry(  # whose conversation it is not gets one of their own
        "shared", "/conversations", 303, {"data": {"page": "/?q=Who+is+aboard&c={conversation}"}}
    ),
    ("GET", "/c/<conversation_id>"): Entry("own", "/c/{conversation}"),
    ("POST", "/c/<conversation_id>/title"): Entry(
        "own", "/c/{conversation}/title", 303, {"data": {"title": "Another title"}}
    ),
    ("POST", "/c/<conversation_id>/delete"): Entry("own", "/c/{conversation}/delete", 303),
}
RULES = list(create_app(Settings(), FakeService()).url_map.iter_rules())
ROUTES = sorted(
    (method, rule.rule) for rule in RULES for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("house"), Settings(rate_failed_logins=0, rate_per_key=0))
    yield house
    house.state.close()


def filled(value: Any, ids: dict[str, str]) -> Any:
    """Put anna's ids where `value` names them."""
    if isinstance(value, dict):
        return {name: filled(part, ids) for name, part in value.items()}
    return value.format(**ids) if isinstance(value, str) else value


class Attempt:
    """One address of a conversation that anna has just begun, asked for by whomever."""

    def __init__(self, house: House, method: str, entry: Entry) -> None:
        self._house, self._method = house, method
        conversation, answer = house.ask("anna")
        ids = {"conversation": conversation, "answer": answer}
        self.conversation_id = conversation
        self._path, self._sent = filled(entry.path, ids), filled(entry.sent, ids)

    def by(self, holder: str, method: str | None = None) -> TestResponse:
        """Ask with `holder`'s key."""
        return self._open(self._house.client(), self._house.headers(holder), method)

    def by_login(self, holder: str) -> TestResponse:
        """Ask from the page, logged in as `holder`."""
        return self._open(self._house.logged_in(holder), {}, None)

    def title(self) -> str | None:
        """Return the conversation's title as anna sees it, None when it is gone."""
        address = f"/api/v1/conversations/{self.conversation_id}"
        found = self._house.client().get(address, headers=self._house.headers("anna"))
        return str(found.get_json()["title"]) if found.status_code == 200 else None

    def _open(self, client: FlaskClient, headers: dict[str, str], method: str | None) -> TestResponse:
        accept = {} if self._path.startswith("/api") else PAGE
        return client.open(
            self._path,
            method=method or self._method,
            headers={**accept, **headers},
            buffered=True,
            **self._sent,
        )


def test_the_matrix_knows_every_route_and_no_other() -> None:
    assert sorted(MATRIX) == ROUTES


def test_nothing_is_public_but_what_is_said_to_be() -> None:
    assert {rule for (_, rule), entry in MATRIX.items() if entry.kind == "public"} == PUBLIC


@pytest.mark.parametrize(("method", "rule"), ROUTES)
@pytest.mark.parametrize("holder", STRANGERS)
def test_who_has_no_good_key_gets_nothing(house: House, method: str, rule: str, holder: str) -> None:
    entry = MATRIX[method, rule]
    attempt = Attempt(house, method, entry)
    title = attempt.title()
    response = attempt.by(holder)
    if entry.kind == "public":
        assert response.status_code == entry.status
        return
    assert response.status_code == 401
    challenge = 'Bearer realm="qa-service"' + ("" if holder == "nobody" else ', error="invalid_token"')
    assert response.headers["WWW-Authenticate"] == challenge
    assert title is not None
    assert title not in response.get_data(as_text=True)
    assert attempt.title() == title
    if response.mimetype != "text/html":
        code = "credentials_missing" if holder == "nobody" else "credentials_invalid"
        assert_problem(response, 401, code)


@pytest.mark.parametrize(("method", "rule"), ROUTES)
@pytest.mark.parametrize("way", ["by", "by_login"])
def test_what_is_another_s_is_not_found_and_what_is_one_s_own_is(
    house: House, method: str, rule: str, way: str
) -> None:
    entry = MATRIX[method, rule]
    attempt = Attempt(house, method, entry)
    title = attempt.title()
    assert title is not None
    stranger = getattr(attempt, way)("bert")
    assert stranger.status_code == (404 if entry.kind == "own" else entry.status)
    if entry.kind in ("own", "list"):
        assert title not in stranger.get_data(as_text=True)
    assert attempt.title() == title
    owner = getattr(attempt, way)("anna")
    assert owner.status_code == entry.status
    if entry.kind == "list":
        assert attempt.conversation_id not in stranger.get_data(as_text=True)
        assert attempt.conversation_id in owner.get_data(as_text=True)


@pytest.mark.parametrize(("method", "rule"), ROUTES)
def test_other_methods_are_no_way_in(house: House, method: str, rule: str) -> None:
    entry = MATRIX[method, rule]
    attempt = Attempt(house, method, entry)
    for other in ("HEAD", "OPTIONS", "PUT", "BREW"):
        response = attempt.by("nobody", other)
        known = entry.kind == "public" and other in ("HEAD", "OPTIONS")
        assert (response.status_code == 401) is not known
        assert "Allow" not in response.headers or known


@pytest.mark.parametrize("path", ["/nothing", "/api/v1/nothing", "/livez/", "/login/x", "/Login", "/static"])
def test_addresses_that_do_not_exist_are_behind_the_gate_too(house: House, path: str) -> None:
    environ = {"PATH_INFO": path}
    assert house.client().get("/", environ_overrides=environ).status_code == 401
    response = house.client().get("/", environ_overrides=environ, headers=house.headers("anna"))
    assert response.status_code == 404


def test_a_conversation_named_in_the_chat_page_s_address_is_its_owner_s(house: House) -> None:
    conversation, _ = house.ask("anna")
    query = {"q": CAPTAIN, "c": conversation}
    seen = house.logged_in("bert").get("/", query_string=query, headers=PAGE)
    mine = house.logged_in("anna").get("/", query_string=query, headers=PAGE)
    assert mine.status_code == 200
    assert f"/c/{conversation}" not in seen.get_data(as_text=True)


def test_a_vote_on_another_s_answer_changes_nothing(house: House) -> None:
    conversation, answer = house.ask("anna")
    body = {"answer_id": answer, "rating": "down", "note": "not mine"}
    response = house.client().post("/api/v1/feedback", json=body, headers=house.headers("bert"))
    assert_problem(response, 404, "answer_not_found")
    found = house.client().get(f"/api/v1/conversations/{conversation}", headers=house.headers("anna"))
    assert found.get_json()["feedback"] == []


def test_a_search_finds_one_s_own_only(house: House) -> None:
    house.ask("anna")
    for path in ("/api/v1/conversations", "/conversations"):
        found = house.logged_in("bert").get(path, query_string={"q": "captain"}, headers=PAGE)
        assert CAPTAIN not in found.get_data(as_text=True)


def test_a_cursor_of_another_s_list_is_refused(house: House) -> None:
    for _ in range(2):
        house.ask("anna")
    path, query = "/api/v1/conversations", {"limit": 1}
    page = house.client().get(path, query_string=query, headers=house.headers("anna")).get_json()
    query["cursor"] = page["next_cursor"]
    response = house.client().get(path, query_string=query, headers=house.headers("bert"))
    assert_problem(response, 400, "stale_cursor")


def test_what_was_local_stays_with_the_account_of_that_name(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("opened")
    before = House(folder, keyed=False)
    conversation, _ = before.ask("nobody")
    key = before.accounts.create("local").text
    other = before.accounts.create("anna").text
    address = f"/api/v1/conversations/{conversation}"
    statuses = [
        before.client().get(address, headers={"Authorization": f"Bearer {text}"}).status_code
        for text in (key, other)
    ]
    assert statuses == [200, 404]
