"""Questions, passages and answers of the training sets, read into one form."""

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SPLITS_FILE = Path(__file__).with_name("splits.json")


@dataclass(frozen=True, slots=True)
class Question:
    """A question put to one passage.

    Attributes:
        text: the question.
        passage: row of the passage that it was asked about.
        answers: accepted answers as (start, end) in code points of that passage; repeats count as votes.
            Empty: the passage does not answer.
        source: the set that it comes from; negatives are sought inside the same set.
        sentence_only: True where only the passage's relevance is known, not where the answer stands.
        others: rows of passages known not to answer.
    """

    text: str
    passage: int
    answers: tuple[tuple[int, int], ...]
    source: str
    sentence_only: bool = False
    others: tuple[int, ...] = ()


@dataclass(slots=True)
class Collection:
    """Passages and the questions about them."""

    passages: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    _rows: dict[tuple[str, str], int] = field(default_factory=dict)

    def add_passage(self, text: str, source: str) -> int:
        """Return the row of `text`, added when it is new."""
        key = (source, text)
        if key not in self._rows:
            self._rows[key] = len(self.passages)
            self.passages.append(text)
            self.sources.append(source)
        return self._rows[key]


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a gzipped JSON Lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def read_splits() -> dict[str, list[str]]:
    """Return the article ids of the squad_open dev questions by split: train, calibrate, test."""
    splits: dict[str, list[str]] = json.loads(SPLITS_FILE.read_text(encoding="utf-8"))
    return splits


def find_answer(passage: str, answer: str, question: str, reach: int = 80) -> tuple[int, int] | None:
    """Return where `answer` stands in `passage`; of several places the one with most of the question's words near."""
    wanted = set(re.findall(r"\w{3,}", question.lower()))
    best: tuple[int, tuple[int, int]] | None = None
    for match in re.finditer(rf"(?<!\w){re.escape(answer)}(?!\w)|{re.escape(answer)}", passage):
        near = passage[max(0, match.start() - reach) : match.end() + reach].lower()
        shared = len(wanted & set(re.findall(r"\w{3,}", near)))
        if best is None or shared > best[0]:
            best = (shared, match.span())
    return best[1] if best else None


def load_examples(shared: Path, split: str = "train") -> Collection:
    """Read all training sets; of the squad_open articles only those of `split`."""
    collection = Collection()
    sets = shared / "data" / "reader_train"
    for name in ("squadshifts_new_wiki", "squadshifts_reddit", "squadshifts_amazon_reviews", "nq_oracle"):
        for row in read_rows(sets / f"{name}.jsonl.gz"):
            _add_offsets(collection, row, name)
    for row in read_rows(sets / "multispanqa_valid.jsonl.gz"):
        _add_labelled(collection, row)
    _add_sentences(collection, list(read_rows(sets / "wikiqa_train.jsonl.gz")))
    add_squad_open(collection, shared, read_splits()[split])
    return collection


def _add_offsets(collection: Collection, row: dict[str, Any], source: str) -> None:
    text = row["context"]
    spans = []
    for answer in row["answers"]:
        start, end = answer["start"], answer["start"] + len(answer["text"])
        if text[start:end] == answer["text"] and answer["text"].strip():
            spans.append((start, end))
    if spans:
        collection.questions.append(
            Question(row["question"], collection.add_passage(text, source), tuple(spans), source)
        )


def join_words(words: list[str]) -> tuple[str, list[tuple[int, int]]]:
    """Return tokenised words as running text, with the place of each.

    >>> join_words(["In", "1981", ",", "it", "'s"])
    ("In 1981, it's", [(0, 2), (3, 7), (7, 8), (9, 11), (11, 13)])
    """
    text, places = "", []
    for word in words:
        glued = not text or re.fullmatch(r"[,.;:!?)\]%]|'\w{1,2}|n't|''", word) or text[-1] in "([#$"
        text += word if glued else f" {word}"
        places.append((len(text) - len(word), len(text)))
    return text, places


def _add_labelled(collection: Collection, row: dict[str, Any]) -> None:
    """Add a question whose answer is a list of spans (BIO labels): the first span is the one to find."""
    text, places = join_words(row["context"])
    labels = row["label"]
    first = labels.index("B")
    last = first
    while last + 1 < len(labels) and labels[last + 1] == "I":
        last += 1
    question = join_words(row["question"])[0]
    span = (places[first][0], places[last][1])
    collection.questions.append(
        Question(question, collection.add_passage(text, "multispanqa"), (span,), "multispanqa")
    )


def _add_sentences(collection: Collection, rows: list[dict[str, Any]]) -> None:
    """Add questions with sentences that answer or do not; only those that have both."""
    by_question: dict[str, dict[int, list[str]]] = defaultdict(lambda: {0: [], 1: []})
    for row in rows:
        by_question[row["question"]][row["label"]].append(join_words(row["sentence"].split())[0])
    for question, sentences in by_question.items():
        others = tuple(collection.add_passage(text, "wikiqa") for text in sentences[0])
        if not others:
            continue
        text = join_words(question.split())[0]
        for sentence in sentences[1]:
            right = collection.add_passage(sentence, "wikiqa")
            collection.questions.append(
                Question(text, right, (), "wikiqa", sentence_only=True, others=others)
            )


def add_squad_open(collection: Collection, shared: Path, articles: list[str]) -> None:
    """Add the dev questions of `articles`, answerable and adversarial, and those articles' paragraphs."""
    folder = shared / "data" / "squad_open"
    paragraphs = {
        row["id"]: row["text"].split("\n\n")
        for row in read_rows(folder / "articles.jsonl.gz")
        if row["id"] in articles
    }
    for texts in paragraphs.values():
        for text in texts:
            collection.add_passage(text, "squad_open")
    for name in ("questions_dev", "unanswerable_dev"):
        for row in read_rows(folder / f"{name}.jsonl.gz"):
            if row["article_id"] not in paragraphs:
                continue
            text = paragraphs[row["article_id"]][row["paragraph_index"]]
            found = (find_answer(text, answer, row["question"]) for answer in row["answers"])
            spans = tuple(span for span in found if span)
            if spans or name == "unanswerable_dev":
                passage = collection.add_passage(text, "squad_open")
                collection.questions.append(Question(row["question"], passage, spans, "squad_open"))
