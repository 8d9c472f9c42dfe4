"""Tries every promise in full and writes docs/FAULTS.md: `python -m tests.faults`, or `make faults`."""

import argparse
import os
import platform
import re
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.rows import Result, Row, all_rows

REPORT = Path(__file__).resolve().parents[2] / "docs" / "FAULTS.md"
_HEAD = """# Promises, tried

What must not go wrong and how trying to break it went, the full figures. The tests run the same trials quickly.
Made by `make faults`; `python -m tests.faults --only NAME` repeats one row and leaves the others as they are.

| name | promise | held | seen | date | seconds |
|---|---|---|---|---|---|
"""
_ROW = re.compile(r"^\| `([\w-]+)` \|.*$", re.MULTILINE)


def main() -> int:
    """Run the rows that are asked for; the exit code is 0 when all of them held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", action="append", metavar="NAME", help="a row's name; may be given several times"
    )
    parser.add_argument("--quick", action="store_true", help="as the tests do; writes no report")
    given = parser.parse_args()
    rows = [row for row in all_rows() if not given.only or row.name in given.only]
    if not rows:
        parser.error(f"No row is named so; there are {', '.join(row.name for row in all_rows())}.")
    lines, held = {}, True
    for row in rows:
        began = time.perf_counter()
        result = _tried(row, quick=given.quick)
        held &= result.held
        lines[row.name] = _line(row, result, time.perf_counter() - began)
        print(f"{'held  ' if result.held else 'BROKEN'}  {row.name}: {result.seen}", flush=True)
    if not given.quick:
        _write(lines)
    return 0 if held else 1


def _tried(row: Row, *, quick: bool) -> Result:
    try:
        return row.try_it(quick)
    except Exception as error:  # a trial that breaks down is a promise that did not hold
        return Result(False, f"{type(error).__name__}: {error}")


def _line(row: Row, result: Result, seconds: float) -> str:
    words = (row.promise, "yes" if result.held else "**no**", result.seen)
    shown = " | ".join(" ".join(word.replace("|", "\\|").split()) for word in words)
    return f"| `{row.name}` | {shown} | {datetime.now(UTC):%Y-%m-%d} | {seconds:,.0f} |"


def _write(lines: dict[str, str]) -> None:
    before = REPORT.read_text(encoding="utf-8") if REPORT.exists() else ""
    known = {found[1]: found[0] for found in _ROW.finditer(before)} | lines
    shown = [known[row.name] for row in all_rows() if row.name in known]
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    REPORT.write_text(
        _HEAD + "\n".join(shown) + f"\n\nMachine of the last run: {machine}.\n", encoding="utf-8"
    )


if __name__ == "__main__":
    sys.exit(main())
