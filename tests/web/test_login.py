"""The gate: nobody without a key once there is one, the same accounts by key and login, nothing told to guessers."""

import logging
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from qa_service.settings import Settings
from tests.web.access import CAPTAIN, PAGE, House
from tests.web.fake_service import FakeService
from tests.web.problem_checks import assert_problem
from web import create_app, current, sessions

LIST = "/api/v1/articles"
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture
def open_house(tmp_path: Path) -> House:
    return House(tmp_path, keyed=False)


def owner_seen_by(app: Flask, client: FlaskClient, headers: dict[str, str]) -> str:
    seen: list[str] = []
    app.view_functions["api.articles"] = lambda: seen.append(current.owner()) or "ok"
    assert client.get(LIST, headers=headers).status_code == 200
    return seen[0]


def test_without_keys_everybody_on_loopback_is_local(open_house: House) -> None:
    client = open_house.client()
    assert owner_seen_by(open_house.app, client, {"Authorization": "Bearer anything"}) == "local"


def test_an_application_without_state_is_open_on_loopback() -> None:
    assert create_app(Settings(), FakeService()).test_client().get(LIST).status_code == 200


def test_a_key_counts_from_the_moment_it_is_made(open_house: House) -> None:
    client = open_house.client()
    assert client.get(LIST).status_code == 200
    made = open_house.accounts.create("anna")
    assert client.get(LIST).status_code == 401
    assert client.get(LIST, headers={"Authorization": f"Bearer {made.text}"}).status_code == 200
    open_house.accounts.forget(made.text)
    assert client.get(LIST).status_code == 200


def test_a_key_that_is_revoked_stops_at_once(house: House) -> None:
    client, page = house.client(), house.logged_in("anna")
    assert page.get(LIST).status_code == 200
    house.accounts.revoke(house.keys["anna"])
    assert client.get(LIST, headers=house.headers("anna")).status_code == 401
    assert page.get(LIST).status_code == 401


@pytest.mark.parametrize("holder", ["anna", "bert"])
def test_a_request_belongs_to_its_key_s_account(house: House, holder: str) -> None:
    assert owner_seen_by(house.app, house.client(), house.headers(holder)) == holder
    assert owner_seen_by(house.app, house.logged_in(holder), {}) == holder


def test_what_was_asked_by_key_is_there_on_the_page(house: House) -> None:
    conversation_id, _ = house.ask("anna")
    address = f"/api/v1/conversations/{conversation_id}"
    assert house.logged_in("anna").get(address).status_code == 200
    assert house.logged_in("bert").get(address).status_code == 404


def test_nobody_is_told_what_a_key_is_needed_for_and_how_it_is_sent(house: House) -> None:
    response = house.client().get(LIST)
    problem = assert_problem(response, 401, "credentials_missing")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="qa-service"'
    assert "Authorization: Bearer" in problem["detail"]


def test_guessers_learn_nothing(house: House) -> None:
    head, _, _ = house.keys["anna"].rpartition("_")
    texts = []
    for text in (
        house.keys["wrong"],
        house.keys["revoked"],
        house.keys["expired"],
        f"{head}_",
        "qas_000000000000_" + "0" * 64,
        "x",
        "",
    ):
        response = house.client().get(LIST, headers={"Authorization": f"Bearer {text}"})
        problem = assert_problem(response, 401, "credentials_invalid")
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="qa-service", error="invalid_token"'
        texts.append(problem["detail"])
    assert len(set(texts)) == 1


@pytest.mark.parametrize(
    "header", ["Basic YTpi", "Bearer", "bearer", "KEY", "Bearer KEY KEY", "Bearer KEY, Bearer KEY"]
)
def test_other_forms_of_authorization_are_refused(house: House, header: str) -> None:
    sent = {"Authorization": header.replace("KEY", house.keys["anna"])}
    assert_problem(house.client().get(LIST, headers=sent), 401, "credentials_invalid")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_taken_in_any_case(house: House, scheme: str) -> None:
    sent = {"Authorization": f"{scheme} {house.keys['anna']}"}
    assert house.client().get(LIST, headers=sent).status_code == 200


def test_a_wrong_key_is_not_made_good_by_a_login(house: House) -> None:
    page = house.logged_in("anna")
    assert page.get(LIST, headers=house.headers("wrong")).status_code == 401
    assert owner_seen_by(house.app, page, house.headers("bert")) == "bert"


def test_pages_ask_for_a_login_and_lead_back(house: House) -> None:
    client = house.client()
    response = client.get("/articles?source=A%26B&x=%22", headers=PAGE)
    html = response.get_data(as_text=True)
    assert (response.status_code, response.mimetype) == (401, "text/html")
    assert response.headers["WWW-Authenticate"]
    assert 'role="alert"' not in html
    found = re.search(r'name="next" value="([^"]*)"', html)
    assert found
    assert found[1] == "/articles?source=A%26B&amp;x=%22"
    target = found[1].replace("&amp;", "&")
    assert house.log_in(client, f" {house.keys['anna']}\r\n", target).headers["Location"] == target


def test_a_failed_login_says_so_and_keeps_the_way(house: House) -> None:
    response = house.log_in(house.client(), house.keys["wrong"], "/articles")
    html = response.get_data(as_text=True)
    assert response.status_code == 401
    assert "not valid" in html
    assert 'value="/articles"' in html
    assert house.keys["wrong"] not in html
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    "target",
    [
        "",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "evil",
        "/a\nb",
        "/ b",
        "/é",
        "/login",
        "javascript:1",
    ],
)
def test_a_login_leads_to_no_other_site(house: House, target: str) -> None:
    assert house.log_in(house.client(), house.keys["anna"], target).headers["Location"] == "/"
    response = house.client().get("/login", query_string={"next": target}, headers=PAGE)
    assert 'name="next" value="/"' in response.get_data(as_text=True)


@pytest.mark.parametrize(
    "path",
    ["//evil.example/", "/\\evil.example", "/\na", "/\u00e9", "/\udcff", "/articles/%25", "/?", "/" * 9000],
)
def test_the_way_back_is_an_address_of_this_server(house: House, path: str) -> None:
    wire = path.encode("utf-8", "surrogateescape").decode("latin-1")
    html = house.client().get("/", environ_overrides={"PATH_INFO": wire}, headers=PAGE).get_data(as_text=True)
    found = re.search(r'name="next" value="([^"]*)"', html)
    assert found
    assert sessions.safe_target(found[1]) == found[1]


def test_the_cookie_is_out_of_reach(house: House) -> None:
    plain = house.log_in(house.client(), house.keys["anna"]).headers["Set-Cookie"]
    assert plain.startswith("qa_session=")
    for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"):
        assert part in plain
    assert "Secure" not in plain
    assert "Domain" not in plain
    secure = house.log_in(house.client(), house.keys["anna"], base_url="https://localhost").headers[
        "Set-Cookie"
    ]
    assert secure.startswith("__Host-qa_session=")
    assert "Secure" in secure


def test_a_login_under_https_holds(house: House) -> None:
    page = house.logged_in("anna", base_url="https://localhost")
    assert page.get(LIST, base_url="https://localhost").status_code == 200
    assert page.post("/logout", base_url="https://localhost").status_code == 303
    assert page.get(LIST, base_url="https://localhost").status_code == 401


def test_a_new_login_ends_the_one_before(house: House) -> None:
    client = house.logged_in("anna")
    cookie = client.get_cookie("qa_session")
    assert cookie
    assert house.log_in(client, house.keys["bert"]).status_code == 303
    renewed = client.get_cookie("qa_session")
    assert renewed
    assert renewed.value != cookie.value
    client.set_cookie("qa_session", cookie.value)
    assert_problem(client.get(LIST), 401, "session_ended")


def test_a_token_that_another_put_there_is_not_taken_over(house: House) -> None:
    client = house.client()
    client.set_cookie("qa_session", "chosen-by-somebody-else")
    house.log_in(client, house.keys["anna"])
    cookie = client.get_cookie("qa_session")
    assert cookie
    assert cookie.value != "chosen-by-somebody-else"


def test_logging_out_ends_the_session_everywhere(house: House) -> None:
    client = house.logged_in("anna")
    cookie = client.get_cookie("qa_session")
    assert cookie
    response = client.post("/logout", headers=PAGE)
    assert (response.status_code, response.headers["Location"]) == (303, "/login")
    assert response.headers["Clear-Site-Data"] == '"cache"'
    assert client.get_cookie("qa_session") is None
    client.set_cookie("qa_session", cookie.value)
    assert_problem(client.get(LIST), 401, "session_ended")


def test_logging_out_by_key_ends_nothing(house: House) -> None:
    response = house.client().post("/logout", headers=house.headers("anna"))
    assert response.status_code == 303
    assert house.client().get(LIST, headers=house.headers("anna")).status_code == 200


def test_the_login_page_says_who_is_in(house: House) -> None:
    html = house.logged_in("anna").get("/login", headers=PAGE).get_data(as_text=True)
    assert "You are in as anna" in html
    assert 'action="/logout"' in html
    assert 'name="key"' in house.client().get("/login", headers=PAGE).get_data(as_text=True)


def test_where_everybody_is_let_in_there_is_no_login(open_house: House) -> None:
    client = open_house.client()
    assert client.get("/login?next=/articles").headers["Location"] == "/articles"
    assert open_house.log_in(client, "whatever").status_code == 303
    assert client.get_cookie("qa_session") is None


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"key=" + b"x" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"&".join([b"a=b"] * 21), "application/x-www-form-urlencoded", 400),
        (b'{"key": "x"}', "application/json", 415),
        (b"key=x", "multipart/form-data", 415),
        (b"key=x", "text/plain", 403),
        (b"\xff\xfe=%ff&key=%00", "application/x-www-form-urlencoded", 401),
        (b"", "application/x-www-form-urlencoded", 401),
    ],
)
def test_odd_login_bodies(house: House, body: bytes, content_type: str, status: int) -> None:
    assert house.client().post("/login", data=body, content_type=content_type).status_code == status


def test_no_other_site_can_log_somebody_in_or_out(house: House) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site", "Accept": "application/json"}
    response = house.client().post("/login", data={"key": house.keys["anna"]}, headers=foreign)
    assert_problem(response, 403, "cross_site_refused")
    client = house.logged_in("anna")
    assert_problem(client.post("/logout", headers=foreign), 403, "cross_site_refused")
    assert client.get(LIST).status_code == 200


def test_wrong_keys_are_limited_and_right_ones_never_suffer(tmp_path: Path) -> None:
    house = House(tmp_path, Settings(rate_failed_logins=8))
    client = house.client()
    statuses = [client.get(LIST, headers=house.headers("wrong")).status_code for _ in range(4)]
    assert statuses == [401, 401, 429, 429]
    response = client.get(LIST, headers=house.headers("wrong"))
    assert_problem(response, 429, "rate_limited")
    assert 1 <= int(response.headers["Retry-After"]) <= 8
    assert house.log_in(client, house.keys["wrong"]).status_code == 429
    assert client.get(LIST, headers=house.headers("anna")).status_code == 200
    assert house.log_in(client, house.keys["anna"]).status_code == 303
    other = client.get(LIST, headers=house.headers("wrong"), environ_overrides=ELSEWHERE)
    assert other.status_code == 401  # counted by address


def test_requests_are_limited_by_key_and_by_login_alike(tmp_path: Path) -> None:
    house = House(tmp_path, Settings(rate_per_key=8))
    page = house.logged_in("anna")
    assert [page.get(LIST).status_code for _ in range(3)] == [200, 200, 429]
    response = house.client().get(LIST, headers=house.headers("anna"))
    assert_problem(response, 429, "rate_limited")
    assert int(response.headers["Retry-After"]) >= 1
    assert house.client().get(LIST, headers=house.headers("bert")).status_code == 200
    assert page.get("/livez").status_code == 200


def test_requests_are_limited_by_address_but_not_on_loopback(tmp_path: Path) -> None:
    house = House(tmp_path, Settings(rate_per_address=8), keyed=False)
    client = house.client()
    assert {client.get(LIST).status_code for _ in range(20)} == {200}
    statuses = [client.get(LIST, environ_overrides=ELSEWHERE).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    for path in ("/livez", "/readyz", "/static/base.css"):
        with client.get(path, environ_overrides=ELSEWHERE) as response:
            assert response.status_code == 200
    assert client.get(LIST, environ_overrides={"REMOTE_ADDR": "192.0.2.8"}).status_code == 200
    inside = [{"REMOTE_ADDR": f"2001:db8::{number}"} for number in (1, 2, 3)]
    assert [client.get(LIST, environ_overrides=at).status_code for at in inside] == [200, 200, 429]


def test_many_requests_in_a_row_from_loopback_are_no_trouble(open_house: House) -> None:
    client = open_house.client()
    assert {client.get("/nothing").status_code for _ in range(700)} == {404}


def test_keys_are_in_no_log_and_no_error(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = house.client()
    for holder in ("anna", "wrong"):
        client.get(LIST, headers=house.headers(holder))
        house.log_in(client, house.keys[holder])
    cookie = client.get_cookie("qa_session")
    house.service.failure = RuntimeError("boom")
    response = client.post("/api/v1/ask", json={"question": CAPTAIN}, headers=house.headers("anna"))
    assert response.status_code == 500
    assert cookie
    for secret in (house.keys["anna"], house.keys["wrong"], cookie.value):
        assert secret.rpartition("_")[2] not in caplog.text


def test_keys_that_cannot_be_read_let_nobody_in(house: House) -> None:
    page = house.logged_in("anna")
    for path in house.settings.data_dir.glob("state.db*"):
        path.write_bytes(b"x" * 5000)
    for client, headers in ((house.client(), house.headers("anna")), (page, {})):
        problem = assert_problem(client.get(LIST, headers=headers), 503, "state_unavailable")
        assert "state.db" in problem["detail"]
    assert house.client().get(LIST).status_code == 401
    assert house.client().get("/livez").status_code == 200


def test_a_damaged_file_without_keys_stops_no_answer(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"x" * 5000)
    house = House(tmp_path, keyed=False)
    assert house.client().get(LIST).status_code == 200


def test_an_idle_login_ends(tmp_path: Path) -> None:
    settings = Settings(session_idle_h=0.01)
    house = House(tmp_path, settings)
    page = house.logged_in("anna")
    with house.state.writing() as connection:
        connection.execute("UPDATE sessions SET seen_at = '2020-01-01T00:00:00Z'")
    assert_problem(page.get(LIST), 401, "session_ended")


def test_the_gate_costs_little(house: House) -> None:
    """A key is checked in the time of a few plain requests, not of a slow hash."""
    client, headers = house.client(), house.headers("anna")

    def fastest(**sent: object) -> float:
        times = []
        for _ in range(30):
            started = time.perf_counter()
            client.get("/nothing", **sent)  # type: ignore[arg-type]
            times.append(time.perf_counter() - started)
        return min(times)

    assert fastest(headers=headers) < 10 * fastest()


def test_settings_that_open_the_door_must_be_said(tmp_path: Path) -> None:
    settings = replace(Settings(), host="0.0.0.0", open_access=True)
    house = House(tmp_path, settings, keyed=False)
    assert house.client().get(LIST, environ_overrides=ELSEWHERE).status_code == 200
    house.accounts.create("anna")
    assert house.client().get(LIST, environ_overrides=ELSEWHERE).status_code == 401


def test_beyond_loopback_nobody_gets_in_after_the_last_key_is_forgotten(tmp_path: Path) -> None:
    House(tmp_path)
    settings = replace(Settings(rate_failed_logins=0), host="0.0.0.0")
    house = House(tmp_path, settings)
    for key in house.accounts.all_keys():
        house.accounts.forget(key.key_id)
    assert house.client().get(LIST).status_code == 401
