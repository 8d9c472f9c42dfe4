"""Only under its own names can the server be reached: a page whose name was made to point here gets nothing."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from qa_service.settings import Settings
from tests.web.fake_service import FakeService
from tests.web.problem_checks import assert_problem
from web import create_app, hosts
from web.problems import Problem

LIST = "/api/v1/articles"
OWN = [
    "localhost",
    "LOCALHOST",
    "localhost:1",
    "localhost.",
    "127.0.0.1",
    "127.0.0.1:65535",
    "[::1]",
    "[::1]:8000",
]
FOREIGN = [
    "evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "127.0.0.1.nip.io",
    "0.0.0.0",
    "127.0.0.2",
    "127.1",
    "2130706433",
    "[::]",
    "[::ffff:127.0.0.1]",
    "192.0.2.7",
]
BROKEN = [
    "",
    " ",
    "a b",
    "localhost:",
    "localhost:x",
    "localhost:65536",
    "local\thost",
    "[::1",
    "::1",
    "a/b",
    "a@localhost",
]


def client_of(**settings: object) -> FlaskClient:
    return create_app(replace(Settings(), **settings), FakeService()).test_client()  # type: ignore[arg-type]


def status_of(client: FlaskClient, host: str) -> int:
    return client.get(LIST, environ_overrides={"HTTP_HOST": host}).status_code


@pytest.mark.parametrize("host", OWN)
def test_on_loopback_the_server_is_called_by_its_names(host: str) -> None:
    assert status_of(client_of(), host) == 200


@pytest.mark.parametrize("host", FOREIGN)
def test_on_loopback_other_names_are_misdirected(host: str) -> None:
    response = client_of().get(LIST, environ_overrides={"HTTP_HOST": host})
    assert_problem(response, 421, "host_not_allowed")


@pytest.mark.parametrize("host", BROKEN)
def test_what_names_no_host_is_malformed(host: str) -> None:
    response = client_of(allowed_hosts="*").get(LIST, environ_overrides={"HTTP_HOST": host})
    assert_problem(response, 400, "malformed_host")


@pytest.mark.parametrize("path", ["/", "/livez", "/static/base.css", "/login", "/nothing"])
def test_no_address_is_exempt(path: str) -> None:
    with client_of().get(path, environ_overrides={"HTTP_HOST": "evil.example"}) as response:
        assert response.status_code == 421


def test_a_request_without_a_host_is_malformed() -> None:
    client = client_of()
    environ = client.application.test_client().get(LIST).request.environ
    del environ["HTTP_HOST"]
    with client.application.request_context(environ), pytest.raises(Problem) as caught:
        client.application.preprocess_request()
    assert (caught.value.status, caught.value.code) == (400, "malformed_host")


def test_names_can_be_allowed() -> None:
    client = client_of(allowed_hosts="archive.example, News.Example.")
    for host in ("archive.example", "ARCHIVE.example:8000", "news.example", "localhost"):
        assert status_of(client, host) == 200
    for host in ("evil.example", "a.archive.example", "archive.example.evil.example"):
        assert status_of(client, host) == 421
    assert status_of(client_of(allowed_hosts="*"), "evil.example") == 200


def test_beyond_loopback_addresses_are_names_too_since_rebinding_needs_a_word() -> None:
    client = client_of(host="0.0.0.0", open_access=True)
    for host in ("192.0.2.7:8000", "[2001:db8::1]", "localhost", "127.0.0.1"):
        assert status_of(client, host) == 200
    assert status_of(client, "evil.example") == 421


@given(st.text(max_size=300))
def test_any_header_names_a_host_or_is_malformed(text: str) -> None:
    try:
        name = hosts.named_host(text)
    except Problem as problem:
        status = problem.status
    else:
        status = 200 if name == name.lower() and name.isascii() else 0
    assert status in (200, 400)


def test_a_long_header_is_read_quickly_and_told_shortly() -> None:
    with pytest.raises(Problem) as caught:
        hosts.named_host("a." * 50_000)
    assert len(caught.value.detail) < 300
