"""The squad_open dev questions with the paragraphs that retrieval puts before the reader."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.protocols import Encoder
from embeddings.training.examples import read_rows
from embeddings.training.retrieval import FusedRetriever

DEPTH = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what retrieval found for it.

    Attributes:
        text: the question.
        article: the article that it was asked about.
        answers: accepted answers; empty for an adversarial question that its paragraph does not answer.
        gold: row of the paragraph asked about.
        rows: rows of the paragraphs found, best first.
        fused: their fused scores.
        cosines: their cosines.
    """

    text: str
    article: str
    answers: tuple[str, ...]
    gold: int
    rows: tuple[int, ...]
    fused: tuple[float, ...]
    cosines: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """All 2,067 paragraphs of squad_open.

    Attributes:
        texts: one a row.
        before: for each the paragraph in front of it in its article, empty for the first.
        begins: row of the first paragraph of each article.
    """

    texts: list[str]
    before: list[str]
    begins: dict[str, int]

    def rows_without(self, article: str) -> NDArray[np.bool_]:
        """Return, shape (paragraphs,), which rows are not of `article`."""
        first = self.begins[article]
        later = [row for row in self.begins.values() if row > first]
        allowed = np.ones(len(self.texts), dtype=np.bool_)
        allowed[first : min(later, default=len(self.texts))] = False
        return allowed


def load_paragraphs(shared: Path) -> Paragraphs:
    """Read the paragraphs in the order of their articles."""
    loaded = Paragraphs([], [], {})
    for row in read_rows(shared / "data" / "squad_open" / "articles.jsonl.gz"):
        own = row["text"].split("\n\n")
        loaded.begins[row["id"]] = len(loaded.texts)
        loaded.texts.extend(own)
        loaded.before.extend(["", *own[:-1]])
    return loaded


def load_candidates(
    shared: Path, paragraphs: Paragraphs, encoder: Encoder | None, cache: Path, *, absent: bool = False
) -> list[Asked]:
    """Return the dev questions, answerable ones first; kept in `cache` for the next run.

    Args:
        absent: return instead the answerable ones as put to an archive without their article, which answers none.
    """
    if cache.exists():
        return [_from_json(line) for line in cache.read_text(encoding="utf-8").splitlines()]
    retriever = FusedRetriever(encoder, paragraphs.texts)
    found = []
    for name in ("questions_dev",) if absent else ("questions_dev", "unanswerable_dev"):
        for row in read_rows(shared / "data" / "squad_open" / f"{name}.jsonl.gz"):
            allowed = paragraphs.rows_without(row["article_id"]) if absent else None
            lists = (part.tolist() for part in retriever.best(row["question"], DEPTH, allowed))
            gold = paragraphs.begins[row["article_id"]] + row["paragraph_index"]
            answers = () if absent else tuple(row["answers"])
            found.append(Asked(row["question"], row["article_id"], answers, gold, *map(tuple, lists)))
    cache.write_text("\n".join(json.dumps(asdict(asked)) for asked in found), encoding="utf-8")
    return found


def _from_json(line: str) -> Asked:
    stored: dict[str, Any] = json.loads(line)
    lists = (tuple(stored[name]) for name in ("rows", "fused", "cosines"))
    return Asked(stored["text"], stored["article"], tuple(stored["answers"]), stored["gold"], *lists)


def of_articles(asked: Sequence[Asked], articles: Sequence[str]) -> list[Asked]:
    """Return the questions about `articles`."""
    wanted = set(articles)
    return [one for one in asked if one.article in wanted]
