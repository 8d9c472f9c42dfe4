"""A real server on a free loopback port, for tests that need sockets."""

import contextlib
import threading
from collections.abc import Iterator

from qa_service.service import Service
from qa_service.settings import Settings
from qa_service.state.database import Database
from web import create_app
from web.http_server import RECEIVE_S, HttpServer
from web.listening import bind, url_of


@contextlib.contextmanager
def serving(
    service: Service,
    settings: Settings | None = None,
    state: Database | None = None,
    *,
    receive_s: float = RECEIVE_S,
) -> Iterator[str]:
    """Serve `service` while the context lasts; gives the address."""
    settings = settings or Settings(port=0)
    with contextlib.closing(bind("127.0.0.1", settings.port)) as listener:
        app = create_app(settings, service, state)
        server = HttpServer(app, listener, threads=settings.threads, receive_s=receive_s)
        stop = threading.Event()
        url = url_of(listener)
        thread = threading.Thread(target=server.serve, args=(stop,))
        thread.start()
        try:
            yield url
        finally:
            stop.set()
            server.wake()
            thread.join()
