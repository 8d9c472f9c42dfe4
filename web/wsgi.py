"""Starts the web server: bind, load the service, serve, and finish what runs before stopping."""

import contextlib
import signal
import sys
import threading
from types import FrameType

from qa_service.bootstrap import build_service
from qa_service.settings import Settings
from qa_service.state.database import Database
from qa_service.state.troubles import FILE_NAME
from web import create_app, logs
from web.http_server import HttpServer
from web.listening import bind, url_of


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; say on stderr where.

    Raises:
        InvalidSetting: the address cannot be listened on.
        QAError: the service cannot be built.
    """
    logs.configure(settings)  # what the command line set up for short runs gives way
    with contextlib.closing(bind(settings.host, settings.port)) as listener:
        app = create_app(settings, build_service(settings), Database(settings.data_dir / FILE_NAME))
        server = HttpServer(app, listener, threads=settings.threads)
        stop = threading.Event()

        def request_stop(signum: int, frame: FrameType | None) -> None:
            stop.set()
            server.wake()

        signal.signal(signal.SIGTERM, request_stop)
        signal.signal(signal.SIGINT, request_stop)
        print(f"Serving on {url_of(listener)}", file=sys.stderr, flush=True)
        server.serve(stop)
