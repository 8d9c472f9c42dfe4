"""Measures follow-ups on human rewrites: `python -m tests.bench.follow_ups --shared ../shared`.

A rewrite's entities are its content words that the question lacks: words that are no stop words, compared
by their stems. Recall is the share of them that the standalone question holds, precision the share of the
content words added to the question that are among them. Names are the capitalised ones.
Conversations are halved by their ids; the rules were made with the half "tuned".
"""

import argparse
import gzip
import json
import re
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import Stemmer

from qa_service.follow_ups import Exchange, KnownAnswer, resolve
from qa_service.follow_ups.vocabulary import word_set

_STOP = word_set(
    "a an the this that these those of in on at by for from to with about between during after before since until as "
    "i you he she it we they me him her us them his its their my your our is are was were be been do does did has have "
    "had can could will would should may might must and or but so if than then there here not no any some other "
    "others another else besides aside addition apart except along also who whom whose what which when where why how "
    "s t ll ve re d"
)
_WORD = re.compile(r"\w+")
_STEMMER = Stemmer.Stemmer("english")
Method = Callable[[list[str], str], str]


@dataclass(slots=True)
class Tally:
    """Sums over questions."""

    recalls: list[float] = field(default_factory=list)
    precisions: list[float] = field(default_factory=list)
    names: list[bool] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    kept: list[bool] = field(default_factory=list)
    words: list[int] = field(default_factory=list)

    def add(self, question: str, rewrite: str, standalone: str) -> None:
        """Count one question."""
        missing = content(rewrite) - content(question)
        added = content(standalone) - content(question)
        self.words.append(len(standalone.split()))
        if missing:
            self.recalls.append(len(missing & added) / len(missing))
            self.whole.append(missing <= added)
            names = content(rewrite, names=True) - content(question)
            if names:
                self.names.append(names <= added)
        else:
            self.kept.append(not added)
        if added:
            self.precisions.append(len(missing & added) / len(added))

    def figures(self) -> dict[str, float]:
        """Return the figures, each a mean over the questions that it can be measured on."""
        recall, precision = _mean(self.recalls), _mean(self.precisions)
        return {
            "recall": recall,
            "precision": precision,
            "F1": 2 * recall * precision / (recall + precision) if recall + precision else 0.0,
            "all": _mean(self.whole),
            "names": _mean(self.names),
            "kept": _mean(self.kept),
            "words": _mean(self.words),
        }


def content(text: str, *, names: bool = False) -> set[str]:
    """Return the stems of the content words of `text`; `names`: only the capitalised ones."""
    return {
        _STEMMER.stemWord(word.lower())
        for word in _WORD.findall(_plain(text))
        if word.lower() not in _STOP and (word[0].isupper() or not names)
    }


def _plain(text: str) -> str:
    """Return `text` without accents: the rewriters typed "Dali" for "Dalí"."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def conversations(path: Path, half: str) -> Iterator[tuple[list[str], str, str]]:
    """Yield history (topic, section, then question and answer in turn), question and rewrite of one half."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            side = ("tuned", "reported")[crc32(row["QuAC_dialog_id"].encode()) % 2]
            if half in (side, "both"):
                yield row["History"], row["Question"], row["Rewrite"]


def exchanges(history: list[str], *, answers: bool) -> list[Exchange]:
    """Return topic and section as two turns and then the questions, with their answers or without."""
    found = [Exchange(text, text) for text in history[:2]]
    for at in range(2, len(history), 2):
        answer = history[at + 1] if at + 1 < len(history) and history[at + 1] != "I don't know." else None
        found.append(Exchange(history[at], None, KnownAnswer(answer) if answer and answers else None))
    return found


def with_fallback(history: list[str], text: str) -> str:
    """Return what is searched in the end when the archive does not answer the question as it is."""
    got = resolve(text, exchanges(history, answers=True))
    return got.fallback or got.text


METHODS: dict[str, Method] = {
    "the question alone": lambda history, text: text,
    "with the question before": lambda history, text: (
        f"{text} ({history[-2] if len(history) > 2 else history[0]})"
    ),
    "with the topic": lambda history, text: f"{text} ({history[0]})",
    "these rules, questions only": lambda history, text: (
        resolve(text, exchanges(history, answers=False)).text
    ),
    "these rules": lambda history, text: resolve(text, exchanges(history, answers=True)).text,
    "these rules, the fallback where there is one": lambda history, text: with_fallback(history, text),
}


def measure(path: Path, half: str) -> dict[str, dict[str, float]]:
    """Return the figures of every method."""
    rows = list(conversations(path, half))
    found = {}
    for name, method in METHODS.items():
        tally, started = Tally(), time.perf_counter()
        for history, question, rewrite in rows:
            tally.add(question, rewrite, method(history, question))
        found[name] = {**tally.figures(), "ms": 1000 * (time.perf_counter() - started) / len(rows)}
    return found


def _mean(values: list[float] | list[bool] | list[int]) -> float:
    return sum(values) / len(values) if values else 0.0


def main() -> None:
    """Print a table for each half."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--half", choices=("tuned", "reported", "both"), action="append")
    given = parser.parse_args()
    path = given.shared / "data" / "follow_ups" / "canard_dev.jsonl.gz"
    for half in given.half or ("tuned", "reported"):
        print(f"\n### {half}\n")
        for number, (name, figures) in enumerate(measure(path, half).items()):
            if not number:
                print("| method | " + " | ".join(figures) + " |\n|---|" + "---|" * len(figures))
            print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in figures.values()) + " |")


if __name__ == "__main__":
    main()
