"""Starts the web server: bind, load the service, serve, and finish what runs before stopping."""

import contextlib
import signal
import sys
import threading
from dataclasses import replace
from types import FrameType

from qa_service.bootstrap import build_service
from qa_service.settings import Settings
from qa_service.state.accounts import Accounts
from qa_service.state.database import Database
from qa_service.state.troubles import FILE_NAME
from web import create_app, logs
from web.allocator import limit_arenas
from web.exposure import check_exposure
from web.http_server import HttpServer
from web.listening import bind, url_of


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; say on stderr where.

    Raises:
        InvalidSetting: the address cannot be listened on, or is open to others and nobody has a key.
        QAError: the service cannot be built.
    """
    limit_arenas()
    logs.configure(settings)  # what the command line set up for short runs gives way
    with contextlib.closing(bind(settings.host, settings.port)) as listener:
        # From here on the host is the address that is bound: nothing else decides who can reach it.
        settings = replace(settings, host=listener.getsockname()[0])
        state = Database(settings.data_dir / FILE_NAME)
        check_exposure(settings, Accounts(state, settings.data_dir))  # before the models take seconds to load
        app = create_app(settings, build_service(settings), state)
        server = HttpServer(
            app,
            listener,
            threads=settings.threads,
            connections=settings.connections,
            drain_s=settings.drain_s,
        )
        stop = threading.Event()

        def request_stop(signum: int, frame: FrameType | None) -> None:
            stop.set()
            server.wake()

        signal.signal(signal.SIGTERM, request_stop)
        signal.signal(signal.SIGINT, request_stop)
        print(f"Serving on {url_of(listener)}", file=sys.stderr, flush=True)
        server.serve(stop)
        state.close()
