"""More questions at once than can be answered: some wait, the rest is refused, everything else goes on."""

import contextlib
import http.client
import json
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from qa_service.errors import Overloaded
from qa_service.settings import Settings
from qa_service.state.database import Database
from tests.web.fake_service import FakeService
from tests.web.live_server import serving
from tests.web.problem_checks import assert_problem
from tests.web.test_metrics import samples
from web import admission, create_app
from web.admission import Admission

ASK = "/api/v1/ask"
MANY = {"question": "How many people are missing from the Vestra ferry?"}
SMALL = Settings(threads=4, asks_at_once=1)  # one runs, two wait


def full(service: FakeService, settings: Settings = SMALL) -> tuple[FlaskClient, list[threading.Thread]]:
    """Return a client of an application whose three places are taken until the service's gate opens."""
    service.gate = threading.Event()
    app = create_app(settings, service)
    asking = [
        threading.Thread(target=lambda: statuses.append(app.test_client().post(ASK, json=MANY).status_code))
        for _ in range(3)
    ]
    statuses: list[int] = []
    for thread in asking:
        thread.start()
    client = app.test_client()
    while samples(client)["qa_asks_in_flight",] < 3:
        time.sleep(0.01)
    return client, asking


def test_what_is_over_is_refused_at_once_and_the_rest_goes_on(service: FakeService) -> None:
    client, asking = full(service)
    refused = assert_problem(client.post(ASK, json=MANY), 503, "overloaded")
    assert "ask again" in refused["detail"]
    streamed = client.post(ASK, json={**MANY, "stream": True})
    assert_problem(streamed, 503, "overloaded")
    assert int(streamed.headers["Retry-After"]) > 0
    assert samples(client)["qa_asks_total", "overloaded"] == 2
    assert_problem(client.get("/api/v1/search?q=ferry"), 503, "overloaded")
    for path in ("/livez", "/readyz", "/api/v1/articles", "/api/v1/articles/ferry-3", "/", "/articles"):
        assert client.get(path).status_code == 200
    page = client.get("/", query_string={"q": MANY["question"]}, headers={"Accept": "text/html"})
    assert (page.status_code, page.mimetype) == (503, "text/html")
    service.gate.set()
    for thread in asking:
        thread.join()
    assert len(service.questions) == 3
    assert client.post(ASK, json=MANY).status_code == 200
    assert samples(client)["qa_asks_total", "overloaded"] >= 2


def test_a_turn_that_does_not_come_in_time_is_refused(service: FakeService) -> None:
    client, asking = full(service, Settings(threads=5, asks_at_once=1, ask_wait_s=0.05))
    for thread in asking[1:]:
        thread.join(timeout=10)
    service.gate.set()
    asking[0].join()
    assert len(service.questions) == 1
    assert samples(client)["qa_asks_total", "overloaded"] == 2


def test_streams_give_their_places_back_however_they_end(service: FakeService) -> None:
    client = create_app(Settings(threads=2, asks_at_once=1), service).test_client()
    for _ in range(5):
        response = client.post(ASK, json={**MANY, "stream": True})
        response.close()  # before the question was asked
    assert service.questions == []
    for failure in (OSError("x"), None, None):
        service.failure = failure
        client.post(ASK, json={**MANY, "stream": True}).get_data()
    assert client.post(ASK, json=MANY).status_code == 200


def test_a_stream_that_nobody_reads_on_keeps_its_place_until_it_is_done(service: FakeService) -> None:
    service.gate = threading.Event()
    with serving(service, Settings(port=0, threads=2, asks_at_once=1)) as url:
        reader = ask_over(url, stream=True)
        assert b"id: 1" in reader.getresponse().readline()
        while not service.questions:
            time.sleep(0.01)
        reader.close()
        assert status_of(ask_over(url)) == 503
        service.gate.set()
        until = time.monotonic() + 10
        while (status := status_of(ask_over(url))) == 503 and time.monotonic() < until:
            time.sleep(0.01)
        assert status == 200


def ask_over(url: str, *, stream: bool = False) -> http.client.HTTPConnection:
    line = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    line.request("POST", ASK, json.dumps({**MANY, "stream": stream}), {"Content-Type": "application/json"})
    return line


def status_of(line: http.client.HTTPConnection) -> int:
    with contextlib.closing(line):
        return line.getresponse().status


def test_a_place_is_kept_until_the_answer_is_stored(service: FakeService, tmp_path: Path) -> None:
    state = Database(tmp_path / "state.db", busy_s=60)  # on a busy machine too it waits all along
    client = create_app(Settings(threads=2, asks_at_once=1), service, state).test_client()
    asking = threading.Thread(target=lambda: client.application.test_client().post(ASK, json=MANY))
    with state.writing():  # nobody else can store anything meanwhile
        asking.start()
        while not service.questions or samples(client)["qa_asks_in_flight",]:
            time.sleep(0.01)
        assert_problem(client.post(ASK, json=MANY), 503, "overloaded")
        assert client.get("/livez").status_code == 200
    asking.join()
    assert client.post(ASK, json=MANY).status_code == 200


def test_never_more_run_at_once_than_are_allowed() -> None:
    most, now, lock = 0, 0, threading.Lock()

    def work() -> None:
        nonlocal most, now
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.002)
        with lock:
            now -= 1

    gate = Admission(3, 100, 10)
    threads = [threading.Thread(target=lambda: [gate.enter().run(work) for _ in range(4)]) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 3


def test_leaving_twice_frees_one_place() -> None:
    gate = Admission(1, 1, 0)
    place = gate.enter()
    gate.enter()
    place.leave()
    place.leave()
    gate.enter()
    with pytest.raises(Overloaded):
        gate.enter()


@pytest.mark.parametrize("threads", [2, 3, 4, 8, 32, 256])
def test_a_quarter_of_the_threads_stays_free(threads: int) -> None:
    gate = admission.for_settings(Settings(threads=threads, asks_at_once=256))
    for _ in range(threads - max(1, threads // 4)):
        gate.enter()
    with pytest.raises(Overloaded):
        gate.enter()
