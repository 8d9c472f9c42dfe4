"""Times a whole `ask()` against one `encode_query`: `python -m tests.bench.latency --shared ../shared`."""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from qa_service import bootstrap
from qa_service.domain import Question
from qa_service.settings import Settings


def main() -> None:
    """Index the seed, then ask its questions; the two are timed in turns, so that load falls on both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(given.shared, given.rounds, Settings(data_dir=Path(folder)))


def measure(shared: Path, rounds: int, settings: Settings) -> None:
    """Print medians in milliseconds, their ratio, and the first answer after start against the tenth."""
    source = shared / "seed" / "articles.txt"
    bootstrap.run_reindex(
        settings, [source], full=False, dry_run=False, progress=lambda stage, done, total: None
    )
    service = bootstrap.build_service(settings)
    encoder = bootstrap.load_encoder(settings)
    lines = (shared / "gold" / "seed_dev.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    asks = [timed(lambda q=q: service.ask(Question(q))) for q in questions[:10]]
    print(f"first ask {asks[0]:.1f} ms, tenth {asks[9]:.1f} ms")
    encodes, asks = [], []
    for question in questions * rounds:
        encodes.append(timed(lambda q=question: encoder.encode_query(q)))
        asks.append(timed(lambda q=question: service.ask(Question(q))))
    encode, ask = statistics.median(encodes), statistics.median(asks)
    print(
        f"{len(asks)} questions: encode_query p50 {encode:.1f} ms, ask p50 {ask:.1f} ms, ratio {ask / encode:.2f}"
    )
    service.close()


def timed(call) -> float:  # type: ignore[no-untyped-def]
    """Return how long `call` takes, in milliseconds."""
    start = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - start)


if __name__ == "__main__":
    main()
