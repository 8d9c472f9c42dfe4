"""Runs every measurement, one after another: `python -m tests.bench --shared ../shared`, or `make bench`."""

import subprocess
import sys

MEASUREMENTS = (
    "chunking", "lexical", "fusion", "confidence", "answers", "follow_ups", "families", "latency", "eight_bit", "peers",
)  # fmt: skip


def main() -> None:
    """Run each in a process of its own, so that none inherits another's memory or threads."""
    for name in MEASUREMENTS:
        print(f"\n## {name}\n", flush=True)
        subprocess.run([sys.executable, "-m", f"tests.bench.{name}", *sys.argv[1:]], check=True)


if __name__ == "__main__":
    main()
