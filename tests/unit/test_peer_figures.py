"""The figures and the page of the comparison with other engines, from phases made up by hand."""

from pathlib import Path

import pytest

from tests.bench.peers.bars import bar_chart
from tests.bench.peers.report import figures_of, write_report

SEEN = {
    "version": "1.0",
    "disk_mib": 3.5,
    "index": {"seconds": 4.0, "documents": 100, "peak_mib": 800.0},
    "query": {"times": [0.010, 0.020, 0.030], "ranks": [1, 2, 0], "peak_mib": 700.0},
    "cold": {"wall": 6.0},
    "update": {"seconds": 0.5},
}
EXTRA = {
    "ask_p50": 0.2, "ask_p95": 0.3, "asked": 40, "serve_mib": 350.0, "import_s": 12.0,
    "rates": {"float32": {"reached": 100.0, "peaks": {"fp32": 200.0, "int8": 400.0}}},
}  # fmt: skip


def test_figures_come_from_times_and_ranks() -> None:
    found = figures_of(SEEN)
    assert found["paragraphs_per_second"] == 25
    assert found["query_p50_ms"] == pytest.approx(20)
    assert (found["r1"], found["r10"], found["mrr"]) == pytest.approx((1 / 3, 2 / 3, 0.5))


def test_the_page_holds_every_engine_and_the_ratios(tmp_path: Path) -> None:
    slower = {**SEEN, "index": {**SEEN["index"], "seconds": 8.0}, "cold": {"wall": 20.0}}  # type: ignore[dict-item]
    measured = {"service": SEEN, "plain": slower, "haystack_hybrid": slower}
    write_report(tmp_path / "BENCHMARKS.md", measured, EXTRA, questions=3)
    page = (tmp_path / "BENCHMARKS.md").read_text(encoding="utf-8")
    for words in ("this project", "Haystack, hybrid", "2.00 × the paragraphs", "0.30 of its cold search",
                  "50% of the 200 that a matrix product", "0.50 of it"):  # fmt: skip
        assert words in page
    assert len(list((tmp_path / "benchmarks").glob("*.svg"))) == page.count("](benchmarks/") == 4


def test_bars_are_as_long_as_their_values_and_names_are_escaped() -> None:
    drawn = bar_chart("Speed", {"<ours>": 2.0, "theirs": 1.0}, "{:.0f}")
    assert "&lt;ours&gt;" in drawn
    assert 'width="350.0"' in drawn
    assert 'width="175.0"' in drawn
