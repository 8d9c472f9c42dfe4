"""Answers over squad_open, questions on test articles only: `python -m tests.bench.answers --shared ../shared`.

The test articles' questions were used neither for training nor for calibration (embeddings/training/splits.json).
The same reader is measured with its own ranking and with the order of retrieval; then reading eight paragraphs
is timed against encoding them.
"""

import argparse
import gzip
import json
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from embeddings.protocols import Encoder, LexicalIndex
from embeddings.training.examples import read_splits
from qa_service import bootstrap
from qa_service.answering import LEAST_READ, Answerer
from qa_service.archive import Archive
from qa_service.domain import Hit
from qa_service.evaluation import evaluate, read_gold
from qa_service.evaluation.gold import GoldQuestion
from qa_service.generations import generation_ids
from qa_service.reading import Evidence, HitReader
from qa_service.settings import Settings

SHOWN = ("recall@1", "recall@10", "cited", "cited_first", "exact_match", "f1", "answerable_refused",
         "unanswerable_refused", "auroc_answerable", "auroc_right", "ece", "aurc")  # fmt: skip


class InRetrievalOrder:
    """The same reader, whose paragraphs keep the order of retrieval."""

    def __init__(self, reader: HitReader) -> None:
        self._reader = reader
        self.mode, self.name, self.calibrated = reader.mode, reader.name, False

    def read(self, question: str, hits: Sequence[Hit], lexical: LexicalIndex) -> list[Evidence]:
        return sorted(self._reader.read(question, hits, lexical), key=lambda e: e.hit.rank)


def main() -> None:
    """Index squad_open, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("-n", type=int, default=400, help="questions of each kind")
    parser.add_argument("--split", default="test", help="test or calibrate")
    parser.add_argument("--work", type=Path, help="folder whose index is used again")
    parser.add_argument("--inference", default=Settings().inference, help="torch for the float32 reference")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=(given.work or Path(folder)) / "index", inference=given.inference)
        measure(given.shared / "data" / "squad_open", given.n, given.split, settings)


def measure(data: Path, n: int, split: str, settings: Settings) -> None:
    """Print the figures of both orders, then the times."""
    folder = settings.data_dir.parent
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "articles.jsonl"
    source.write_bytes(gzip.decompress((data / "articles.jsonl.gz").read_bytes()))
    if not generation_ids(settings.data_dir):
        bootstrap.run_reindex(settings, [source], full=False, dry_run=False, progress=lambda *_: None)
    encoder = bootstrap.load_encoder(settings)
    archive, retriever = (
        bootstrap.open_archive(settings, encoder),
        bootstrap.build_retriever(settings, encoder),
    )
    answerer, threshold_for = bootstrap.build_measured_answerer(settings, encoder)
    questions = gold_questions(data, read_splits()[split], n, folder / "gold.jsonl")
    plain = Answerer(retriever, InRetrievalOrder(answerer.reader), 0.0, bootstrap.SPAN_CITATIONS)
    for name, one in (("reading", answerer), ("retrieval order", plain)):
        figures = evaluate(questions, archive, retriever, one, threshold=0.0).figures()
        print(
            f"{name}, {split} articles: "
            + ", ".join(f"{f} {figures[f]:.3f}" for f in SHOWN if figures.get(f))
        )
    accepted = settings.accepted_error
    print(f"threshold for an accepted error of {accepted}: {threshold_for(accepted)}")
    times(archive, encoder, questions[:40])


def gold_questions(data: Path, articles: Sequence[str], n: int, path: Path) -> list[GoldQuestion]:
    """Return `n` answerable and `n` adversarial questions on `articles`, drawn at random with a fixed seed."""
    rows = []
    for name in ("questions_dev", "unanswerable_dev"):
        with gzip.open(data / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            found = [row for row in map(json.loads, lines) if row["article_id"] in articles]
        for row in random.Random(11).sample(found, min(n, len(found))):
            rows.append(row if name == "questions_dev" else {**row, "answers": []})
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return read_gold(path)


def times(archive: Archive, encoder: Encoder, questions: Sequence[GoldQuestion]) -> None:
    """Time reading eight paragraphs against encoding them, in turns."""
    settings = Settings()
    retriever, (reader, _) = bootstrap.build_retriever(settings, encoder), bootstrap.load_reader(settings)
    reading = encoding = 0.0
    for gold in questions:
        hits = retriever.retrieve(archive, gold.question, limit=LEAST_READ).hits
        texts = [hit.paragraph.text for hit in hits]
        begin = time.perf_counter()
        encoder.encode_documents(texts)
        middle = time.perf_counter()
        reader.read(gold.question, texts, [hit.before for hit in hits])
        encoding += middle - begin
        reading += time.perf_counter() - middle
    print(f"reading {LEAST_READ} paragraphs takes {reading / encoding:.2f} times as long as encoding them")


if __name__ == "__main__":
    main()
