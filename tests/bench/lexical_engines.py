"""Lexical engines behind one role, so that one bench can measure them all."""

import re
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

import bm25s
import numpy as np
import Stemmer
import tantivy

from embeddings.lexical_index import Bm25LexicalIndex, Bm25LexicalIndexBackend
from embeddings.terms import STOP_WORDS

_WORD = re.compile(r"\w+")


class Engine(Protocol):
    """Builds an index in a folder, opens it and searches it."""

    def build(self, texts: Iterable[str], path: Path) -> None:
        """Write the index of `texts` to the new folder `path`."""

    def open(self, path: Path) -> None:
        """Make the index ready for searching."""

    def search(self, query: str, k: int) -> list[tuple[int, float]]:
        """Return at most `k` rows with their scores, best first."""


class Fts5:
    """SQLite's full-text index with its Porter stemmer; k1 1.2 and b 0.75 cannot be changed."""

    def build(self, texts: Iterable[str], path: Path) -> None:
        path.mkdir()
        with sqlite3.connect(path / "fts.db") as connection:
            connection.execute(
                "CREATE VIRTUAL TABLE t USING fts5(text, content='',"
                " tokenize='porter unicode61 remove_diacritics 2')"
            )
            connection.executemany("INSERT INTO t(rowid, text) VALUES (?, ?)", enumerate(texts))
            connection.commit()
            connection.execute("INSERT INTO t(t) VALUES ('optimize')")
        connection.close()

    def open(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"file:{path / 'fts.db'}?mode=ro", uri=True)

    def search(self, query: str, k: int) -> list[tuple[int, float]]:
        words = _words(query)
        if not words:
            return []
        match = " OR ".join(f'"{word}"' for word in words)
        return self._connection.execute(
            "SELECT rowid, -bm25(t) FROM t WHERE t MATCH ? ORDER BY bm25(t), rowid LIMIT ?", (match, k)
        ).fetchall()


class Bm25s:
    """bm25s with the Snowball stemmer, memory-mapped."""

    def __init__(self) -> None:
        self._stemmer = Stemmer.Stemmer("english")

    def build(self, texts: Iterable[str], path: Path) -> None:
        index = bm25s.BM25(k1=0.9, b=0.4, method="lucene")
        index.index(self._tokens(list(texts)), show_progress=False)
        index.save(path, show_progress=False)

    def open(self, path: Path) -> None:
        self._index = bm25s.BM25.load(path, mmap=True, show_progress=False)

    def search(self, query: str, k: int) -> list[tuple[int, float]]:
        known = self._index.get_tokens_ids(list(dict.fromkeys(self._tokens([query])[0])))
        scores = self._index.get_scores_from_ids(known)
        rows = np.argpartition(-scores, min(k, len(scores)) - 1)[:k]
        rows = rows[scores[rows] > 0]
        rows = rows[np.lexsort((rows, -scores[rows]))]
        return list(zip(rows.tolist(), scores[rows].tolist(), strict=True))

    def _tokens(self, texts: Sequence[str]) -> list[list[str]]:
        return [self._stemmer.stemWords(_words(text)) for text in texts]


class Tantivy:
    """tantivy with its English stemmer; k1 1.2 and b 0.75 cannot be changed."""

    def build(self, texts: Iterable[str], path: Path) -> None:
        path.mkdir()
        index = tantivy.Index(self._schema(), path=str(path))
        writer = index.writer(heap_size=128_000_000, num_threads=1)
        for row, text in enumerate(texts):
            writer.add_document(tantivy.Document(row=row, text=text))
        writer.commit()
        writer.wait_merging_threads()

    def open(self, path: Path) -> None:
        self._index = tantivy.Index.open(str(path))
        self._searcher = self._index.searcher()

    def search(self, query: str, k: int) -> list[tuple[int, float]]:
        words = _words(query)
        if not words:
            return []
        parsed = self._index.parse_query(" ".join(words), ["text"])
        hits = self._searcher.search(parsed, k).hits
        return sorted(((self._row(address), score) for score, address in hits), key=lambda h: (-h[1], h[0]))

    def _row(self, address: tantivy.DocAddress) -> int:
        return int(self._searcher.doc(address)["row"][0])

    @staticmethod
    def _schema() -> tantivy.Schema:
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("row", stored=True)
        builder.add_text_field("text", tokenizer_name="en_stem")
        return builder.build()


class Own:
    """The index of this project."""

    def __init__(self, pair_weight: float) -> None:
        self._backend = Bm25LexicalIndexBackend(pair_weight)

    def build(self, texts: Iterable[str], path: Path) -> None:
        self._backend.build(texts, path)

    def open(self, path: Path) -> None:
        self._index: Bm25LexicalIndex = self._backend.load(path)

    def search(self, query: str, k: int) -> list[tuple[int, float]]:
        found = self._index.search(query, k)
        return list(zip(found.rows.tolist(), found.scores.tolist(), strict=True))


def engines() -> dict[str, Engine]:
    """Return every engine by its name in the tables."""
    return {
        "SQLite FTS5": Fts5(),
        "bm25s": Bm25s(),
        "tantivy": Tantivy(),
        "own, words alone": Own(0.0),
        "own, with pairs": Own(0.5),
    }


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.lower()) if word not in STOP_WORDS]
