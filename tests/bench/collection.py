"""The development collections as articles, questions and the paragraphs that answer them."""

import gzip
import hashlib
import json
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.protocols import Encoder
from qa_service.domain import Article, Paragraph, ParagraphKind
from qa_service.parsing import read_sources

CUTS = (1, 3, 5, 10, 50)


@dataclass(frozen=True, slots=True)
class Collection:
    """Articles and questions on them.

    Attributes:
        gold: for each question the paragraphs that answer it, as (article_id, ordinal).
        groups: for each question the article that it was asked about, to split by; "" where unknown.
    """

    name: str
    articles: tuple[Article, ...]
    questions: tuple[str, ...]
    gold: tuple[frozenset[tuple[str, int]], ...]
    groups: tuple[str, ...]

    @property
    def first_half(self) -> NDArray[np.bool_]:
        """Which questions are about every second article; none where the article is unknown."""
        order = {group: i for i, group in enumerate(sorted(set(self.groups)))}
        return np.array([order[group] % 2 == 0 and group != "" for group in self.groups])


def load_seed(shared: Path) -> Collection:
    """Return the seed's articles with the answerable questions that need no history."""
    articles = _read(shared / "seed" / "articles.txt")
    asked = [
        json.loads(line) for line in (shared / "gold" / "seed_dev.jsonl").read_text("utf-8").splitlines()
    ]
    asked = [q for q in asked if q["answers"] and not q.get("history")]
    gold = tuple(
        frozenset(
            (a.article_id, p.ordinal)
            for a in articles
            for p in a.paragraphs
            if any(support in p.text for support in q["support"])
        )
        for q in asked
    )
    return Collection("seed_dev", articles, tuple(q["question"] for q in asked), gold, ("",) * len(asked))


def load_squad(shared: Path) -> Collection:
    """Return squad_open with all its development questions."""
    folder = shared / "data" / "squad_open"
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "squad_open.jsonl"
        source.write_bytes(gzip.decompress((folder / "articles.jsonl.gz").read_bytes()))
        articles = _read(source)
    lines = gzip.decompress((folder / "questions_dev.jsonl.gz").read_bytes()).decode().splitlines()
    asked = [json.loads(line) for line in lines]
    ordinals = {(a.article_id, p.index): p.ordinal for a in articles for p in a.paragraphs}
    gold = tuple(
        frozenset({(q["article_id"], ordinals[q["article_id"], q["paragraph_index"]])}) for q in asked
    )
    groups = tuple(q["article_id"] for q in asked)
    return Collection("squad_open dev", articles, tuple(q["question"] for q in asked), gold, groups)


def load_nq(shared: Path, count: int = 1500) -> Collection:
    """Return search-engine questions over the passages that answer them, each passage an article of one paragraph.

    The questions were written by people who had not seen the passage, unlike those of squad_open, so that
    they share fewer words with it: a check that the settings do not lean on shared words alone.
    """
    path = shared / "data" / "reader_train" / "nq_oracle.jsonl.gz"
    asked = [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().splitlines()]
    asked = random.Random(5).sample(asked, count)
    titles = {q["context"]: q["title"] for q in asked}
    ids = {text: f"nq-{i}" for i, text in enumerate(sorted(titles))}
    articles = tuple(
        Article(i, titles[text], text, (Paragraph(0, 0, ParagraphKind.BODY, 0, len(text), text),))
        for text, i in ids.items()
    )
    gold = tuple(frozenset({(ids[q["context"]], 0)}) for q in asked)
    return Collection("nq_oracle", articles, tuple(q["question"] for q in asked), gold, ("",) * len(asked))


def encoded(encoder: Encoder, texts: Sequence[str], cache: Path) -> NDArray[np.float32]:
    """Return the vectors of `texts`, shape (len(texts), dimension), kept in the folder `cache` between runs."""
    key = hashlib.sha256("\0".join([encoder.weight_hash, *texts]).encode()).hexdigest()[:24]
    path = cache / f"{key}.npy"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        np.save(path, encoder.encode_documents(texts), allow_pickle=False)
    vectors: NDArray[np.float32] = np.load(path, allow_pickle=False)
    return vectors


def gold_rows(collection: Collection, mains: Sequence[tuple[str, int]]) -> list[NDArray[np.int64]]:
    """Return for each question the rows that stand for a paragraph that answers it."""
    rows = {main: row for row, main in enumerate(mains)}
    return [np.array([rows[g] for g in gold if g in rows], dtype=np.int64) for gold in collection.gold]


def best_rank(scores: NDArray[np.floating], gold: NDArray[np.int64]) -> int:
    """Return the rank, from 0, of the best row of `gold`; equal scores rank the lower row first."""
    if not gold.size:
        return len(scores)
    row = int(gold[np.argmax(scores[gold])])
    return int((scores > scores[row]).sum() + (scores[:row] == scores[row]).sum())


def figures(ranks: NDArray[np.int64]) -> list[float]:
    """Return recall at each of CUTS and the mean reciprocal rank."""
    return [float((ranks < cut).mean()) for cut in CUTS] + [float((1 / (1 + ranks)).mean())]


def table_row(names: Sequence[str], values: Sequence[float]) -> str:
    """Return a line of a Markdown table."""
    return "| " + " | ".join([*names, *(f"{value:.3f}" for value in values)]) + " |"


def table_head(names: Sequence[str], more: Sequence[str] = ()) -> str:
    """Return the first two lines of a Markdown table with the columns of `figures`, and `more` after them."""
    columns = [*names, *(f"R@{cut}" for cut in CUTS), "MRR", *more]
    return "| " + " | ".join(columns) + " |\n" + "|---" * len(columns) + "|"


def _read(source: Path) -> tuple[Article, ...]:
    return tuple(item for item in read_sources([source]) if isinstance(item, Article))
