"""Measures answers while a reindex runs beside the server: `python -m tests.bench.under_reindex --shared ../shared`."""

import argparse
import asyncio
import gzip
import subprocess
import sys
from pathlib import Path

from tests.bench.web import questions, served
from tests.faults.clients import Load, clients
from tests.faults.server_process import ROOT, clean_environ
from tests.faults.temporary import temporary_folder

_PAUSE_S, _WARM_UP_S = 0.2, 3.0
_MOST_TIMES = 2.0


def main() -> int:
    """Print the times of answers without a reindex and beside one; return 0 where p99 is at most twice as long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=30.0, help="of each turn")
    parser.add_argument("--turns", type=int, default=2, help="without a reindex, and as many beside one")
    parser.add_argument("--data-dir", type=Path, help="keeps the exported models between runs")
    given = parser.parse_args()
    with temporary_folder() as folder:
        data_dir, source = given.data_dir or folder / "data", folder / "articles.jsonl"
        packed = (given.shared / "data" / "squad_open" / "articles.jsonl.gz").read_bytes()
        source.write_bytes(gzip.decompress(packed))
        with _reindex(data_dir, "--samples") as first:
            first.wait()
        turns = asyncio.run(_turns(data_dir, source, given.seconds, given.turns))
    for name, loads in turns.items():
        print(f"{name}: {'; '.join(map(_shown, loads))}")
    ratio = _p99(turns["beside a reindex"]) / _p99(turns["without"])
    print(f"p99 beside a reindex is {ratio:.2f} times that without; at most {_MOST_TIMES:g} is promised")
    return 0 if ratio <= _MOST_TIMES else 1


async def _turns(data_dir: Path, source: Path, seconds: float, turns: int) -> dict[str, list[Load]]:
    """Ask without a reindex and beside one, in turns, so that the machine's other work troubles both."""
    loads: dict[str, list[Load]] = {"without": [], "beside a reindex": []}
    with served(data_dir=data_dir) as server:
        await _ask(server.port, _WARM_UP_S)
        for _ in range(turns):
            loads["without"].append(await _ask(server.port, seconds))
            with _reindex(data_dir, "--full", str(source)) as reindex:
                while not (data_dir / "unfinished.vectors").exists() and reindex.poll() is None:
                    await asyncio.sleep(0.1)  # it does not encode yet
                loads["beside a reindex"].append(await _ask(server.port, seconds))
                if reindex.poll() is not None:
                    raise SystemExit("The reindex ended before the turn did; give fewer --seconds.")
                reindex.kill()  # before it publishes other articles than those that were asked about
            (data_dir / "unfinished.vectors").unlink()
    return loads


async def _ask(port: int, seconds: float) -> Load:
    """Ask as one person does who takes a moment between questions."""
    return await clients(port, *questions(), number=1, seconds=seconds, pause_s=_PAUSE_S)


def _reindex(data_dir: Path, *given: str) -> "subprocess.Popen[bytes]":
    """Start a reindex as from another terminal than the server's."""
    environ = clean_environ() | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    return subprocess.Popen(
        [sys.executable, "-m", "qa_service", "reindex", "--data-dir", str(data_dir), *given],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _p99(loads: list[Load]) -> float:
    """Return the p99 of all turns together, in seconds."""
    return Load(times=[seconds for load in loads for seconds in load.times]).percentile(0.99)


def _shown(load: Load) -> str:
    times = ", ".join(f"p{share:.0%} {1000 * load.percentile(share):.0f} ms" for share in (0.5, 0.9, 0.99))
    return f"{load.shown()}, {times}".replace("%", "")


if __name__ == "__main__":
    sys.exit(main())
