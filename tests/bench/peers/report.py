"""The page docs/BENCHMARKS.md with its plots, from what was measured."""

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from embeddings.cpu_flags import cpu_flags
from tests.bench.peers.bars import bar_chart

Measured = Mapping[str, Mapping[str, Any]]
NAMES = {
    "service": "this project",
    "plain": "sentence-transformers + FAISS",
    "txtai_hybrid": "txtai, hybrid",
    "haystack_hybrid": "Haystack, hybrid",
}
_PLOTS = (
    ("paragraphs_per_second", "Paragraphs indexed a second", "{:.1f}"),
    ("query_p50_ms", "Search, median milliseconds", "{:.1f}"),
    ("cold_s", "First answer from a cold start, seconds", "{:.1f}"),
    ("mrr", "MRR@10", "{:.3f}"),
)
# Those that decide how fast products of bytes and floats are.
_INSTRUCTIONS = {"avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8"}
_COLUMNS = (
    "engine", "version", "paragraphs/s", "search p50", "search p95", "cold first answer", "peak memory, indexing",
    "peak memory, searching", "on disk", "one article changed", "R@1", "R@10", "MRR@10",
)  # fmt: skip
_HEAD = """# Beside what one would pick instead

`python -m tests.bench.peers --shared ../shared` wrote this page: all engines in one run on one machine, each phase in a
process of its own, each peer in a virtual environment of its own with the same MiniLM weights. squad_open:
{documents:,.0f} paragraphs, {questions} dev questions. Indexing is the mean of two rounds, the second in the
opposite order; models are loaded before its clock starts (this project prepares its own at first need, once for all
indexes: also before). Absolute times are this machine's; compare within the run.

"""


def figures_of(seen: Mapping[str, Any]) -> dict[str, float]:
    """Return an engine's figures from what its phases printed."""
    times, ranks = np.array(seen["query"]["times"]), np.array(seen["query"]["ranks"])
    found = ranks > 0
    return {
        "paragraphs_per_second": seen["index"]["documents"] / seen["index"]["seconds"],
        "query_p50_ms": float(np.percentile(times, 50)) * 1000,
        "query_p95_ms": float(np.percentile(times, 95)) * 1000,
        "cold_s": seen["cold"]["wall"],
        "index_mib": seen["index"]["peak_mib"],
        "query_mib": seen["query"]["peak_mib"],
        "disk_mib": seen["disk_mib"],
        "update_s": seen["update"]["seconds"],
        "r1": float((ranks == 1).mean()),
        "r10": float(found.mean()),
        "mrr": float(np.where(found, 1 / np.maximum(ranks, 1), 0).mean()),
    }


def write_report(page: Path, measured: Measured, extra: Mapping[str, Any], *, questions: int) -> None:
    """Write `page` and, in the folder `benchmarks` beside it, one plot for each of the main figures."""
    found = {engine: figures_of(seen) for engine, seen in measured.items()}
    documents = next(iter(measured.values()))["index"]["documents"]
    lines = [_row(engine, measured[engine]["version"], found[engine]) for engine in found]
    head = [f"| {' | '.join(_COLUMNS)} |", "|---" * len(_COLUMNS) + "|"]
    text = _HEAD.format(documents=documents, questions=questions) + "\n".join([*head, *lines]) + "\n"
    folder = page.parent / "benchmarks"
    folder.mkdir(exist_ok=True)
    for key, title, form in _PLOTS:
        values = {NAMES[engine]: one[key] for engine, one in found.items()}
        (folder / f"{key}.svg").write_text(bar_chart(title, values, form), encoding="utf-8")
        text += f"\n![{title}](benchmarks/{key}.svg)\n"
    if extra:
        text += _extras(found, extra)
    page.write_text(text + _where(), encoding="utf-8")


def _row(engine: str, version: str, one: Mapping[str, float]) -> str:
    cells: Sequence[str] = (
        NAMES[engine],
        version,
        f"{one['paragraphs_per_second']:.1f}",
        f"{one['query_p50_ms']:.1f} ms",
        f"{one['query_p95_ms']:.1f} ms",
        f"{one['cold_s']:.1f} s",
        f"{one['index_mib']:,.0f} MiB",
        f"{one['query_mib']:,.0f} MiB",
        f"{one['disk_mib']:.1f} MiB",
        f"{one['update_s']:.1f} s",
        f"{one['r1']:.3f}",
        f"{one['r10']:.3f}",
        f"{one['mrr']:.3f}",
    )
    return f"| {' | '.join(cells)} |"


def _extras(found: Mapping[str, Mapping[str, float]], extra: Mapping[str, Any]) -> str:
    own = found["service"]
    lines = [
        "",
        "## Whole answers, and the machine's limit",
        "",
        "- `POST /api/v1/ask` over HTTP, warm (retrieve, read, cite): "
        f"p50 {extra['ask_p50'] * 1000:.0f} ms, p95 {extra['ask_p95'] * 1000:.0f} ms over {extra['asked']} answers; "
        f"`serve` then holds {extra['serve_mib']:.0f} MiB.",
        f"- `import sentence_transformers` alone takes {extra['import_s']:.1f} s; the cold `qa-service ask` is "
        f"{own['cold_s'] / extra['import_s']:.2f} of it.",
    ]
    if peer := found.get("haystack_hybrid"):
        lines.append(
            f"- Beside Haystack: the whole answer takes {extra['ask_p50'] * 1000 / peer['query_p50_ms']:.2f} of its "
            f"search alone, the cold answer {own['cold_s'] / peer['cold_s']:.2f} of its cold search, "
            f"`serve` {extra['serve_mib'] / peer['query_mib']:.2f} of its memory."
        )
    if peer := found.get("plain"):
        ratio = own["paragraphs_per_second"] / peer["paragraphs_per_second"]
        lines.append(
            f"- Indexing runs at {ratio:.2f} × the paragraphs a second of sentence-transformers' defaults."
        )
    for name, rate in extra["rates"].items():
        peak = rate["peaks"][{"float32": "fp32", "int8": "int8"}[name]]
        lines.append(
            f"- Encoding in {name} comes to {rate['reached']:.0f} billion operations a second, "
            f"{rate['reached'] / peak:.0%} of the {peak:.0f} that a matrix product of 1,024 × 1,024 reaches."
        )
    return "\n".join(lines) + "\n"


def _where() -> str:
    known = sorted((cpu_flags() or set()) & _INSTRUCTIONS)
    products = ", ".join(known) or "unknown instructions"
    machine = (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()} with {products},"
        f" Python {platform.python_version()}"
    )
    return f"\nMeasured {datetime.now(UTC):%Y-%m-%d}, {machine}.\n"
