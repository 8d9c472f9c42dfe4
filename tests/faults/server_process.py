"""The server as a process of its own, started as `qa-service serve` starts it, over a paced service."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults.paced_service import ASK_S
from tests.faults.temporary import temporary_folder

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import sys, types
from tests.faults.paced_service import PacedService
bootstrap = types.ModuleType("qa_service.bootstrap")
bootstrap.build_service = lambda settings: PacedService()
sys.modules["qa_service.bootstrap"] = bootstrap
from qa_service.settings import Settings
from web.wsgi import run
run(Settings.from_env())
"""


@dataclass(slots=True)
class Server:
    """A running server."""

    process: "subprocess.Popen[str]"
    port: int

    def stop(self, timeout_s: float = 60.0) -> int:
        """Send SIGTERM and return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=timeout_s)

    def memory_mib(self) -> float:
        """Return the resident memory of the process and its children, in MiB."""
        return sum(_resident_kib(pid) for pid in _family(self.process.pid)) / 1024

    def descriptors(self) -> int:
        """Return how many files and sockets the process has open."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def threads(self) -> int:
        """Return how many threads the process has."""
        return len(list(Path(f"/proc/{self.process.pid}/task").iterdir()))


@contextlib.contextmanager
def running(*, ask_s: float = 0.0, port: int = 0, **settings: object) -> Iterator[Server]:
    """Run a server with `settings` while the context lasts; it is killed at the end if it still runs."""
    with temporary_folder() as folder:
        named = {"data_dir": folder, "port": port, "log_level": "ERROR", "rate_per_address": 0, **settings}
        environ = clean_environ() | {f"QA_{name.upper()}": str(value) for name, value in named.items()}
        with started([sys.executable, "-c", SCRIPT], environ | {ASK_S: str(ask_s)}) as process:
            yield Server(process, port_of(process))


@contextlib.contextmanager
def started(
    command: list[str], environ: dict[str, str], *, quiet: bool = False
) -> Iterator["subprocess.Popen[str]"]:
    """Run `command` in the project's folder while the context lasts; what it says is read, or dropped when `quiet`."""
    stderr = subprocess.DEVNULL if quiet else subprocess.PIPE
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # children too


def clean_environ() -> dict[str, str]:
    """Return the environment without the settings of whoever runs this."""
    return {name: value for name, value in os.environ.items() if not name.startswith("QA_")}


def port_of(process: "subprocess.Popen[str]") -> int:
    """Wait until a server says where it serves, and return its port."""
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        if found := re.search(r"Serving on http://127\.0\.0\.1:(\d+)", line):
            return int(found[1])
        seen.append(line)
    raise RuntimeError("The server ended before it served: " + "".join(seen))


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = children.read_text().split() if children.exists() else []
    return [pid, *(grown for child in found for grown in _family(int(child)))]


def _resident_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) if found else 0
