"""Articles, paragraphs and passages of one generation, in a SQLite file that is written once and then only read."""

import json
import re
import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from queue import LifoQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa_service.domain import Article, ArticleSummary, Filters, Paragraph, ParagraphKind, Passage
from qa_service.errors import ArticleNotFound, GenerationDamaged
from qa_service.facets import Facets, FacetValue

FILE_NAME = "articles.sqlite"
_CONNECTIONS = 8  # queries of one store that run at the same time; more wait for their turn
_SURROGATE = re.compile("[\ud800-\udfff]")

_SCHEMA = """
CREATE TABLE articles (
    number INTEGER PRIMARY KEY, article_id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, url TEXT,
    source TEXT, authors TEXT NOT NULL, published_at TEXT, published_at_inferred INTEGER NOT NULL,
    updated_at TEXT, paragraph_count INTEGER NOT NULL, origin TEXT, furniture TEXT NOT NULL
);
CREATE TABLE texts ( -- apart, so that filters read the articles without their texts
    article INTEGER PRIMARY KEY, text TEXT NOT NULL
);
CREATE TABLE paragraphs (
    article INTEGER NOT NULL, ordinal INTEGER NOT NULL, idx INTEGER, kind TEXT NOT NULL,
    start INTEGER NOT NULL, stop INTEGER NOT NULL, PRIMARY KEY (article, ordinal)
) WITHOUT ROWID;
CREATE TABLE pages ( -- of paragraphs that have one; older stores lack the table
    article INTEGER NOT NULL, ordinal INTEGER NOT NULL, page INTEGER NOT NULL, PRIMARY KEY (article, ordinal)
) WITHOUT ROWID;
CREATE TABLE passages (
    row INTEGER PRIMARY KEY, article INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    main INTEGER NOT NULL, kind TEXT NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL, vector_key BLOB NOT NULL
);
"""

_INDEXES = (
    "CREATE INDEX passages_vector_key ON passages (vector_key)",
    "CREATE INDEX passages_article ON passages (article)",
    "CREATE INDEX articles_by_date ON articles (published_at DESC, article_id)",
)

_BEFORE_CHARS = 400
_BEFORE = (
    f"SELECT substr(t.text, max(b.start, b.stop - {_BEFORE_CHARS}) + 1, min(b.stop - b.start, {_BEFORE_CHARS}))"  # noqa: S608
    " FROM paragraphs b WHERE b.article = p.article AND b.ordinal < p.main AND b.kind = 'body'"
    " ORDER BY b.ordinal DESC LIMIT 1"
)
_PAGE = "(SELECT page FROM pages WHERE pages.article = p.article AND pages.ordinal = p.main)"
_SUMMARY = "article_id, title, url, source, authors, published_at, published_at_inferred, updated_at, paragraph_count"

_BODY = (
    "SELECT a.article_id, a.published_at, a.updated_at,"
    " (SELECT count(*) FROM paragraphs c WHERE c.article = a.number AND c.kind = 'correction'), t.text,"
    " (SELECT json_group_array(json_array(h.start, h.stop)) FROM paragraphs h"
    " WHERE h.article = a.number AND h.kind = 'headline')"
    " FROM articles a JOIN texts t ON t.article = a.number"
)


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage as retrieval needs it: with its article's summary and the paragraph that it stands for.

    `before` is the end of the body paragraph in front of that paragraph, empty where there is none.
    """

    row: int
    passage: Passage
    paragraph: Paragraph
    article: ArticleSummary
    before: str


@dataclass(frozen=True, slots=True)
class PassageText:
    """What is encoded and searched of one passage."""

    row: int
    vector_key: bytes
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class ArticleBody:
    """An article's text without its headlines, and what tells its age; `corrections` counts those that it prints."""

    article_id: str
    published_at: str | None
    updated_at: str | None
    corrections: int
    text: str


class ArticleStoreWriter:
    """Fills a new store; rows of passages count up in the order in which articles are added."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        # The file is fsynced and hashed once it is complete: a journal would only be thrown away.
        self._connection.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY; BEGIN;" + _SCHEMA
        )
        self.articles = self.paragraphs = self.passages = 0

    def add(self, article: Article, passages: Sequence[Passage], vector_keys: Sequence[bytes]) -> None:
        """Store an article with its passages; `vector_keys[i]` names the vector of `passages[i]`."""
        number = self.articles
        counted = sum(p.index is not None for p in article.paragraphs)
        kinds = {p.ordinal: p.kind.value for p in article.paragraphs}
        self._connection.execute(
            "INSERT INTO articles VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                number, article.article_id, article.title, article.url, article.source,
                json.dumps(article.authors, ensure_ascii=False), article.published_at,
                int(article.published_at_inferred), article.updated_at, counted, article.origin,
                json.dumps(article.furniture, ensure_ascii=False),
            ),
        )  # fmt: skip
        self._connection.execute("INSERT INTO texts VALUES (?,?)", (number, article.text))
        self._connection.executemany(
            "INSERT INTO paragraphs VALUES (?,?,?,?,?,?)",
            [(number, p.ordinal, p.index, p.kind.value, p.start, p.end) for p in article.paragraphs],
        )
        self._connection.executemany(
            "INSERT INTO pages VALUES (?,?,?)",
            [(number, p.ordinal, p.page) for p in article.paragraphs if p.page is not None],
        )
        self._connection.executemany(
            "INSERT INTO passages VALUES (?,?,?,?,?,?,?,?,?)",
            [
                (self.passages + i, number, p.first, p.last, p.main, kinds[p.main], p.start, p.end, key)
                for i, (p, key) in enumerate(zip(passages, vector_keys, strict=True))
            ],
        )
        self.articles += 1
        self.paragraphs += len(article.paragraphs)
        self.passages += len(passages)

    def rename(self, before: str, now: str) -> None:
        """Give an article that was added another id, which no article has."""
        self._connection.execute("UPDATE articles SET article_id = ? WHERE article_id = ?", (now, before))

    def close(self) -> None:
        """Finish the file."""
        with closing(self._connection):
            for statement in (*_INDEXES, "COMMIT"):
                self._connection.execute(statement)


class ArticleStore:
    """Reads a finished store; safe to use from many threads.

    All connections are opened at once, so that the store goes on answering when its generation is
    removed from the disk.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._free: LifoQueue[sqlite3.Connection] = LifoQueue()
        weakref.finalize(self, _close_all, self._free)
        for _ in range(_CONNECTIONS):
            self._free.put(sqlite3.connect(uri, uri=True, check_same_thread=False))

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = self._free.get()
        try:
            yield connection
        except sqlite3.DatabaseError as error:
            raise GenerationDamaged(
                f"{self._path.name} of generation {self._path.parent.name} cannot be read ({error})."
                " It is kept; run `qa-service generations verify`."
            ) from error
        finally:
            self._free.put(connection)

    def _query(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        with self._connection() as connection:
            return connection.execute(sql, values).fetchall()

    def counts(self) -> dict[str, int]:
        """Return the number of articles, paragraphs and passages."""
        tables = ("articles", "paragraphs", "passages")
        return {t: self._query(f"SELECT count(*) FROM {t}")[0][0] for t in tables}  # noqa: S608

    def date_range(self) -> tuple[str | None, str | None]:
        """Return the first and the last day that an article is dated, both None when none is."""
        first, last = self._query(
            "SELECT min(substr(published_at, 1, 10)), max(substr(published_at, 1, 10)) FROM articles"
        )[0]
        return first, last

    @cached_property
    def facets(self) -> Facets:
        """The sources, authors and days that filters can name; read once, as the store never changes."""
        sources = self._query(
            "SELECT source, count(*) AS n FROM articles WHERE source IS NOT NULL AND source != ''"
            " GROUP BY source ORDER BY n DESC, source"
        )
        authors = self._query(
            "SELECT value, count(DISTINCT number) AS n FROM articles, json_each(authors) WHERE value != ''"
            " GROUP BY value ORDER BY n DESC, value"
        )
        return Facets(
            tuple(FacetValue(*row) for row in sources),
            tuple(FacetValue(*row) for row in authors),
            *self.date_range(),
        )

    def articles(self, limit: int, offset: int = 0, filters: Filters | None = None) -> list[ArticleSummary]:
        """Return summaries of the articles that fit `filters`, newest first, undated articles last."""
        where, values = _article_conditions(filters)
        rows = self._query(
            f"SELECT {_SUMMARY} FROM articles a WHERE {where}"  # noqa: S608
            " ORDER BY published_at DESC, article_id LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )
        return [_summary(row) for row in rows]

    def count(self, filters: Filters | None = None) -> int:
        """Return how many articles fit `filters`."""
        where, values = _article_conditions(filters)
        return int(self._query(f"SELECT count(*) FROM articles a WHERE {where}", values)[0][0])  # noqa: S608

    def article(self, article_id: str) -> Article:
        """Return an article whole.

        Raises:
            ArticleNotFound: no article has this id.
        """
        found = self.find(article_id)
        if found is None:
            raise ArticleNotFound(
                f"No article has the id {article_id[:200]!r}; GET /api/v1/articles lists them."
            )
        return found

    def find(self, article_id: str) -> Article | None:
        """Return an article whole, or None when no article has this id."""
        found = self._query(
            f"SELECT {_SUMMARY}, number, text, origin, furniture FROM articles"  # noqa: S608
            " JOIN texts ON article = number WHERE article_id = ?",
            (_storable(article_id),),
        )
        if not found:
            return None
        row = found[0]
        summary, (number, text, origin, furniture) = _summary(row[:9]), row[9:]
        paragraphs = self._query(
            "SELECT ordinal, idx, kind, start, stop FROM paragraphs WHERE article = ? ORDER BY ordinal",
            (number,),
        )
        pages = self._pages(number)
        return Article(
            article_id=summary.article_id,
            title=summary.title,
            text=text,
            paragraphs=tuple(
                Paragraph(o, i, ParagraphKind(k), start, stop, text[start:stop], pages.get(o))
                for o, i, k, start, stop in paragraphs
            ),
            url=summary.url,
            source=summary.source,
            authors=summary.authors,
            published_at=summary.published_at,
            published_at_inferred=summary.published_at_inferred,
            updated_at=summary.updated_at,
            origin=origin,
            furniture=tuple(json.loads(furniture)),
        )

    @cached_property
    def _has_pages(self) -> bool:
        return bool(self._query("SELECT 1 FROM sqlite_master WHERE name = 'pages'"))

    def _pages(self, number: int) -> dict[int, int]:
        """Return the pages of an article's paragraphs by their ordinals; empty where the source has none."""
        if not self._has_pages:
            return {}
        return dict(self._query("SELECT ordinal, page FROM pages WHERE article = ?", (number,)))

    def slice(self, article_id: str, start: int, end: int) -> str:
        """Return the stored code points `start` to `end` of an article; what every quote is compared with.

        Empty when there is no such article or stretch.
        """
        if not 0 <= start < end:
            return ""
        found = self._query(
            "SELECT substr(text, ?, ?) FROM texts JOIN articles ON number = article WHERE article_id = ?",
            (start + 1, end - start, _storable(article_id)),
        )
        return str(found[0][0]) if found else ""

    def passages(self, rows: Sequence[int]) -> list[StoredPassage]:
        """Return the passages of `rows`, in the order of `rows`."""
        marks = ",".join("?" * len(rows))
        found = self._query(
            "SELECT p.row, p.first, p.last, p.main, p.start, p.stop,"  # noqa: S608
            " substr(t.text, p.start + 1, p.stop - p.start),"
            " g.idx, g.kind, g.start, g.stop, substr(t.text, g.start + 1, g.stop - g.start),"
            f" {_PAGE if self._has_pages else 'NULL'},"
            f" ({_BEFORE}),"
            f" {', '.join('a.' + c.strip() for c in _SUMMARY.split(','))}"
            " FROM passages p JOIN articles a ON a.number = p.article JOIN texts t ON t.article = p.article"
            " JOIN paragraphs g ON g.article = p.article AND g.ordinal = p.main"
            f" WHERE p.row IN ({marks})",
            rows,
        )
        by_row = {stored.row: stored for stored in map(_stored_passage, found)}
        return [by_row[row] for row in rows]

    def main_paragraphs(self, rows: Sequence[int]) -> dict[int, tuple[int, int]]:
        """Return, for each row, the paragraph that its passage stands for, as (article number, ordinal)."""
        marks = ",".join("?" * len(rows))
        found = self._query(f"SELECT row, article, main FROM passages WHERE row IN ({marks})", rows)  # noqa: S608
        return {row: (article, main) for row, article, main in found}

    def passage_texts(self) -> Iterator[PassageText]:
        """Yield what is to be encoded, in the order of rows."""
        with self._connection() as connection:
            for row in connection.execute(
                "SELECT p.row, p.vector_key, a.title, substr(t.text, p.start + 1, p.stop - p.start)"
                " FROM passages p JOIN articles a ON a.number = p.article JOIN texts t ON t.article = p.article"
                " ORDER BY p.row"
            ):
                yield PassageText(*row)

    def bodies(self) -> Iterator[ArticleBody]:
        """Yield every article's text without headlines, in the order in which articles were added."""
        with self._connection() as connection:
            yield from map(_body, connection.execute(f"{_BODY} ORDER BY a.number"))

    def body(self, article_id: str) -> str:
        """Return the text without headlines of an article that there is."""
        return _body(self._query(f"{_BODY} WHERE a.article_id = ?", (article_id,))[0]).text

    def paragraph_rows(self, article_id: str) -> list[tuple[str, list[int]]]:
        """Return the text of each paragraph that passages stand for, and the rows of those, in source order."""
        found = self._query(
            "SELECT t.text, g.start, g.stop, json_group_array(p.row) FROM articles a"
            " JOIN texts t ON t.article = a.number JOIN passages p ON p.article = a.number"
            " JOIN paragraphs g ON g.article = a.number AND g.ordinal = p.main"
            " WHERE a.article_id = ? GROUP BY g.ordinal ORDER BY g.ordinal",
            (article_id,),
        )
        return [(text[start:stop], sorted(json.loads(rows))) for text, start, stop, rows in found]

    def summaries(self, article_ids: Sequence[str]) -> list[ArticleSummary]:
        """Return summaries of those of the articles that there are, in no particular order."""
        wanted = json.dumps([_storable(article_id) for article_id in article_ids])
        rows = self._query(
            f"SELECT {_SUMMARY} FROM articles WHERE article_id IN (SELECT value FROM json_each(?))",  # noqa: S608
            (wanted,),
        )
        return [_summary(row) for row in rows]

    def vector_keys(self) -> Iterator[tuple[bytes, int]]:
        """Yield each vector key once, with the number of passages that have it."""
        with self._connection() as connection:
            yield from connection.execute("SELECT vector_key, count(*) FROM passages GROUP BY vector_key")

    def rows_by_key(self, keys: Iterable[bytes]) -> dict[bytes, int]:
        """Return the first row of each of the vector keys that this store knows."""
        with self._connection() as connection:
            rows = {
                key: connection.execute(
                    "SELECT min(row) FROM passages WHERE vector_key = ?", (key,)
                ).fetchone()[0]
                for key in keys
            }
        return {key: row for key, row in rows.items() if row is not None}

    def allowed_rows(self, filters: Filters, as_of: str | None, size: int) -> NDArray[np.bool_] | None:
        """Return which of `size` passages may answer, shape (size,); None when all may.

        A passage passes when its article fits every filter, and the kind of its main paragraph is
        among `filters.kinds`. Days are compared; articles without a date never fit a date filter,
        but do fit `as_of`.
        """
        where, values = _conditions(filters, as_of)
        if not where:
            return None
        rows = self._query(
            "SELECT p.row FROM articles a JOIN passages p ON p.article = a.number"  # noqa: S608
            f" WHERE {' AND '.join(where)}",
            values,
        )
        allowed = np.zeros(size, dtype=np.bool_)
        allowed[[row for (row,) in rows]] = True
        return allowed


def _article_conditions(filters: Filters | None) -> tuple[str, list[object]]:
    """Return one SQL condition on an article `a`, with its values; kinds of paragraphs are left out."""
    where, values = _conditions(replace(filters or Filters(), kinds=()), None)
    return " AND ".join(where) or "1", values


def _conditions(filters: Filters, as_of: str | None) -> tuple[list[str], list[object]]:
    """Return SQL conditions on an article `a` and a passage `p`, with their values."""
    where: list[str] = []
    values: list[object] = []
    day = "substr(a.published_at, 1, 10)"
    for bound, operator in ((filters.date_from, ">="), (filters.date_to, "<=")):
        if bound is not None:
            where.append(f"{day} {operator} ?")
            values.append(bound[:10])
    if as_of is not None:
        where.append(f"(a.published_at IS NULL OR {day} <= ?)")
        values.append(as_of[:10])
    for test, wanted in (
        ("a.source IN ({})", filters.sources),
        ("a.article_id IN ({})", filters.article_ids),
        ("p.kind IN ({})", filters.kinds),
        ("EXISTS (SELECT 1 FROM json_each(a.authors) WHERE value IN ({}))", filters.authors),
    ):
        if wanted:
            where.append(test.format(",".join("?" * len(wanted))))
            values.extend(_storable(value) for value in wanted)
    return where, values


def _close_all(connections: "LifoQueue[sqlite3.Connection]") -> None:
    while not connections.empty():
        connections.get().close()


def _storable(text: str) -> str:
    """Return `text` with lone surrogates, which SQLite refuses, replaced as in everything that was parsed."""
    return _SURROGATE.sub("\ufffd", text)


def _body(row: Sequence[Any]) -> ArticleBody:
    article_id, published_at, updated_at, corrections, text, headlines = row
    for start, stop in sorted(json.loads(headlines), reverse=True):
        text = text[:start] + text[stop:]
    return ArticleBody(article_id, published_at, updated_at, corrections, text)


def _summary(row: Sequence[Any]) -> ArticleSummary:
    article_id, title, url, source, authors, published_at, inferred, updated_at, count = row
    return ArticleSummary(
        article_id,
        title,
        url,
        source,
        tuple(json.loads(authors)),
        published_at,
        bool(inferred),
        updated_at,
        count,
    )


def _stored_passage(row: Sequence[Any]) -> StoredPassage:
    (
        number,
        first,
        last,
        main,
        start,
        stop,
        text,
        index,
        kind,
        p_start,
        p_stop,
        p_text,
        page,
        before,
        *summary,
    ) = row
    article = _summary(summary)
    passage = Passage(article.article_id, first, last, main, start, stop, text)
    paragraph = Paragraph(main, index, ParagraphKind(kind), p_start, p_stop, p_text, page)
    return StoredPassage(number, passage, paragraph, article, before or "")
