"""The web service under load, real models, sample archive: `python -m tests.bench.web`, or `make bench-web`.

Writes docs/WEB_BENCH.md: times at 1, 4 and 16 clients, requests a second at saturation, a soak at 70% of it, and
three times of it with the recovery.
"""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from qa_service.bootstrap import sample_folder
from tests.faults.clients import Load, arrivals, ask_request, clients
from tests.faults.overload import recovery
from tests.faults.server_process import ROOT, Server, clean_environ, port_of, started
from tests.faults.temporary import temporary_folder

PAGE = ROOT / "docs" / "WEB_BENCH.md"
_ALLOWED = {200, 429, 503}


@dataclass(frozen=True, slots=True)
class Watch:
    """How a server's memory, descriptors and threads stood every few seconds of a soak."""

    memory_mib: list[float]
    descriptors: list[int]
    threads: list[int]

    @property
    def growth(self) -> float:
        """Growth of the resident memory after the first fifth, which warms up, as a share."""
        warm = self.memory_mib[len(self.memory_mib) // 5 :]
        part = max(1, len(warm) // 5)
        return statistics.median(warm[-part:]) / statistics.median(warm[:part]) - 1

    @property
    def is_flat(self) -> bool:
        """Whether descriptors and threads stayed as they were after the first fifth."""
        warm = len(self.threads) // 5
        grown = max(self.threads[warm:]) - self.threads[warm]
        opened = statistics.median(self.descriptors[-max(1, warm) :]) - statistics.median(
            self.descriptors[warm:]
        )
        return grown <= 4 and opened <= 16


def questions() -> list[bytes]:
    """Return requests with the questions of the samples."""
    lines = (sample_folder().parent / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [ask_request({"question": json.loads(line)["question"]}) for line in lines]


@contextlib.contextmanager
def real_server(**settings: object) -> Iterator[Server]:
    """Serve the samples with the real models while the context lasts."""
    with temporary_folder() as folder:
        named = {"data_dir": folder, **settings}
        command = [sys.executable, "-m", "qa_service", "reindex", "--samples"]
        subprocess.run(command, cwd=ROOT, env=_environ(named), check=True, capture_output=True)
        with served(**named) as server:
            yield server


@contextlib.contextmanager
def served(**settings: object) -> Iterator[Server]:
    """Serve what `data_dir` holds, with the real models, while the context lasts."""
    with started([sys.executable, "-m", "qa_service", "serve"], _environ(settings)) as process:
        yield Server(process, port_of(process))


def _environ(settings: Mapping[str, object]) -> dict[str, str]:
    named = {"port": 0, "log_level": "ERROR", "rate_per_address": 0, **settings}
    environ = clean_environ() | {f"QA_{name.upper()}": str(value) for name, value in named.items()}
    return environ | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


async def soak(server: Server, *, rate: float, seconds: float) -> tuple[Load, Watch]:
    """Ask `rate` questions a second for `seconds` and watch the server meanwhile."""
    watch = Watch([], [], [])

    async def look() -> None:
        while True:
            watch.memory_mib.append(server.memory_mib())
            watch.descriptors.append(server.descriptors())
            watch.threads.append(server.threads())
            await asyncio.sleep(max(1.0, seconds / 200))

    watching = asyncio.create_task(look())
    load = await arrivals(server.port, *questions(), rate=rate, seconds=seconds)
    watching.cancel()
    return load, watch


def measure(server: Server, *, trial_s: float, soak_s: float) -> list[tuple[str, str, bool]]:
    """Run all trials; return what was tried, what was seen, and whether it is as it should be."""
    asked, port = questions(), server.port
    asyncio.run(clients(port, *asked, number=4, seconds=trial_s / 2))  # warm up
    rows: list[tuple[str, str, bool]] = []
    best = 0.0
    for number in (1, 4, 16):
        load = asyncio.run(clients(port, *asked, number=number, seconds=trial_s))
        best = max(best, load.rate)
        good = set(load.statuses) == {200}
        rows.append((f"{number} client{'s' if number > 1 else ''}", _times(load), good))
    rows.append(("saturation", f"{best:.1f} questions a second", True))
    load, watch = asyncio.run(soak(server, rate=0.7 * best, seconds=soak_s))
    good = set(load.statuses) == {200} and watch.growth <= 0.05 and watch.is_flat
    name = f"soak, {soak_s / 60:g} min at 70% ({0.7 * best:.1f} a second)"
    rows.append((name, f"{load.shown()}; {_times(load)}; {_watched(watch)}", good))
    load = asyncio.run(arrivals(port, *asked, rate=3 * best, seconds=trial_s))
    back_s = asyncio.run(recovery(port))
    seen = f"{load.shown()}; p99 of all {load.percentile(0.99):.2f} s; back in {back_s:.1f} s"
    rows.append(
        (f"3 × saturation ({3 * best:.0f} a second)", seen, set(load.statuses) <= _ALLOWED and back_s <= 10)
    )
    return rows


def _times(load: Load) -> str:
    p50, p99 = load.percentile(0.5) * 1000, load.percentile(0.99) * 1000
    return f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, {load.rate:.1f} a second"


def _watched(watch: Watch) -> str:
    return (
        f"memory {watch.memory_mib[0]:.0f} to {watch.memory_mib[-1]:.0f} MiB, {watch.growth:+.1%} after warm-up; "
        f"descriptors {watch.descriptors[0]} to {watch.descriptors[-1]}, "
        f"threads {watch.threads[0]} to {watch.threads[-1]}"
    )


def _page(rows: list[tuple[str, str, bool]], command: str) -> str:
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    table = [f"| {what} | {seen} | {'yes' if good else '**no**'} |" for what, seen, good in rows]
    return "\n".join(
        [
            "# The web service under load",
            "",
            "`POST /api/v1/ask` of the real service over the sample archive, conversations kept, default settings;",
            "client and server share the machine. As it should be: every answer 200; memory grows by at most 5% in",
            "the soak; beyond saturation only 200, 429, 503, and ten answers in a row within 10 s after.",
            "Made by `make bench-web`.",
            "",
            "| load | seen | as it should be |",
            "|---|---|---|",
            *table,
            "",
            f"Measured {datetime.now(UTC):%Y-%m-%d} on {machine}: `{command}`.",
            "",
        ]
    )


def main() -> int:
    """Measure, write the page, and return 0 when all is as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--soak-minutes", type=float, default=30.0)
    parser.add_argument("--seconds", type=float, default=30.0, help="length of each other trial")
    parser.add_argument("--out", type=Path, default=PAGE)
    given = parser.parse_args()
    with real_server() as server:
        rows = measure(server, trial_s=given.seconds, soak_s=60 * given.soak_minutes)
    command = f"python -m tests.bench.web --seconds {given.seconds:g} --soak-minutes {given.soak_minutes:g}"
    given.out.write_text(_page(rows, command), encoding="utf-8")
    print(given.out.read_text(encoding="utf-8"))
    return 0 if all(good for _, _, good in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
