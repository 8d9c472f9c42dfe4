"""Servers that could run the application, and how each is started with 32 threads in one process."""

import contextlib
import http.client
import socket
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec

from tests.faults.paced_service import ASK_S
from tests.faults.server_process import SCRIPT, Server, clean_environ, started
from tests.faults.temporary import temporary_folder

APP = "tests.bench.served_app:app"
_CHEROOT = """
import signal, sys
from cheroot.wsgi import Server
from tests.bench.served_app import app
server = Server(("127.0.0.1", int(sys.argv[1])), app, numthreads=32, shutdown_timeout=30)
def stop(*_):
    raise KeyboardInterrupt
signal.signal(signal.SIGTERM, stop)
try:
    server.start()
except KeyboardInterrupt:
    server.stop()
"""
_PYTHON = sys.executable
CANDIDATES: dict[str, tuple[str, list[str]]] = {
    "this project's (waitress)": ("waitress", [_PYTHON, "-c", SCRIPT]),
    "waitress": (
        "waitress",
        [_PYTHON, "-m", "waitress", "--threads=32", "--connection-limit=1000", "--listen=127.0.0.1:{port}", APP],
    ),
    "gunicorn gthread": (
        "gunicorn",
        [_PYTHON, "-m", "gunicorn", "-k", "gthread", "--threads=32", "-w", "1", "-b", "127.0.0.1:{port}", APP],
    ),
    "granian": (
        "granian",
        [
            _PYTHON, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "32",
            "--host", "127.0.0.1", "--port", "{port}", "--no-log", APP,
        ],
    ),
    "cheroot": ("cheroot", [_PYTHON, "-c", _CHEROOT, "{port}"]),
}  # fmt: skip
"""By name: the package that has to be installed, and the command."""


def installed() -> list[str]:
    """Return the names of the candidates that can be run here."""
    return [name for name, (package, _) in CANDIDATES.items() if find_spec(package)]


@contextlib.contextmanager
def running(name: str, *, ask_s: float = 0.0, **settings: object) -> Iterator[Server]:
    """Run the candidate `name` over a paced service while the context lasts."""
    port = _free_port()
    with temporary_folder() as folder:
        named = {"data_dir": folder, "port": port, "log_level": "ERROR", "rate_per_address": 0, **settings}
        environ = clean_environ() | {f"QA_{key.upper()}": str(value) for key, value in named.items()}
        command = [part.replace("{port}", str(port)) for part in CANDIDATES[name][1]]
        with started(command, environ | {ASK_S: str(ask_s)}, quiet=True) as process:
            _wait_until_alive(port)
            yield Server(process, port)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait_until_alive(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            line.request("GET", "/livez")
            if line.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            line.close()
    raise RuntimeError(f"Nothing answered on port {port} within a minute.")
