"""Waitress with three things mended: huge bodies are not kept, its errors are problem objects, stopping drains.

Measured on waitress 3.0.2: it stores up to a gibibyte of body before the application sees the request, answers
malformed HTTP in plain text, and cuts running requests on SIGTERM.
"""

import json
import logging
import socket
import threading
import time
from typing import Any
from uuid import uuid4

from flask import Flask
from waitress.buffers import OverflowableBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import create_server
from waitress.task import ErrorTask
from waitress.utilities import queue_logger

from web.problems import PROBLEM_TYPE
from web.request_body import MAX_BODY_BYTES
from web.request_ids import HEADER as REQUEST_ID_HEADER

CONNECTION_LIMIT = 1000
MAX_DISCARDED_BYTES = 64 * 1024 * 1024
DRAIN_S = 30.0
_IDLE_TIMEOUT_S = 60


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
        """Parse the header; whatever body follows goes into a capped buffer."""
        super().parse_header(header_plus)
        if self.body_rcv is not None:
            self.body_rcv.buf = CappedBuffer(MAX_BODY_BYTES * 2)


class ProblemTask(ErrorTask):  # type: ignore[misc]
    """Answers what is no HTTP request with a problem object."""

    def execute(self) -> None:
        """Send the problem and close the connection."""
        error = self.request.error
        request_id = uuid4().hex
        problem = {
            "type": "urn:qa-service:problem:bad_http",
            "title": error.reason,
            "status": error.code,
            "detail": f"The request is not acceptable HTTP: {error.body.rstrip('.')}.",
            "instance": None,
            "code": "bad_http",
            "request_id": request_id,
            "errors": [],
        }
        body = json.dumps(problem).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [("Content-Type", PROBLEM_TYPE), (REQUEST_ID_HEADER, request_id)]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection."""

    parser_class = Parser
    error_task_class = ProblemTask

    @property
    def is_busy(self) -> bool:
        """Whether a request is waiting, running, or its response not yet sent."""
        return bool(self.requests or self.total_outbufs_len)


class HttpServer:
    """Serves an application on a bound socket."""

    def __init__(self, app: Flask, listener: socket.socket, *, threads: int) -> None:
        self._server: Any = create_server(
            app,
            sockets=[listener],
            threads=threads,
            connection_limit=CONNECTION_LIMIT,
            channel_timeout=_IDLE_TIMEOUT_S,
            max_request_body_size=MAX_DISCARDED_BYTES,
            asyncore_use_poll=True,
            clear_untrusted_proxy_headers=False,  # web/proxies.py decides whom to believe
            ident="",
        )
        self._server.channel_class = Channel
        queue_logger.setLevel(logging.ERROR)  # a request that waits a moment for a thread is no news

    def serve(self, stop: threading.Event) -> None:
        """Answer requests until `stop` is set, then finish those that run, for DRAIN_S at most."""
        while not stop.is_set():
            self._turn()
        self._server.del_channel()
        self._server.socket.close()
        until = time.monotonic() + DRAIN_S
        while self._is_busy() and time.monotonic() < until:
            self._turn()
        self._server.task_dispatcher.shutdown(timeout=1)
        self._server.asyncore.close_all(self._server._map)

    def wake(self) -> None:
        """Make `serve` look at its stop event at once; safe in a signal handler."""
        self._server.pull_trigger()

    def _turn(self) -> None:
        self._server.asyncore.loop(timeout=1, use_poll=True, map=self._server._map, count=1)

    def _is_busy(self) -> bool:
        return any(channel.is_busy for channel in list(self._server.active_channels.values()))
