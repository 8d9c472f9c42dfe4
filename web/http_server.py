"""The HTTP server: waitress, made to hang up on requests that never end, and to finish what runs when it stops.

docs/SERVER.md has the measurements by which it was chosen.
"""

import contextlib
import logging
import select
import socket
import threading
import time
from typing import Any

from flask import Flask
from waitress.server import create_server
from waitress.utilities import queue_logger

from web.http_channel import Channel

MAX_DISCARDED_BYTES = 64 * 1024 * 1024
RECEIVE_S = 30.0
"""Time in which a request has to come whole."""
_IDLE_TIMEOUT_S = 60
_LINGER_S = 0.25
"""While stopping: how long nothing has to happen before the last connections are closed."""
_IDLE_THREADS_END_S = 1.0
_OTHER_FILES = 200
"""Descriptors that are left to everything that is no connection."""


class HttpServer:
    """Serves an application on a bound socket.

    Args:
        threads: requests that are worked on at the same time.
        connections: connections that are held at the same time; fewer where the system allows fewer files.
        drain_s: how long running requests may take to finish when the server stops.
        receive_s: how long a request may take to come in.
    """

    def __init__(
        self,
        app: Flask,
        listener: socket.socket,
        *,
        threads: int,
        connections: int = 1000,
        drain_s: float = 30.0,
        receive_s: float = RECEIVE_S,
    ) -> None:
        self._server: Any = create_server(
            app,
            sockets=[listener],
            threads=threads,
            connection_limit=possible_connections(connections),
            channel_timeout=_IDLE_TIMEOUT_S,
            max_request_body_size=MAX_DISCARDED_BYTES,
            asyncore_use_poll=True,
            clear_untrusted_proxy_headers=False,  # web/proxies.py decides whom to believe
            ident="",
        )
        self._server.channel_class = Channel
        self._server.is_stopping = False
        self._drain_s, self._receive_s = drain_s, receive_s
        self._looked_at = time.monotonic()
        queue_logger.setLevel(logging.ERROR)  # a request that waits a moment for a thread is no news

    def serve(self, stop: threading.Event) -> None:
        """Answer requests until `stop` is set, then finish those that run, for `drain_s` at most."""
        while not stop.is_set():
            self._turn(1.0)
        self._server.is_stopping = True
        self._stop_listening()
        until, busy_at = time.monotonic() + self._drain_s, time.monotonic()
        while (now := time.monotonic()) < until and now - busy_at < _LINGER_S:
            self._turn(_LINGER_S / 5)
            if self._is_busy():
                busy_at = time.monotonic()
        self._server.task_dispatcher.shutdown(timeout=_IDLE_THREADS_END_S)
        self._server.asyncore.close_all(self._server._map)

    def wake(self) -> None:
        """Make `serve` look at its stop event at once; safe in a signal handler."""
        self._server.pull_trigger()

    def _turn(self, timeout_s: float) -> None:
        self._server.asyncore.loop(timeout=timeout_s, use_poll=True, map=self._server._map, count=1)
        if time.monotonic() - self._looked_at > 1:
            self._looked_at = time.monotonic()
            for channel in self._channels():
                if channel.is_late(self._receive_s):
                    channel.refuse(self._receive_s)

    def _stop_listening(self) -> None:
        """Take the connections that wait to be accepted, then no more."""
        while select.select([self._server.socket], [], [], 0)[0]:
            self._server.handle_accept()
        self._server.del_channel()
        self._server.socket.close()

    def _channels(self) -> list[Channel]:
        return list(self._server.active_channels.values())

    def _is_busy(self) -> bool:
        return any(channel.is_busy for channel in self._channels())


def possible_connections(wanted: int) -> int:
    """Return how many connections can be held, having asked the system for as many files as that takes."""
    try:
        import resource
    except ImportError:  # Windows counts otherwise
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if soft != resource.RLIM_INFINITY and soft < needed:
        logging.getLogger(__name__).warning(
            "The system allows %d open files; at most %d connections are held.",
            soft,
            max(10, soft - _OTHER_FILES),
        )
        return max(10, soft - _OTHER_FILES)
    return wanted
