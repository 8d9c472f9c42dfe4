"""No address lets another site's page write: every writing route, with every sender that browsers name."""

import pytest
from flask.testing import FlaskClient

from qa_service.settings import Settings
from tests.web.fake_service import FakeService
from tests.web.problem_checks import assert_problem
from web import create_app

SAFE = {"GET", "HEAD", "OPTIONS"}
APP = create_app(Settings(), FakeService())
WRITES = sorted(
    (method, rule.rule) for rule in APP.url_map.iter_rules() for method in (rule.methods or set()) - SAFE
)
OWN = [
    {},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://localhost"},
    {"Origin": "https://localhost"},
    {"Origin": "HTTP://LOCALHOST"},
]
FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": ""},
    {"Sec-Fetch-Site": "Same-Origin"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "localhost"},
    {"Origin": "http://localhost:81"},
    {"Origin": "http://localhost:8000"},
    {"Origin": "http://user@localhost"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "file://localhost"},
    {"Origin": "http://["},
    {"Origin": "http://localhost, http://evil.example"},
]
JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return APP.test_client()


def address(rule: str) -> str:
    return "/".join("x" if part.startswith("<") else part for part in rule.split("/"))


def test_there_is_something_to_guard() -> None:
    assert ("POST", "/api/v1/ask") in WRITES
    assert ("POST", "/login") in WRITES


@pytest.mark.parametrize(("method", "rule"), WRITES)
def test_other_sites_write_nowhere(client: FlaskClient, method: str, rule: str) -> None:
    for sender in FOREIGN:
        response = client.open(address(rule), method=method, headers={**JSON, **sender}, json={})
        assert_problem(response, 403, "cross_site_refused")


@pytest.mark.parametrize(("method", "rule"), WRITES)
def test_plain_text_is_written_nowhere(client: FlaskClient, method: str, rule: str) -> None:
    for kind in ("text/plain", "text/plain;charset=UTF-8", "TEXT/PLAIN; x=1"):
        for sender in OWN:
            response = client.open(
                address(rule),
                method=method,
                data=b'{"question": "x"}',
                content_type=kind,
                headers={**JSON, **sender},
            )
            assert_problem(response, 403, "plain_text_refused")


@pytest.mark.parametrize(("method", "rule"), WRITES)
def test_our_own_pages_and_programs_may_write(client: FlaskClient, method: str, rule: str) -> None:
    for sender in OWN:
        response = client.open(address(rule), method=method, headers={**JSON, **sender}, json={})
        assert response.status_code not in (403, 421)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "BREW"])
def test_addresses_that_do_not_exist_are_guarded_too(client: FlaskClient, method: str) -> None:
    headers = {**JSON, "Sec-Fetch-Site": "cross-site"}
    assert_problem(client.open("/nothing", method=method, headers=headers), 403, "cross_site_refused")


@pytest.mark.parametrize("sender", FOREIGN)
def test_links_of_other_sites_may_lead_here(client: FlaskClient, sender: dict[str, str]) -> None:
    assert client.get("/api/v1/articles", headers=sender).status_code == 200


@pytest.mark.parametrize(
    ("host", "origin", "own"),
    [
        ("localhost:8000", "http://localhost:8000", True),
        ("localhost:8000", "http://localhost", False),
        ("localhost:80", "http://localhost", True),
        ("localhost:443", "https://localhost", True),
        ("localhost:443", "http://localhost", False),
        ("127.0.0.1:8000", "http://localhost:8000", False),
        ("[::1]:8000", "http://[::1]:8000", True),
    ],
)
def test_the_port_belongs_to_the_origin(client: FlaskClient, host: str, origin: str, own: bool) -> None:
    headers = {**JSON, "Host": host, "Origin": origin}
    response = client.post("/api/v1/ask", json={"question": "ferry"}, headers=headers)
    assert response.status_code == (200 if own else 403)


READS = [
    "/",
    "/?q=ferry",
    "/api/v1/search?q=ferry",
    "/api/v1/articles",
    "/articles",
    "/livez",
]


@pytest.mark.parametrize("url", READS)
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_pages_of_other_sites_can_link_but_not_load(client: FlaskClient, url: str, site: str) -> None:
    link = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert client.get(url, headers=link).status_code == 200
    for mode, dest in (
        ("no-cors", "image"),
        ("cors", "empty"),
        ("navigate", "iframe"),
        ("navigate", "object"),
    ):
        loaded = {**JSON, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
        assert_problem(client.get(url, headers=loaded), 403, "cross_site_refused")
        own = loaded | {"Sec-Fetch-Site": "same-origin"}
        assert client.get(url, headers=own).status_code == 200
