"""Server-Sent Events of an answer."""

import json
import threading
from typing import Any

import pytest
from flask.testing import FlaskClient

from qa_service.domain import Question
from qa_service.errors import ModelMissing
from qa_service.settings import Settings
from tests.web.fake_service import FakeService
from tests.web.problem_checks import assert_problem
from web import create_app, streaming

ASK = "/api/v1/ask"
MANY = "How many people are missing from the Vestra ferry?"


def parse(stream: str) -> list[tuple[str, str, Any]]:
    """Return id, event and body of each event, as a browser's EventSource would."""
    events = []
    for block in stream.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        events.append((fields["id"], fields["event"], json.loads(fields["data"])))
    return events


def test_events_come_in_order_and_end_with_the_whole_answer(client: FlaskClient) -> None:
    response = client.post(ASK, json={"question": MANY, "stream": True})
    assert response.mimetype == "text/event-stream"
    assert response.headers["Cache-Control"] == "no-store"
    events = parse(response.get_data(as_text=True))
    names = [name for _, name, _ in events]
    assert names == ["meta", "retrieval", "delta", "citation", "delta", "citation", "done"]
    assert [int(number) for number, _, _ in events] == list(range(1, len(events) + 1))
    whole = events[-1][2]
    assert whole["object"] == "answer"
    assert "".join(body["text"] for _, name, body in events if name == "delta") == whole["answer"]
    assert [body for _, name, body in events if name == "citation"] == whole["citations"]
    assert events[0][2]["request_id"] == response.headers["X-Request-ID"]
    assert events[1][2]["index"] == whole["index"]
    assert events[0][2]["conversation_id"] == whole["conversation_id"] != ""


def test_an_abstention_streams_without_deltas(client: FlaskClient) -> None:
    response = client.post(ASK, json={"question": "Which island has the highest mountain?", "stream": True})
    events = parse(response.get_data(as_text=True))
    assert [name for _, name, _ in events] == ["meta", "retrieval", "done"]
    assert events[-1][2]["status"] == "abstained"


@pytest.mark.parametrize(
    ("accept", "stream", "streams"),
    [
        ("text/event-stream", None, True),
        ("application/json, text/event-stream;q=0.5", None, True),
        ("text/event-stream;q=0", None, False),
        ("*/*", None, False),
        ("text/event-stream", False, False),
        ("application/json", True, True),
    ],
)
def test_who_gets_a_stream(client: FlaskClient, accept: str, stream: bool | None, streams: bool) -> None:
    body = {"question": MANY} | ({} if stream is None else {"stream": stream})
    response = client.post(ASK, json=body, headers={"Accept": accept})
    assert (response.mimetype == "text/event-stream") is streams
    response.get_data()


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [(ModelMissing("none"), 503, "model_missing"), (OSError("x"), 500, "internal_error")],
)
def test_a_failure_on_the_way_is_an_error_event(
    client: FlaskClient, service: FakeService, failure: Exception, status: int, code: str
) -> None:
    service.failure = failure
    response = client.post(ASK, json={"question": MANY, "stream": True})
    events = parse(response.get_data(as_text=True))
    assert [name for _, name, _ in events] == ["meta", "error"]
    problem = events[-1][2]
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["request_id"] == response.headers["X-Request-ID"]


def test_what_is_known_before_is_an_ordinary_error(client: FlaskClient, service: FakeService) -> None:
    assert_problem(client.post(ASK, json={"question": "", "stream": True}), 422)
    service.missing = True
    assert_problem(client.post(ASK, json={"question": MANY, "stream": True}), 503, "index_missing")


def test_a_slow_answer_is_bridged_by_pings(service: FakeService) -> None:
    service.gate = threading.Event()
    with create_app(Settings(), service).test_request_context(ASK):
        events = streaming.stream_answer(service.ask, Question(MANY), ping_s=0.01)
        assert b"event: meta" in next(events)
        assert [next(events), next(events)] == [streaming.PING, streaming.PING]
        service.gate.set()
        rest = b"".join(events)
    assert b"event: done" in rest


def test_a_timeout_of_the_service_is_an_error_not_a_ping(service: FakeService) -> None:
    service.failure = TimeoutError("the store did not answer")
    with create_app(Settings(), service).test_request_context(ASK):
        events = list(streaming.stream_answer(service.ask, Question(MANY), ping_s=5))
    assert b"event: error" in events[-1]
