"""Compares servers on the same application: `python -m tests.bench.servers`, which writes docs/SERVER.md's table.

Packages that are not installed are left out; put them on PYTHONPATH to measure them too.
"""

import argparse
import asyncio
import os
import platform
import re
import signal
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench.server_candidates import CANDIDATES, installed, running
from tests.faults.body_limits import WANTED, statuses_at_the_limit
from tests.faults.clients import CUT, PROBE, ask_request, clients
from tests.faults.overload import ASK_S, AT_ONCE, SATURATION, overload
from tests.faults.slow_clients import BODY, HEADER, probe_among
from tests.faults.stopping import is_whole, long_answers, stop_under_load

PAGE = Path(__file__).resolve().parents[2] / "docs" / "SERVER.md"


def rates(name: str, seconds: float) -> str:
    """Requests a second of 16 clients: liveness, and a question that costs nothing to answer."""
    with running(name) as server:
        live = asyncio.run(clients(server.port, PROBE, number=16, seconds=seconds))
        asks = asyncio.run(clients(server.port, ask_request(), number=16, seconds=seconds))
        return f"{live.rate:,.0f} and {asks.rate:,.0f}"


def memory(name: str, seconds: float) -> str:
    """Resident memory of all processes after the start and after load, in MiB."""
    with running(name) as server:
        before = server.memory_mib()
        asyncio.run(clients(server.port, ask_request(), number=32, seconds=seconds))
        return f"{before:.0f}, then {server.memory_mib():.0f}"


def slow_headers(name: str, seconds: float) -> str:
    """The p99 of others among 500 clients that dribble their headers."""
    return _among(name, HEADER, seconds)


def slow_bodies(name: str, seconds: float) -> str:
    """The p99 of others among 500 clients that dribble their bodies."""
    return _among(name, BODY, seconds)


def _among(name: str, start: bytes, seconds: float) -> str:
    with running(name) as server:
        trial = probe_among(server.port, start, number=500, seconds=seconds)
        try:
            p99, seen = asyncio.run(asyncio.wait_for(trial, seconds + 30))
        except TimeoutError:
            return "**no answer**"
        return f"{p99 * 1000:,.0f} ms" if p99 < 60 else f"**{seen}**"


def stopping(name: str, seconds: float) -> str:
    """What SIGTERM does to an answer and a stream that run, and to requests under load."""
    with running(name, ask_s=1.0) as server:
        plain, stream = asyncio.run(long_answers(server, 1.0))
        _end(server.process)
    cut = total = 0
    for _ in range(max(1, int(seconds))):
        with running(name, ask_s=0.1, asks_at_once=8) as server:
            seen = asyncio.run(stop_under_load(server, seconds=0.6))
            cut, total = cut + seen[CUT], total + seen.total()
    finished = f"answer {'finished' if plain.status == 200 else '**cut**'}, stream "
    return (
        finished
        + f"{'finished' if is_whole(stream) else '**cut**'}; {cut} of {total} requests cut under load"
    )


def _end(process: "object") -> None:
    process.send_signal(signal.SIGTERM)  # type: ignore[attr-defined]
    process.wait(timeout=60)  # type: ignore[attr-defined]


def overloaded(name: str, seconds: float) -> str:
    """Three times more questions than can be answered."""
    with running(name, ask_s=ASK_S, asks_at_once=AT_ONCE) as server:
        asks, probes, back_s = asyncio.run(overload(server.port, rate=SATURATION, seconds=seconds))
    return f"{asks.shown()}; /livez p99 {probes.percentile(0.99) * 1000:,.0f} ms; back in {back_s:.1f} s"


def body_limits(name: str, seconds: float) -> str:
    """Bodies and questions at their limits and one over, declared and chunked."""
    with running(name) as server:
        seen = statuses_at_the_limit(server.port)
    wrong = [f"{what} {status}" for what, status in seen.items() if status != WANTED[what]]
    return "**" + ", ".join(wrong) + "**" if wrong else "as they should be"


def bad_http(name: str, seconds: float) -> str:
    """What a line that is no HTTP gets."""
    with running(name) as server, socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
        line.sendall(b"rubbish\r\n\r\n")
        answer = line.recv(4096)
    status = answer.split(b" ")[1].decode() if answer.startswith(b"HTTP/") else "nothing"
    return f"{status}, {'a problem object' if b'application/problem+json' in answer else 'no problem object'}"


TRIALS: dict[str, Callable[[str, float], str]] = {
    "requests a second, liveness and questions": rates,
    "memory in MiB": memory,
    "p99 among 500 dribbled headers": slow_headers,
    "p99 among 500 dribbled bodies": slow_bodies,
    "SIGTERM": stopping,
    "3 × saturation": overloaded,
    "bodies over the limit": body_limits,
    "what is no HTTP": bad_http,
}


def main() -> None:
    """Run every trial on every candidate and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each trial")
    parser.add_argument("--only", action="append", choices=list(CANDIDATES), metavar="NAME")
    parser.add_argument("--print", action="store_true", help="print the table, write nothing")
    given = parser.parse_args()
    names = given.only or installed()
    cells: dict[tuple[str, str], str] = {}
    for trial, try_it in TRIALS.items():
        for name in names:
            cells[trial, name] = _tried(try_it, name, given.seconds)
            print(f"{trial} | {name}: {cells[trial, name]}", flush=True)
            time.sleep(0.5)
    if not given.print:
        _write(_table(names, cells, given.seconds))


def _tried(try_it: Callable[[str, float], str], name: str, seconds: float) -> str:
    try:
        return try_it(name, seconds)
    except (OSError, EOFError, ValueError, AssertionError, RuntimeError, TimeoutError) as error:
        return f"**{type(error).__name__}**"


def _table(names: list[str], cells: dict[tuple[str, str], str], seconds: float) -> str:
    heads = [f"{name} {version(CANDIDATES[name][0])}" for name in names]
    lines = [f"| | {' | '.join(heads)} |", "|---" * (len(names) + 1) + "|"]
    lines += [f"| {trial} | {' | '.join(cells[trial, name] for name in names)} |" for trial in TRIALS]
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    when = f"{datetime.now(UTC):%Y-%m-%d}, {machine}, `python -m tests.bench.servers --seconds {seconds:g}`"
    return "\n".join([*lines, "", f"Measured {when}."])


def _write(table: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    pattern = re.compile(r"(<!-- table: [^>]*-->\n).*?(<!-- /table -->)", re.DOTALL)
    PAGE.write_text(pattern.sub(lambda found: f"{found[1]}\n{table}\n\n{found[2]}", text), encoding="utf-8")


if __name__ == "__main__":
    main()
