"""Log lines: text or JSON, one line each, with the request's id and without what people ask."""

import io
import json
import logging
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from qa_service.settings import Settings
from tests.web.fake_service import FakeService
from web import create_app, logs

ASK = "/api/v1/ask"


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root, hook = logging.getLogger(), threading.excepthook
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in ("web", "qa_service")}
    root.handlers[:] = []  # pytest's own would be closed
    yield
    logging.captureWarnings(False)
    root.handlers[:], threading.excepthook = handlers, hook
    root.setLevel(level)
    for name, was in levels.items():
        logging.getLogger(name).setLevel(was)


def configured(service: FakeService, **given: Any) -> tuple[FlaskClient, Callable[[], list[str]]]:
    """Return a client and what gives the lines logged so far."""
    settings, stream = Settings(**given), io.StringIO()
    logs.configure(settings, stream)
    return create_app(settings, service).test_client(), lambda: stream.getvalue().splitlines()


def test_json_lines_name_the_request(service: FakeService) -> None:
    client, lines = configured(service, log_format="json")
    response = client.post(ASK, json={"question": "secretword?"}, headers={"X-Request-ID": "r-1"})
    (line,) = map(json.loads, lines())
    assert line["request_id"] == response.headers["X-Request-ID"] == "r-1"
    assert (line["level"], line["logger"]) == ("INFO", "web.access")
    assert (line["method"], line["path"], line["status"]) == ("POST", ASK, 200)
    assert line["ms"] >= 0
    assert line["time"].endswith("+00:00")
    assert "secretword" not in str(line)


def test_errors_carry_their_traceback_on_the_same_line(service: FakeService) -> None:
    client, lines = configured(service, log_format="json")
    service.failure = RuntimeError("boom")
    client.post(ASK, json={"question": "ferry"}, headers={"X-Request-ID": "r-2"})
    failed, _ = map(json.loads, lines())
    assert failed["request_id"] == "r-2"
    assert failed["exception"].endswith("RuntimeError: boom")


def test_a_stream_s_own_thread_names_the_request_too(service: FakeService) -> None:
    client, lines = configured(service, log_format="json", log_level="DEBUG")
    found = service.ask

    def ask(question):
        logging.getLogger("qa_service").debug("looking")
        return found(question)

    service.ask = ask
    client.post(ASK, json={"question": "ferry", "stream": True}, headers={"X-Request-ID": "r-3"}).get_data()
    looked = [json.loads(line) for line in lines() if "looking" in line]
    assert [line["request_id"] for line in looked] == ["r-3"]


@pytest.mark.parametrize("form", ["text", "json"])
def test_other_libraries_speak_in_the_same_form(service: FakeService, form: str) -> None:
    _, lines = configured(service, log_format=form)
    logging.getLogger("waitress").warning("some\nthing\x1b[31m")
    logging.getLogger("waitress").info("chatter")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    thread = threading.Thread(target=lambda: 1 / 0, name="worker")
    thread.start()
    thread.join()
    if form == "json":
        parsed = [json.loads(line) for line in lines()]
        assert [line["logger"] for line in parsed] == ["waitress", "py.warnings", "web"]
        assert parsed[0]["message"] == "some\nthing\x1b[31m"
        assert "ZeroDivisionError" in parsed[2]["exception"]
    else:
        assert lines()[0].endswith(r"WARNING waitress some\nthing\x1b[31m")
        assert "Thread worker ended with an error" in "".join(lines())
    assert "chatter" not in "".join(lines())


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_people_ask_is_logged_only_where_it_is_allowed(service: FakeService, form: str) -> None:
    for allowed in (False, True):
        client, lines = configured(service, log_format=form, log_questions=allowed)
        client.get("/api/v1/search?q=first+secret%0Aword")
        client.post(ASK, json={"question": "second secret\nword"})
        assert ("first+secret%0Aword" in lines()[0]) is allowed
        assert ("second secret" in lines()[1]) is allowed
        assert len(lines()) == 2


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_credentials_are_logged(service: FakeService, form: str) -> None:
    client, lines = configured(service, log_format=form, log_questions=True, log_level="DEBUG")
    service.failure = RuntimeError("boom")
    client.set_cookie("qa_session", "cookiesecret")
    client.post(ASK, json={"question": "ferry"}, headers={"Authorization": "Bearer keysecret"})
    assert lines()
    assert "secret" not in "".join(lines())
