"""The real server on a loopback socket: bodies, slow clients, shutdown, a taken port."""

import contextlib
import http.client
import json
import logging
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from qa_service.errors import InvalidSetting
from qa_service.settings import Settings
from tests.web.fake_archive import ARTICLES
from tests.web.fake_service import FakeService
from tests.web.live_server import serving
from web import http_server
from web.http_server import MAX_DISCARDED_BYTES
from web.listening import bind, url_of

ASK = "/api/v1/ask"
JSON = {"Content-Type": "application/json"}
QUESTION = b'{"question": "Who is the captain of the ferry Halden?"}'


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(FakeService(), Settings(port=0, threads=2)) as address:
        yield address


def connect(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)


def talk(url: str, request: bytes) -> bytes:
    """Send raw bytes and return everything that comes back."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as line:
        line.sendall(request)
        line.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := line.recv(65536):
            answer += piece
    return answer


def in_chunks(size: int, piece: int = 1000) -> Iterator[bytes]:
    yield QUESTION
    left = size - len(QUESTION)
    while left > 0:
        yield b" " * min(piece, left)
        left -= piece


def test_a_chunked_body_within_the_limit_is_answered(url: str) -> None:
    with contextlib.closing(connect(url)) as line:
        line.request("POST", ASK, in_chunks(64 * 1024), JSON, encode_chunked=True)
        assert json.load(line.getresponse())["status"] == "answered"


@pytest.mark.parametrize("size", [64 * 1024 + 1, 70_000, 1024 * 1024, 5_000_000])
@pytest.mark.parametrize("chunked", [True, False])
def test_larger_bodies_are_413_and_the_connection_lives_on(url: str, size: int, chunked: bool) -> None:
    with contextlib.closing(connect(url)) as line:
        if chunked:
            line.request("POST", ASK, in_chunks(size, 50_000), JSON, encode_chunked=True)
        else:
            line.request("POST", ASK, QUESTION.ljust(size), JSON)
        response = line.getresponse()
        problem = json.load(response)
        assert (response.status, problem["code"]) == (413, "body_too_large")
        line.request("POST", ASK, QUESTION, JSON)
        assert line.getresponse().status == 200


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"rubbish\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nbad header\r\n\r\n", 400),
        (b"POST /api/v1/ask HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"POST /api/v1/ask HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
        (
            b"POST /api/v1/ask HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        ((b"GET /" + b"a" * 262_144)[:262_144], 431),
        (
            f"POST /api/v1/ask HTTP/1.1\r\nHost: x\r\nContent-Length: {MAX_DISCARDED_BYTES}\r\n\r\n".encode(),
            413,
        ),
    ],
)
def test_what_is_no_http_gets_a_problem_too(
    url: str, request_bytes: bytes, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    head, _, body = talk(url, request_bytes).partition(b"\r\n\r\n")
    assert f" {status} ".encode() in head.splitlines()[0]
    assert b"application/problem+json" in head
    problem = json.loads(body)
    assert problem["status"] == status
    assert f"X-Request-Id: {problem['request_id']}".encode() in head
    assert b"X-Content-Type-Options: nosniff" in head
    assert status == 413 or f"request_id={problem['request_id']}" in caplog.text
    assert problem["detail"].endswith(".")
    assert not problem["detail"].endswith("..")


def test_events_arrive_while_the_answer_is_sought() -> None:
    service = FakeService()
    service.gate = threading.Event()
    with serving(service) as url, contextlib.closing(connect(url)) as line:
        line.request("POST", ASK, QUESTION, {**JSON, "Accept": "text/event-stream"})
        response = line.getresponse()
        assert b"id: 1" in response.readline()
        assert b"event: meta" in response.readline()
        service.gate.set()
        assert b"event: done" in response.read()


def test_dribbling_clients_do_not_stop_others(url: str) -> None:
    parts = urlsplit(url)
    with contextlib.ExitStack() as lines:
        for _ in range(120):
            line = lines.enter_context(socket.create_connection((parts.hostname, parts.port)))
            line.sendall(b"POST /api/v1/ask HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        started = time.monotonic()
        with contextlib.closing(connect(url)) as probe:
            probe.request("GET", "/livez")
            assert probe.getresponse().status == 200
        assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "begun",
    [
        b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
        b"POST /api/v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{",
    ],
    ids=["header", "body"],
)
def test_a_request_that_never_ends_is_hung_up_on(begun: bytes) -> None:
    with serving(FakeService(), receive_s=0.3) as url:
        parts = urlsplit(url)
        with socket.create_connection((parts.hostname, parts.port), timeout=20) as line:
            line.sendall(begun)
            answer = b""
            while piece := line.recv(65536):
                answer += piece
        head, _, body = answer.partition(b"\r\n\r\n")
        assert b" 408 " in head.splitlines()[0]
        assert json.loads(body)["code"] == "request_timeout"
        with contextlib.closing(connect(url)) as probe:
            probe.request("GET", "/livez")
            assert probe.getresponse().status == 200


def test_clients_that_never_read_hold_no_threads() -> None:
    long = replace(ARTICLES[0], title="x" * 4_000_000)
    with serving(FakeService([long]), Settings(port=0, threads=2)) as url, contextlib.ExitStack() as lines:
        parts = urlsplit(url)
        request = f"GET /api/v1/articles/{long.article_id} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        for _ in range(2):
            line = lines.enter_context(socket.create_connection((parts.hostname, parts.port)))
            line.sendall(request * 20)
        time.sleep(1.5)  # until more than a client may leave unread has been answered
        with contextlib.closing(http.client.HTTPConnection(parts.netloc, timeout=10)) as probe:
            probe.request("GET", "/livez")
            assert probe.getresponse().status == 200


def test_requests_that_are_sent_at_once_are_answered_in_turn(url: str) -> None:
    one = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answers = talk(url, one * 30 + one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert answers.count(b"HTTP/1.1 200 OK") == 31


def test_a_line_that_waits_for_its_next_request_is_not_late() -> None:
    with serving(FakeService(), receive_s=0.3) as url, contextlib.closing(connect(url)) as line:
        for _ in range(2):
            line.request("GET", "/livez")
            response = line.getresponse()
            assert response.status == 200
            response.read()
            time.sleep(1.5)


def test_while_it_stops_each_response_is_the_last_of_its_line() -> None:
    service = FakeService()
    service.gate = threading.Event()
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(contextlib.ExitStack())
        url = server.enter_context(serving(service))
        line = stack.enter_context(contextlib.closing(connect(url)))
        line.request("POST", ASK, QUESTION, JSON)
        while not service.questions:
            time.sleep(0.01)
        stopping = threading.Thread(target=server.close)
        stopping.start()
        time.sleep(0.5)
        service.gate.set()
        response = line.getresponse()
        assert (response.status, response.headers["Connection"]) == (200, "close")
        assert json.load(response)["status"] == "answered"
        stopping.join()


def test_the_system_is_asked_for_as_many_files_as_connections_take() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (400, hard))
        assert http_server.possible_connections(300) == 300
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 500
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_stopping_finishes_what_runs_and_takes_nothing_new() -> None:
    service = FakeService()
    service.gate = threading.Event()
    replies: list[int] = []

    def ask(url: str) -> None:
        with contextlib.closing(connect(url)) as line:
            line.request("POST", ASK, QUESTION, JSON)
            replies.append(line.getresponse().status)

    with contextlib.ExitStack() as stack:
        url = stack.enter_context(serving(service))
        asking = threading.Thread(target=ask, args=(url,))
        asking.start()
        while not service.questions:
            time.sleep(0.01)
        stopping = threading.Thread(target=stack.close)
        stopping.start()
        refused = False
        for _ in range(100):
            try:
                socket.create_connection((urlsplit(url).hostname, urlsplit(url).port), timeout=1).close()
            except ConnectionRefusedError:
                refused = True
                break
            time.sleep(0.05)
        service.gate.set()
        asking.join()
        stopping.join()
    assert refused
    assert replies == [200]


SCRIPT = """
import logging, sys, types
logging.basicConfig(level=logging.WARNING)  # as the command line does before it serves
from tests.web.fake_service import FakeService
bootstrap = types.ModuleType("qa_service.bootstrap")
bootstrap.build_service = lambda settings: FakeService()
sys.modules["qa_service.bootstrap"] = bootstrap
from pathlib import Path
from qa_service.settings import Settings
from web.wsgi import run
run(Settings(port=0, data_dir=Path(sys.argv[1])))
"""


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_the_process_says_where_it_serves_and_ends_cleanly(sign: signal.Signals, tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("QA_")}
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, tmp_path], cwd=root, env=environ, stderr=subprocess.PIPE, text=True
    ) as process:
        line = process.stderr.readline()
        assert line.startswith("Serving on http://127.0.0.1:")
        with contextlib.closing(connect(line.removeprefix("Serving on ").strip())) as probe:
            probe.request("GET", "/readyz")
            assert probe.getresponse().status == 200
        process.send_signal(sign)
        assert process.wait(timeout=20) == 0
        rest = process.stderr.read()
        assert re.search(r"^\d{4}-\d\d-\d\d [\d:,]+ INFO web.access GET /readyz 200 ", rest, re.MULTILINE)
        assert "Traceback" not in rest


def test_a_taken_port_is_told_before_anything_loads() -> None:
    with bind("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InvalidSetting, match=rf"Port {port} on 127\.0\.0\.1 is taken.*--port"):
            bind("127.0.0.1", port)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1", "a" * 70 + ".x", "\0"])
def test_a_host_that_is_not_ours_is_told(host: str) -> None:
    with pytest.raises(InvalidSetting, match=r"QA_HOST|--host"):
        bind(host, 0)


def test_localhost_takes_the_address_that_browsers_try() -> None:
    with bind("localhost", 0) as listener:
        assert url_of(listener).startswith("http://127.0.0.1:")


def test_six_is_written_in_brackets() -> None:
    try:
        listener = bind("::1", 0)
    except InvalidSetting:
        pytest.skip("no IPv6 here")
    with listener:
        assert url_of(listener).startswith("http://[::1]:")
