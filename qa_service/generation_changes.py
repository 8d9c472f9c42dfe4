"""What changed between two generations: articles added, changed, removed and renamed."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

_FIELDS = (
    "title", "url", "source", "authors", "published_at", "published_at_inferred", "updated_at", "paragraph_count",
    "origin", "furniture",
)  # fmt: skip
_SHAPE = ("idx", "kind", "start", "stop")


@dataclass(frozen=True, slots=True)
class Changes:
    """The articles in which two generations differ, each by its id, in ascending order.

    Attributes:
        renamed: pairs of the id before and the id now, for articles whose title and text went on under another id.
        unchanged: how many articles are the same in every field.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    unchanged: int


def changes_between(old: Path | None, new: Path) -> Changes:
    """Compare two files of articles; without an `old` one everything is new.

    Raises:
        sqlite3.Error: a file is no store of articles.
    """
    with closing(sqlite3.connect(_read_only(new), uri=True)) as connection:
        if old is None:
            return Changes(
                tuple(_ids(connection, "SELECT article_id FROM articles ORDER BY 1")), (), (), (), 0
            )
        connection.execute("ATTACH ? AS old", (_read_only(old),))
        missing = "SELECT article_id FROM {} WHERE article_id NOT IN (SELECT article_id FROM {}) ORDER BY 1"
        removed = list(_ids(connection, missing.format("old.articles", "main.articles")))
        added = list(_ids(connection, missing.format("main.articles", "old.articles")))
        changed = tuple(_ids(connection, _changed()))
        renamed = _renamed(connection, removed, added)
        total = connection.execute("SELECT count(*) FROM main.articles").fetchone()[0]
    before, after = {pair[0] for pair in renamed}, {pair[1] for pair in renamed}
    return Changes(
        added=tuple(i for i in added if i not in after),
        changed=changed,
        removed=tuple(i for i in removed if i not in before),
        renamed=renamed,
        unchanged=total - len(added) - len(changed),
    )


def _read_only(path: Path) -> str:
    return f"{path.resolve().as_uri()}?mode=ro&immutable=1"


def _ids(connection: sqlite3.Connection, sql: str) -> Iterator[str]:
    return (row[0] for row in connection.execute(sql))


def _changed() -> str:
    """Return the query for the ids that both have, with a difference in any field, the text or its paragraphs."""
    fields = " OR ".join(f"n.{field} IS NOT o.{field}" for field in _FIELDS)
    shape = " OR ".join(f"q.{field} IS NOT p.{field}" for field in _SHAPE)
    return (
        "SELECT n.article_id FROM main.articles n JOIN old.articles o USING (article_id)"  # noqa: S608
        " JOIN main.texts t ON t.article = n.number JOIN old.texts u ON u.article = o.number"
        f" WHERE {fields} OR t.text != u.text OR EXISTS ("
        "SELECT 1 FROM main.paragraphs p LEFT JOIN old.paragraphs q ON q.article = o.number AND q.ordinal = p.ordinal"
        f" WHERE p.article = n.number AND ({shape})) ORDER BY 1"
    )


def _renamed(
    connection: sqlite3.Connection, removed: list[str], added: list[str]
) -> tuple[tuple[str, str], ...]:
    """Pair what is gone with what is new and says the same; each article stands in one pair at most."""
    if not removed or not added:
        return ()
    found: dict[bytes, list[str]] = {}
    for article_id in reversed(added):
        found.setdefault(_content(connection, "main", article_id), []).append(article_id)
    pairs = []
    for article_id in removed:
        if same := found.get(_content(connection, "old", article_id)):
            pairs.append((article_id, same.pop()))
    return tuple(pairs)


def _content(connection: sqlite3.Connection, store: str, article_id: str) -> bytes:
    title, text = connection.execute(
        f"SELECT title, text FROM {store}.articles JOIN {store}.texts ON article = number WHERE article_id = ?",  # noqa: S608
        (article_id,),
    ).fetchone()
    return hashlib.blake2b(f"{title}\0{text}".encode(), digest_size=16).digest()
