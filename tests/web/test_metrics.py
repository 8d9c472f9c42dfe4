"""GET /metrics: what is counted, and that no word of anybody is in it."""

import threading

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from qa_service.errors import ModelMissing
from qa_service.settings import Settings
from tests.web.fake_service import FakeService
from web import create_app

ASK = "/api/v1/ask"
MANY = "How many people are missing from the Vestra ferry?"


def samples(client: FlaskClient) -> dict[tuple[str, ...], float]:
    """Return each sample by its name and the values of its labels."""
    text = client.get("/metrics").get_data(as_text=True)
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_format_is_prometheus_s_text(client: FlaskClient) -> None:
    response = client.get("/metrics")
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"


def test_questions_are_counted_by_how_they_ended(client: FlaskClient, service: FakeService) -> None:
    client.post(ASK, json={"question": MANY})
    client.post(ASK, json={"question": MANY, "stream": True}).get_data()
    client.get("/", query_string={"q": MANY})
    client.post(ASK, json={"question": "Which island has the highest mountain?"})
    service.failure = ModelMissing("gone")
    client.post(ASK, json={"question": MANY})
    service.failure = OSError("disk")
    client.post(ASK, json={"question": MANY})
    seen = samples(client)
    assert seen["qa_asks_total", "answered"] == 3
    assert seen["qa_asks_total", "abstained"] == 1
    assert seen["qa_asks_total", "model_missing"] == 1
    assert seen["qa_asks_total", "internal_error"] == 1
    assert seen["qa_abstentions_total", "below_threshold"] == 1
    assert seen["qa_ask_stage_seconds_count", "retrieve"] == 4
    assert seen["qa_ask_stage_seconds_sum", "retrieve"] == pytest.approx(4 * 0.0015)


def test_requests_are_counted_by_route_and_status_never_by_path(client: FlaskClient) -> None:
    client.get("/api/v1/articles/ferry-3")
    client.get("/api/v1/articles/no-such-article")
    client.get("/api/v1/articles/another")
    client.get("/nowhere/secretword")
    client.open("/livez", method="SECRETWORD")
    seen = samples(client)
    route = "/api/v1/articles/<article_id:article_id>"
    assert seen["qa_http_requests_total", "GET", route, "200"] == 1
    assert seen["qa_http_requests_total", "GET", route, "404"] == 2
    assert seen["qa_http_requests_total", "GET", "unmatched", "404"] == 1
    assert seen["qa_http_requests_total", "other", "unmatched", "405"] == 1
    assert seen["qa_http_request_seconds_count", route] == 3
    assert seen["qa_http_requests_in_flight",] == 1  # the one that asks


def test_the_index_is_told_as_it_is_now(client: FlaskClient, service: FakeService) -> None:
    seen = samples(client)
    assert seen["qa_index_articles",] == 4
    assert seen["qa_index_passages",] > 10
    assert seen["qa_index_info", "20210910T080000Z-1"] == 1
    assert seen["qa_index_age_seconds",] > 86_400
    service.generation = "20210911T080000Z-2"
    assert samples(client)["qa_index_info", "20210911T080000Z-2"] == 1
    service.missing = True
    seen = samples(client)
    assert seen["qa_check_ok", "index"] == 0
    assert not [name for name, *_ in seen if name.startswith("qa_index")]


def test_a_clock_that_was_set_back_makes_no_negative_age(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.metrics.time.time", lambda: 0.0)
    assert samples(client)["qa_index_age_seconds",] == 0


def test_what_runs_is_seen_while_it_runs(client: FlaskClient, service: FakeService) -> None:
    service.gate = threading.Event()
    asking = threading.Thread(
        target=lambda: client.application.test_client().post(ASK, json={"question": MANY})
    )
    asking.start()
    while not service.questions:
        pass
    seen = samples(client)
    assert (seen["qa_asks_in_flight",], seen["qa_http_requests_in_flight",]) == (1, 2)
    service.gate.set()
    asking.join()
    seen = samples(client)
    assert (seen["qa_asks_in_flight",], seen["qa_http_requests_in_flight",]) == (0, 1)


def test_no_word_of_a_question_is_in_it(client: FlaskClient) -> None:
    client.get("/?q=secretword")
    client.get("/api/v1/search?q=secretword")
    client.post(ASK, json={"question": "secretword", "conversation_id": "secretword"})
    assert "secretword" not in client.get("/metrics").get_data(as_text=True)


def test_applications_count_apart(client: FlaskClient) -> None:
    client.post(ASK, json={"question": MANY})
    other = create_app(Settings(), FakeService()).test_client()
    assert ("qa_asks_total", "answered") not in samples(other)
