"""Fits the confidence of reading by overlap: `python -m tests.bench.confidence --shared ../shared`.

Questions with an answer are the squad_open dev questions over the whole archive. Questions without
one are the same questions while the article that they were asked about is filtered out. The seed's
questions are only measured, never fitted to.
"""

import argparse
import gzip
import json
import random
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from qa_service import bootstrap
from qa_service.archive import Archive
from qa_service.domain import Filters
from qa_service.generations import generation_ids
from qa_service.overlap_reading import OverlapReader, features
from qa_service.settings import Settings


def main() -> None:
    """Fit, then print the coefficients and what they do on questions that were not fitted to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("-n", type=int, default=800, help="questions of squad_open")
    parser.add_argument("--work", type=Path, help="folder whose indexes are used again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(given.shared, given.n, given.work or Path(folder))


def measure(shared: Path, n: int, folder: Path) -> None:
    """Fit on two thirds of the squad_open articles, report on the rest and on the seed."""
    squad, seed = folder / "articles.jsonl", shared / "seed" / "articles.txt"
    squad.write_bytes(gzip.decompress((shared / "data/squad_open/articles.jsonl.gz").read_bytes()))
    with gzip.open(shared / "data/squad_open/questions_dev.jsonl.gz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    rows = random.Random(3).sample(rows, n)
    archive, look = opened(folder / "squad", squad)
    everything = tuple(a.article_id for a in archive.store.articles(1000))
    held_out = {a for i, a in enumerate(sorted({r["article_id"] for r in rows})) if i % 3 == 0}
    points = []
    for row in rows:
        without = Filters(article_ids=tuple(a for a in everything if a != row["article_id"]))
        for label, filters in ((1, Filters()), (0, without)):
            points.append((look(row["question"], filters), label, row["article_id"] in held_out))
    x = np.array([p[0] for p in points])
    y, held = np.array([p[1] for p in points]), np.array([p[2] for p in points])
    model = LogisticRegression(C=100.0).fit(x[~held], y[~held])
    print("intercept, coefficients:", model.intercept_.round(3), model.coef_.round(3))
    print(
        f"squad_open, {held.sum()} held-out points: AUROC {roc_auc_score(y[held], score(model, x[held])):.3f}"
    )
    seed_figures(shared, folder, seed, model)


def opened(data_dir: Path, source: Path):  # type: ignore[no-untyped-def]
    """Index `source` and return the archive with a function from question to features."""
    settings = Settings(data_dir=data_dir)
    if not generation_ids(data_dir):
        bootstrap.run_reindex(settings, [source], full=False, dry_run=False, progress=lambda *_: None)
    encoder = bootstrap.load_encoder(settings)
    archive: Archive = bootstrap.open_archive(settings, encoder)
    retriever, reader = (
        bootstrap.build_retriever(settings, encoder),
        OverlapReader(bootstrap.OVERLAP_CONFIDENCE),
    )

    def look(question: str, filters: Filters) -> tuple[float, ...]:
        hits = retriever.retrieve(archive, question, limit=5, filters=filters).hits
        return features(reader.read(question, hits, archive.lexical))

    return archive, look


def seed_figures(shared: Path, folder: Path, seed: Path, model: LogisticRegression) -> None:
    """Print, for thresholds, which share of the seed's questions would be refused."""
    _, look = opened(folder / "seed", seed)
    gold = [json.loads(line) for line in (shared / "gold/seed_dev.jsonl").read_text().splitlines()]
    gold = [row for row in gold if not row.get("history")]
    scores = score(model, np.array([look(row["question"], Filters()) for row in gold]))
    answerable = np.array([bool(row["answers"]) for row in gold])
    print(f"seed_dev: AUROC {roc_auc_score(answerable, scores):.3f}")
    for threshold in np.arange(0.2, 0.9, 0.05):
        refused = scores < threshold
        print(
            f"  below {threshold:.2f}: {refused[~answerable].sum()} of {(~answerable).sum()} unanswerable refused,"
            f" {refused[answerable].sum()} of {answerable.sum()} answerable"
        )


def score(model: LogisticRegression, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability that each row's question is answered."""
    probabilities: NDArray[np.float64] = model.predict_proba(x)[:, 1]
    return probabilities


if __name__ == "__main__":
    main()
