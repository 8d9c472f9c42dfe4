"""What holds for every address: problems, pages for people, headers, other sites, request ids, the log."""

import logging
import re

import pytest
from flask.testing import FlaskClient

from tests.web.fake_service import FakeService
from tests.web.problem_checks import assert_problem

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_unknown_addresses_are_told_in_the_visitor_s_form(client: FlaskClient) -> None:
    assert_problem(client.get("/api/v2/ask"), 404, "not_found")
    assert_problem(client.get("/nowhere", headers={"Accept": "application/json"}), 404, "not_found")
    page = client.get("/nowhere", headers=BROWSER)
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert page.headers["X-Request-ID"] in page.get_data(as_text=True)


def test_other_methods_are_405_with_allow(client: FlaskClient) -> None:
    response = client.get("/api/v1/ask")
    assert_problem(response, 405, "method_not_allowed")
    assert "POST" in response.headers["Allow"]
    assert client.delete("/articles", headers=BROWSER).status_code == 405


ODD_PATHS = [
    "/%ff",
    "/%ed%a0%80",
    "/articles/%ed%a0%80",
    "/articles/%00",
    "/?q=%ed%a0%80&h=%ff",
    "/?%ff=%fe",
    "//",
    "///articles//",
    "/static/../web/wsgi.py",
    "/static/%2e%2e/wsgi.py",
    "/static/%00",
    "/articles/",
    "/api/v1/articles/",
    "/?q=%",
    "/?q=%zz",
    "/livez/",
    "/articles?cursor=%ed%a0%80",
    "/api/v1/search?q=%ed%a0%80",
    "/{{7*7}}",
    "/?q={{7*7}}",
]


@pytest.mark.parametrize("path", ODD_PATHS)
def test_odd_addresses_never_break_the_server(client: FlaskClient, path: str) -> None:
    for accept in ("text/html", "application/json"):
        with client.get(path, headers={"Accept": accept}) as response:
            assert response.status_code < 500


def test_people_s_text_is_no_template(client: FlaskClient) -> None:
    assert "{{7*7}}" in client.get("/?q={{7*7}}+ferry").get_data(as_text=True)


def test_liveness_needs_nothing(client: FlaskClient, service: FakeService) -> None:
    service.missing = True
    assert client.get("/livez").get_json() == {"status": "alive"}


def test_readiness_lists_its_checks(client: FlaskClient, service: FakeService) -> None:
    ready = client.get("/readyz").get_json()
    assert ready["status"] == "ready"
    assert [check["name"] for check in ready["checks"]] == ["encoder", "index"]
    service.missing = True
    response = client.get("/readyz")
    problem = assert_problem(response, 503, "not_ready")
    assert [check["ok"] for check in problem["checks"]] == [True, False]
    assert "reindex" in problem["detail"]
    assert "Retry-After" in response.headers


def test_pages_carry_the_strict_policy(client: FlaskClient) -> None:
    first, second = client.get("/"), client.get("/")
    policy = first.headers["Content-Security-Policy"]
    for directive in (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    ):
        assert directive in policy
    assert "unsafe" not in policy
    nonce = re.search(r"script-src 'nonce-([\w-]+)'", policy)
    assert nonce
    assert f'nonce="{nonce[1]}"' in first.get_data(as_text=True)
    assert nonce[1] not in second.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["/", "/articles", "/api/v1/articles", "/nowhere", "/static/chat.js", "/livez"]
)
def test_every_response_carries_the_security_headers(client: FlaskClient, path: str) -> None:
    with client.get(path) as response:  # closes the file that a static response holds
        headers = response.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in headers["Content-Security-Policy"]


SENDERS = [
    ({}, True),
    ({"Sec-Fetch-Site": "same-origin"}, True),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
    ({"Sec-Fetch-Site": "none"}, True),
    ({"Origin": "http://localhost"}, True),
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, False),
    ({"Origin": "null"}, False),
    ({"Origin": "http://localhost:81"}, False),
    ({"Origin": "https://evil.example"}, False),
    ({"Origin": "http://localhost.evil.example"}, False),
    ({"Origin": "http://["}, False),
]


@pytest.mark.parametrize(("headers", "passes"), SENDERS)
def test_only_our_own_pages_and_programs_may_write(
    client: FlaskClient, service: FakeService, headers: dict[str, str], passes: bool
) -> None:
    response = client.post("/api/v1/ask", json={"question": "captain of the ferry"}, headers=headers)
    if passes:
        assert response.status_code == 200
    else:
        assert_problem(response, 403, "cross_site_refused")
        assert service.questions == []


def test_reading_from_another_site_s_link_is_fine(client: FlaskClient) -> None:
    assert client.get("/?q=ferry", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.parametrize(
    ("given", "kept"),
    [("abc-1.2_X", True), ("", False), ("a" * 65, False), ("a b", False), ("é", False), ("a\u0661", False)],
)
def test_plain_request_ids_are_kept(client: FlaskClient, given: str, kept: bool) -> None:
    environ = {"HTTP_X_REQUEST_ID": given.encode().decode("latin-1")}
    answered = client.get("/livez", environ_overrides=environ).headers["X-Request-ID"]
    assert (answered == given) is kept
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", answered)


def test_the_log_names_the_request_and_not_the_question(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="web")
    client.get("/?q=secretword", headers={"X-Request-ID": "r-1"})
    client.post("/api/v1/ask", json={"question": "secretword"})
    client.get("/a%0Ab")
    lines = [record.getMessage() for record in caplog.records if record.name == "web.access"]
    assert lines[0].startswith("GET / 200 ")
    assert "request_id=r-1" in lines[0]
    assert lines[1].startswith("POST /api/v1/ask 200 ")
    assert lines[2].startswith("GET /a%0Ab 404 ")
    assert "secretword" not in caplog.text


def test_unforeseen_errors_are_logged_with_their_request(
    client: FlaskClient, service: FakeService, caplog: pytest.LogCaptureFixture
) -> None:
    service.failure = RuntimeError("boom")
    page = client.get("/?q=ferry", headers=BROWSER)
    assert page.status_code == 500
    assert "boom" not in page.get_data(as_text=True)
    assert f"request_id={page.headers['X-Request-ID']}" in caplog.text
    assert "boom" in caplog.text
