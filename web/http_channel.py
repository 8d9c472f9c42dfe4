"""A connection of waitress with what it lacks: bodies that are not kept, deadlines, errors as problem objects.

Measured on waitress 3.0.2: it stores up to a gibibyte of body before the application sees the request, waits
for ever for a request that comes a byte at a time, and answers malformed HTTP in plain text. A client that sends
many requests at once and reads none of the responses holds a thread as soon as 16 MiB wait for it, as long as it likes.
"""

import json
import logging
import time
from typing import Any
from uuid import uuid4

from waitress.buffers import OverflowableBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import Error

from web.problems import PROBLEM_TYPE
from web.request_body import MAX_BODY_BYTES
from web.request_ids import HEADER as REQUEST_ID_HEADER
from web.security import BARE_HEADERS

MAX_UNREAD_BYTES = 1024 * 1024
"""Of responses that wait for the client; with more, the next is the last of its connection."""


_NOT_IMPLEMENTED = 501
logger = logging.getLogger(__name__)


class RequestTimeout(Error):  # type: ignore[misc]
    """A request that did not come whole in time."""

    code = 408
    reason = "Request Timeout"


class CappedBuffer(OverflowableBuffer):  # type: ignore[misc]
    """Keeps as much of a body as shows that it is too large; the rest is read and forgotten."""

    def append(self, data: bytes) -> None:
        """Keep `data` up to one byte past the limit."""
        room = MAX_BODY_BYTES + 1 - len(self)
        if room > 0:
            super().append(data[:room])


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """Parses requests into capped buffers, so that the application answers 413 on an orderly connection."""

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the header; whatever body follows goes into a capped buffer.

        Raises:
            ParsingError: no HTTP, or a body of two lengths: a proxy may go by the other one and take the rest of
                this body for somebody's next request.

        Source: RFC 9112, section 6.1.
        """
        super().parse_header(header_plus)
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("Transfer-Encoding and Content-Length stand together")
        if self.body_rcv is not None:
            self.body_rcv.buf = CappedBuffer(MAX_BODY_BYTES * 2)


class RequestTask(WSGITask):  # type: ignore[misc]
    """Answers a request; the last before the server stops, and of who does not read, says that it is the last."""

    def build_response_header(self) -> bytes:
        """Return the header of the response."""
        # A thread waits for the client only where the one before left too much behind: there is none after this.
        if self.channel.server.is_stopping or self.channel.total_outbufs_len > MAX_UNREAD_BYTES:
            self.set_close_on_finish()
        header: bytes = super().build_response_header()
        return header


class ProblemTask(ErrorTask):  # type: ignore[misc]
    """Answers what is no HTTP request with a problem object."""

    def execute(self) -> None:
        """Send the problem and close the connection."""
        error = self.request.error
        request_id = uuid4().hex
        late = error.code == RequestTimeout.code
        # A coding that nobody asked for is the client's mistake, not the server's.
        if error.code == _NOT_IMPLEMENTED:
            error.code, error.reason = 400, "Bad Request"
        logger.info("Refused with %d before it was a request, request_id=%s", error.code, request_id)
        problem = {
            "type": f"urn:qa-service:problem:{'request_timeout' if late else 'bad_http'}",
            "title": error.reason,
            "status": error.code,
            "detail": error.body
            if late
            else f"The request is not acceptable HTTP: {error.body.rstrip('.')}.",
            "instance": None,
            "code": "request_timeout" if late else "bad_http",
            "request_id": request_id,
            "errors": [],
        }
        body = json.dumps(problem).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [
            ("Content-Type", PROBLEM_TYPE),
            ("Cache-Control", "no-store"),
            (REQUEST_ID_HEADER, request_id),
            *BARE_HEADERS.items(),
        ]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection."""

    parser_class = Parser
    task_class = RequestTask
    error_task_class = ProblemTask
    receiving_since: float | None = None

    def received(self, data: bytes) -> bool:
        """Take what came in, and note when the request that is not whole yet began."""
        taken: bool = super().received(data)
        if self.request is None:
            self.receiving_since = None
        elif self.receiving_since is None:
            self.receiving_since = time.monotonic()
        return taken

    @property
    def is_busy(self) -> bool:
        """Whether a request is waiting, running, or its response not yet sent."""
        return bool(self.requests or self.total_outbufs_len)

    def is_late(self, limit_s: float) -> bool:
        """Whether a request began to come more than `limit_s` ago and is not whole yet."""
        return self.receiving_since is not None and time.monotonic() - self.receiving_since > limit_s

    def refuse(self, limit_s: float) -> None:
        """Answer the request that is not whole in time, and hang up."""
        late: Any = Parser(self.adj)
        late.error = RequestTimeout(f"The request did not come whole within {limit_s:g} s; send it faster.")
        with self.requests_lock:
            self.request = self.receiving_since = None
            self.requests.append(late)
            if len(self.requests) == 1:
                self.server.add_task(self)
