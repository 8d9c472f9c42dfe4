"""Bodies and questions one over the limit, however they are sent."""

import http.client
import json
from collections.abc import Iterator

from tests.faults.rows import Result, Row
from tests.faults.server_process import running
from web.request_body import MAX_BODY_BYTES
from web.schemas import MAX_QUESTION_CHARS

_JSON = {"Content-Type": "application/json"}
_START = b'{"question": "Who is the captain of the ferry Halden?"}'


def _pieces(size: int) -> Iterator[bytes]:
    yield _START
    left = size - len(_START)
    while left > 0:
        yield b" " * min(10_000, left)
        left -= 10_000


def _send(port: int, body: bytes | Iterator[bytes], *, chunked: bool) -> int:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request("POST", "/api/v1/ask", body, _JSON, encode_chunked=chunked)
        response = line.getresponse()
        answer = json.load(response)
        assert response.status == 200 or answer["status"] == response.status
        return response.status
    finally:
        line.close()


def statuses_at_the_limit(port: int) -> dict[str, int]:
    """Return the status of each way to send a body at the limit and over it."""
    limit = MAX_BODY_BYTES
    at, over = ("é" * MAX_QUESTION_CHARS, "é" * (MAX_QUESTION_CHARS + 1))
    return {
        "declared at the limit": _send(port, _START.ljust(limit), chunked=False),
        "declared over it": _send(port, _START.ljust(limit + 1), chunked=False),
        "chunked at the limit": _send(port, _pieces(limit), chunked=True),
        "chunked over it": _send(port, _pieces(limit + 1), chunked=True),
        "chunked far over it": _send(port, _pieces(5_000_000), chunked=True),
        "question at the limit": _send(port, json.dumps({"question": at}).encode(), chunked=False),
        "question over it": _send(port, json.dumps({"question": over}).encode(), chunked=False),
    }


WANTED = {
    "declared at the limit": 200,
    "declared over it": 413,
    "chunked at the limit": 200,
    "chunked over it": 413,
    "chunked far over it": 413,
    "question at the limit": 200,
    "question over it": 422,
}


def try_the_limits(quick: bool) -> Result:
    """Send bodies and questions at the limits and one over."""
    with running() as server:
        seen = statuses_at_the_limit(server.port)
    return Result(seen == WANTED, ", ".join(f"{what} {status}" for what, status in seen.items()))


ROWS = [
    Row(
        "body-limits",
        "Bodies of 64 KiB, declared or chunked, and questions of 4,000 characters are taken; one more is 413 or 422",
        try_the_limits,
    )
]
