"""Hard negatives: passages that the service's own kind of retrieval ranks high but that hold no accepted answer."""

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path

from embeddings.protocols import Encoder
from embeddings.training.examples import Collection, Question
from embeddings.training.retrieval import FusedRetriever

# Sets whose style is the archive's: only for them is it worth encoding every passage and question.
DENSE_SOURCES = ("squadshifts_new_wiki", "nq_oracle", "squad_open")
REPEATABLE_WORDS = 5


def holds_answer(passage: str, answers: Sequence[str]) -> bool:
    """Return whether `passage` has any of `answers` as whole words, case and punctuation aside.

    >>> holds_answer("It ended in May, 1944.", ["may 1944"]), holds_answer("Mayor", ["May"])
    (True, False)
    """
    padded = f" {_plain(passage)} "
    return any(_plain(answer) and f" {_plain(answer)} " in padded for answer in answers)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def mine_negatives(
    collection: Collection, encoder: Encoder | None, cache: Path, depth: int = 12, keep: int = 5
) -> list[list[int]]:
    """Return up to `keep` hard negatives for each question, hardest first; kept in `cache` for the next run.

    A passage is left out when it is the question's own or holds an accepted answer of at most
    `REPEATABLE_WORDS` words; longer answers are rarely repeated elsewhere word for word.

    Args:
        encoder: None ranks by BM25 alone, which spares most of the time.
    """
    name = encoder.weight_hash if encoder else None
    asked = [(q.text, q.passage) for q in collection.questions]
    content = json.dumps([collection.passages, asked, depth, keep, name])
    key = hashlib.sha256(content.encode()).hexdigest()
    if cache.exists():
        stored = json.loads(cache.read_text(encoding="utf-8"))
        if stored["key"] == key:
            negatives: list[list[int]] = stored["negatives"]
            return negatives
    negatives = [list(question.others) for question in collection.questions]
    for source in sorted(set(collection.sources) - {"wikiqa"}):
        rows = [row for row, name in enumerate(collection.sources) if name == source]
        dense = encoder if source in DENSE_SOURCES else None
        retriever = FusedRetriever(dense, [collection.passages[row] for row in rows])
        for number, question in enumerate(collection.questions):
            if question.source == source:
                found = [rows[i] for i in retriever.best(question.text, depth)[0]]
                negatives[number] = _pick(collection, question, found, keep)
    cache.write_text(json.dumps({"key": key, "negatives": negatives}), encoding="utf-8")
    return negatives


def _pick(collection: Collection, question: Question, candidates: list[int], keep: int) -> list[int]:
    text = collection.passages[question.passage]
    answers = [text[start:end] for start, end in question.answers]
    short = [answer for answer in answers if len(answer.split()) <= REPEATABLE_WORDS]
    good = [row for row in candidates if row != question.passage]
    return [row for row in good if not holds_answer(collection.passages[row], short)][:keep]
