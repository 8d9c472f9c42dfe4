"""This service beside what people would pick instead: `python -m tests.bench.peers --shared ../shared`.

Each engine indexes squad_open, twice and the second time in the opposite order, answers the same questions, answers
one question from a cold start, and takes one changed article, every phase in a process of its own. Writes
docs/BENCHMARKS.md and its plots.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from embeddings.encoder import packaged_model
from tests.bench.peers.report import write_report
from tests.bench.peers.venvs import python_of, version_of
from tests.bench.peers.workload import write_workload
from tests.bench.web import served
from tests.faults.clients import ask_request, clients

ENGINES = ("service", "plain", "txtai_hybrid", "haystack_hybrid")
PHASES = ("query", "cold", "update")  # after "index"
ROOT = Path(__file__).resolve().parents[3]
TRIAL = Path(__file__).with_name("trial.py")
_ENVIRON = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
}


def main() -> None:
    """Prepare, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("-n", type=int, default=500, help="questions")
    parser.add_argument(
        "--work", type=Path, default=ROOT / ".bench", help="folder for environments and indexes"
    )
    parser.add_argument(
        "--engine", action="append", choices=ENGINES, help="only this one; may be given again"
    )
    given = parser.parse_args()
    given.work.mkdir(exist_ok=True)
    write_workload(given.shared, given.work, given.n)
    engines = given.engine or ENGINES
    pythons = {engine: python_of(engine, given.work / "venvs") for engine in engines}
    measured: dict[str, dict[str, Any]] = {engine: {} for engine in engines}
    built: dict[str, list[dict[str, Any]]] = {engine: [] for engine in engines}
    for engine in (*engines, *reversed(engines)):
        shutil.rmtree(given.work / engine, ignore_errors=True)  # an earlier index would spare work
        built[engine].append(run_phase(pythons[engine], engine, "index", given.work))
    for engine, rounds in built.items():
        measured[engine]["index"] = {name: sum(one[name] for one in rounds) / 2 for name in rounds[0]}
    for phase in PHASES:
        for engine in engines:
            measured[engine][phase] = run_phase(pythons[engine], engine, phase, given.work)
    for engine in engines:
        measured[engine]["version"] = version_of(engine, pythons[engine])
        measured[engine]["disk_mib"] = size_mib(given.work / engine)
    extra = service_extras(given.work) if "service" in engines else {}
    write_report(ROOT / "docs" / "BENCHMARKS.md", measured, extra, questions=given.n)


def run_phase(python: Path, engine: str, phase: str, work: Path) -> dict[str, Any]:
    """Return what `phase` printed, with `wall`, the seconds from the start of its process to its end."""
    command = [python, TRIAL, engine, phase, work, packaged_model()]
    if engine == "service" and phase == "cold":
        question = json.loads((work / "questions.json").read_text(encoding="utf-8"))[0]["question"]
        command = [
            python,
            "-m",
            "qa_service",
            "ask",
            question,
            "--json",
            "--data-dir",
            work / engine / "index",
        ]
    environ = {**os.environ, **_ENVIRON} | ({"PYTHONPATH": str(ROOT)} if engine == "service" else {})
    began = time.perf_counter()
    done = subprocess.run([*map(str, command)], env=environ, cwd=ROOT, capture_output=True, text=True)
    wall = time.perf_counter() - began
    if done.returncode not in (0, 3):  # 3: the service's command line abstained
        raise SystemExit(f"{engine} failed at {phase}:\n{done.stderr[-3000:]}")
    printed = done.stdout.strip().splitlines()[-1] if phase != "cold" else "{}"
    seen = {**json.loads(printed), "wall": wall}
    print(f"{engine} {phase}: {_short(seen)}", file=sys.stderr, flush=True)
    return seen


def service_extras(work: Path) -> dict[str, Any]:
    """Return what only the service has: whole answers over HTTP, its memory, imports, and the machine's peak."""
    questions = json.loads((work / "questions.json").read_text(encoding="utf-8"))
    requests = [ask_request({"question": one["question"]}) for one in questions[:200]]
    with served(data_dir=work / "service" / "index") as server:
        asyncio.run(clients(server.port, *requests, number=1, seconds=5))
        load = asyncio.run(clients(server.port, *requests, number=1, seconds=40))
        memory = server.memory_mib()
    imports = []
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import sentence_transformers"], check=True)
        imports.append(time.perf_counter() - began)
    peak = subprocess.run(
        [sys.executable, "-m", "tests.bench.peers.machine_peak"],
        cwd=ROOT, env={**os.environ, **_ENVIRON}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return {
        "ask_p50": load.percentile(0.5),
        "ask_p95": load.percentile(0.95),
        "asked": load.statuses[200],
        "serve_mib": memory,
        "import_s": sorted(imports)[1],
        **json.loads(peak.stdout.strip().splitlines()[-1]),
    }


def size_mib(folder: Path) -> float:
    """Return how much an engine keeps on disk."""
    own = {"articles.jsonl"}  # the source, which is no part of the index
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file() and f.name not in own) / 2**20


def _short(seen: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in seen.items() if isinstance(value, float))


if __name__ == "__main__":
    main()
