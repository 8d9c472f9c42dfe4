"""Headers of proxies are believed from trusted ones alone; a false word about who signed in is refused."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from qa_service.errors import InvalidSetting
from qa_service.settings import Settings
from tests.web.access import House
from tests.web.problem_checks import assert_problem
from web.proxies import Proxies, is_loopback, limit_name

PLAIN = Flask(__name__)
LIST = "/api/v1/conversations"
PROXY, ELSEWHERE = {"REMOTE_ADDR": "10.0.0.5"}, {"REMOTE_ADDR": "192.0.2.7"}
SSO = Settings(
    trusted_proxies="10.0.0.5, 10.1.0.0/16, 2001:db8::/32",
    sso_header="X-Remote-User",
    rate_failed_logins=0,
)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path, SSO)


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),
        ("10.0.0.5", None, "10.0.0.5"),
        ("10.0.0.5", "198.51.100.1", "198.51.100.1"),
        ("::ffff:10.0.0.5", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "127.0.0.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "198.51.100.1, 10.1.2.3", "198.51.100.1"),
        ("10.0.0.5", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.5", "[2001:dead::1]:4711", "2001:dead::1"),
        ("2001:db8::5", "::ffff:198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "10.1.2.3", "10.1.2.3"),
        ("10.0.0.5", "unknown", "10.0.0.5"),
        ("10.0.0.5", "198.51.100.1, unknown", "10.0.0.5"),
        ("10.0.0.5", "", "10.0.0.5"),
        ("", "198.51.100.1", ""),
    ],
)
def test_the_client_is_whom_trusted_proxies_name(
    house: House, peer: str, forwarded: str | None, client: str
) -> None:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    with house.app.test_request_context(headers=headers, environ_overrides={"REMOTE_ADDR": peer}):
        assert Proxies.from_settings(SSO).client_address() == client


@given(st.text(alphabet=st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=80))
def test_no_header_breaks_the_reading(text: str) -> None:
    with PLAIN.test_request_context(headers={"X-Forwarded-For": text}, environ_overrides=PROXY):
        assert Proxies.from_settings(SSO).client_address()
        assert limit_name(text) or not text


@pytest.mark.parametrize(
    ("environ", "headers", "secure"),
    [
        (PROXY, {"X-Forwarded-Proto": "https"}, True),
        (PROXY, {"X-Forwarded-Proto": "http, HTTPS"}, True),
        (PROXY, {"X-Forwarded-Proto": "https, http"}, False),
        (PROXY, {}, False),
        (ELSEWHERE, {"X-Forwarded-Proto": "https"}, False),
        (ELSEWHERE | {"wsgi.url_scheme": "https"}, {}, True),
        (PROXY | {"wsgi.url_scheme": "https"}, {}, True),
    ],
)
def test_https_is_what_the_visitor_came_by(
    house: House, environ: dict[str, str], headers: dict[str, str], secure: bool
) -> None:
    with house.app.test_request_context(headers=headers, environ_overrides=environ):
        assert Proxies.from_settings(SSO).is_secure() is secure


def test_a_cookie_behind_a_secure_proxy_is_secure(house: House) -> None:
    response = house.client().post(
        "/login",
        data={"key": house.keys["anna"]},
        headers={"X-Forwarded-Proto": "https"},
        environ_overrides=PROXY,
    )
    assert response.headers["Set-Cookie"].startswith("__Host-qa_session=")
    assert "Secure" in response.headers["Set-Cookie"]


def test_links_of_an_export_lead_where_the_visitor_is(house: House) -> None:
    conversation_id, _ = house.ask("anna")
    sent = {"Authorization": f"Bearer {house.keys['anna']}"}
    for proto in ("https", "http"):
        text = (
            house.client()
            .get(
                f"{LIST}/{conversation_id}/export",
                headers=sent | {"X-Forwarded-Proto": proto},
                environ_overrides=PROXY,
            )
            .get_data(as_text=True)
        )
        assert f"<{proto}://localhost/articles/" in text


@pytest.mark.parametrize("name", ["carla", "carla@example.org", "CORP\\carla", "Žofie Ďuricová"])
def test_whom_a_trusted_proxy_names_is_in(house: House, name: str) -> None:
    sent = {"X-Remote-User": name.encode().decode("latin-1")}
    client = house.client()
    asked = client.post("/api/v1/ask", json={"question": "ferry"}, headers=sent, environ_overrides=PROXY)
    found = client.get(LIST, headers=sent, environ_overrides=PROXY)
    assert [item["id"] for item in found.get_json()["data"]] == [asked.get_json()["conversation_id"]]
    other = client.get(LIST, headers={"X-Remote-User": "dora"}, environ_overrides=PROXY)
    assert other.get_json()["data"] == []


def test_a_signed_in_person_and_a_key_of_the_same_name_are_one_account(house: House) -> None:
    conversation_id, _ = house.ask("anna")
    found = house.client().get(LIST, headers={"X-Remote-User": "anna"}, environ_overrides=PROXY)
    assert [item["id"] for item in found.get_json()["data"]] == [conversation_id]


@pytest.mark.parametrize("sent", ["X-Remote-User", "x-remote-user", "X_Remote_User"])
@pytest.mark.parametrize("holder", ["nobody", "anna"])
def test_the_same_word_from_elsewhere_is_refused(house: House, sent: str, holder: str) -> None:
    headers = {sent: "anna", **house.headers(holder)}
    response = house.client().get(LIST, headers=headers, environ_overrides=ELSEWHERE)
    assert_problem(response, 403, "untrusted_proxy")
    empty = house.client().get(LIST, headers={sent: ""}, environ_overrides=ELSEWHERE)
    assert_problem(empty, 403, "untrusted_proxy")


def test_being_named_by_a_proxy_before_the_trusted_one_is_no_way_round(house: House) -> None:
    headers = {"X-Remote-User": "anna", "X-Forwarded-For": "10.0.0.5"}
    response = house.client().get(LIST, headers=headers, environ_overrides=ELSEWHERE)
    assert_problem(response, 403, "untrusted_proxy")


@pytest.mark.parametrize("name", ["local", " local ", "a,b", "anna,bert", "\xff\xfe", "a" * 101, "\x01"])
def test_names_that_no_signed_in_person_has(house: House, name: str) -> None:
    response = house.client().get(LIST, headers={"X-Remote-User": name}, environ_overrides=PROXY)
    assert_problem(response, 403, "account_not_allowed")


def test_whom_the_proxy_does_not_name_needs_a_key(house: House) -> None:
    client = house.client()
    for headers in ({}, {"X-Remote-User": ""}):
        assert_problem(client.get(LIST, headers=headers, environ_overrides=PROXY), 401, "credentials_missing")
    assert client.get(LIST, headers=house.headers("anna"), environ_overrides=PROXY).status_code == 200


def test_a_proxy_may_use_authorization_for_itself(house: House) -> None:
    headers = {"X-Remote-User": "carla", "Authorization": "Basic Y2FybGE6eA=="}
    assert house.client().get(LIST, headers=headers, environ_overrides=PROXY).status_code == 200


def test_single_sign_on_closes_the_open_door(tmp_path: Path) -> None:
    house = House(tmp_path, SSO, keyed=False)
    assert_problem(house.client().get(LIST), 401, "credentials_missing")
    served = House(tmp_path / "b", replace(SSO, host="0.0.0.0"), keyed=False)  # and is reason enough to serve
    assert served.client().get(LIST).status_code == 401


def test_without_the_setting_the_header_means_nothing(tmp_path: Path) -> None:
    house = House(tmp_path, Settings(trusted_proxies="10.0.0.5"))
    headers = {"X-Remote-User": "anna"}
    for environ in (PROXY, ELSEWHERE):
        response = house.client().get(LIST, headers=headers, environ_overrides=environ)
        assert_problem(response, 401, "credentials_missing")


def test_people_behind_a_proxy_are_limited_each_for_themselves(tmp_path: Path) -> None:
    house = House(
        tmp_path, Settings(rate_per_address=8, trusted_proxies="127.0.0.1", open_access=True), keyed=False
    )

    def statuses(address: str) -> list[int]:
        headers = {"X-Forwarded-For": address}
        return [house.client().get("/api/v1/articles", headers=headers).status_code for _ in range(3)]

    assert statuses("198.51.100.1") == [200, 200, 429]
    assert statuses("198.51.100.2") == [200, 200, 429]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"trusted_proxies": "proxy.example"}, "QA_TRUSTED_PROXIES"),
        ({"trusted_proxies": "10.0.0.5;10.0.0.6"}, "QA_TRUSTED_PROXIES"),
        ({"sso_header": "X-Remote-User"}, "QA_TRUSTED_PROXIES"),
        ({"sso_header": "X Remote", "trusted_proxies": "10.0.0.5"}, "QA_SSO_HEADER"),
        ({"sso_header": "authorization", "trusted_proxies": "10.0.0.5"}, "QA_SSO_HEADER"),
        ({"sso_header": "X-Forwarded-For", "trusted_proxies": "10.0.0.5"}, "QA_SSO_HEADER"),
    ],
)
def test_settings_that_do_not_fit_are_named(given: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidSetting, match=said):
        Proxies.from_settings(replace(Settings(), **given))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("somewhere", "somewhere"),
    ],
)
def test_addresses_are_counted_by_who_can_have_them(address: str, name: str) -> None:
    assert limit_name(address) == name


def test_loopback_is_told_in_every_dress() -> None:
    for address in ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"):
        assert is_loopback(address)
    for address in ("0.0.0.0", "::", "192.0.2.7", "", "localhost", "::ffff:192.0.2.7"):
        assert not is_loopback(address)
