"""Stored conversations: questions with their answers as they were given, each in its owner's hands alone."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from qa_service.domain import Turn
from qa_service.errors import ConversationNotFound
from qa_service.state.database import Database
from qa_service.state.folding import folded, folded_words

MAX_TITLE = 80  # of titles that are made from questions
MAX_REMEMBERED = 20  # exchanges that a follow-up is understood by

_SUMMARY = """
    SELECT conversation_id, title, created_at, updated_at,
        (SELECT count(*) FROM exchanges WHERE conversation = conversations.number), number, newest_exchange
    FROM conversations WHERE owner = :owner AND updated_at >= :since
"""
# Every one of the words, be it in the title or in any of the exchanges.
_HOLDS_WORDS = """
    NOT EXISTS (
        SELECT 1 FROM json_each(:words) AS word
        WHERE NOT instr(title_folded, word.value) AND NOT EXISTS (
            SELECT 1 FROM exchanges
            WHERE conversation = conversations.number AND instr(folded, word.value)
        )
    )
"""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer as it was given.

    Attributes:
        text: the answer's words; None when the service abstained.
        body: the whole answer as the edge wrote it, in the form that `body_schema` numbers.
    """

    answer_id: str
    question: str
    text: str | None
    body_schema: int
    body: str


@dataclass(frozen=True, slots=True)
class ConversationSummary:
    """A conversation as lists show it; the dates are ISO 8601, `updated_at` is that of the last question."""

    conversation_id: str
    title: str
    created_at: str
    updated_at: str
    question_count: int


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation with its answers in the order in which they were given."""

    summary: ConversationSummary
    answers: tuple[StoredAnswer, ...]


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """Conversations, that of the newest question first; `next_before` continues the list, None at its end."""

    conversations: tuple[ConversationSummary, ...]
    next_before: int | None


def _now() -> datetime:
    return datetime.now(UTC)


class Conversations:
    """The conversations in a database; every method sees those of one owner only, whose ids are theirs alone."""

    def __init__(self, database: Database, *, keep_days: int = 0, now: Callable[[], datetime] = _now) -> None:
        """Keep conversations for `keep_days` days after their last question, for ever when that is 0."""
        self._database, self._keep_days, self._now = database, keep_days, now

    def keep(self, owner: str, conversation_id: str, answer: StoredAnswer) -> None:
        """Add `answer` to a conversation, which is begun when there is none, and delete what is too old.

        Raises:
            StateUnavailable: nothing can be kept.
        """
        now = self._now().isoformat(timespec="seconds")
        title = title_of(answer.question)
        with self._database.writing() as connection:
            connection.execute("DELETE FROM conversations WHERE updated_at < ?", (self._since(),))
            connection.execute(
                "INSERT INTO conversations (conversation_id, owner, title, title_folded, created_at,"
                " updated_at, newest_exchange) VALUES (?, ?, ?, ?, ?, ?, 0)"
                " ON CONFLICT (owner, conversation_id) DO NOTHING",
                (conversation_id, owner, title, folded(title), now, now),
            )
            added = connection.execute(
                "INSERT INTO exchanges (conversation, answer_id, question, answer, folded, body_schema, body)"
                " SELECT number, ?, ?, ?, ?, ?, ? FROM conversations WHERE conversation_id = ? AND owner = ?",
                (
                    answer.answer_id, answer.question, answer.text,
                    folded(f"{answer.question}\n{answer.text or ''}"), answer.body_schema, answer.body,
                    conversation_id, owner,
                ),
            )  # fmt: skip
            connection.execute(
                "UPDATE conversations SET updated_at = ?, newest_exchange = ? WHERE conversation_id = ? AND owner = ?",
                (now, added.lastrowid, conversation_id, owner),
            )

    def page(self, owner: str, *, limit: int, before: int = 0, words: str = "") -> ConversationPage:
        """List the conversations in which each of `words` occurs, in the title, a question or an answer.

        Args:
            before: `next_before` of the page before; 0 begins.

        Raises:
            StateUnavailable: nothing can be read.
        """
        with self._database.reading() as connection:
            rows = connection.execute(
                f"{_SUMMARY} AND (:before = 0 OR newest_exchange < :before) AND {_HOLDS_WORDS}"
                " ORDER BY newest_exchange DESC LIMIT :limit",
                {
                    "owner": owner,
                    "since": self._since(),
                    "before": before,
                    "words": folded_words(words),
                    "limit": limit + 1,
                },
            ).fetchall()
        shown = tuple(ConversationSummary(*row[:5]) for row in rows[:limit])
        return ConversationPage(shown, rows[limit - 1][6] if len(rows) > limit else None)

    def get(self, owner: str, conversation_id: str) -> Conversation:
        """Return a conversation with its answers.

        Raises:
            ConversationNotFound: there is none, or it is another person's.
            StateUnavailable: nothing can be read.
        """
        with self._database.reading() as connection:
            row = self._row(connection, owner, conversation_id)
            answers = connection.execute(
                "SELECT answer_id, question, answer, body_schema, body FROM exchanges"
                " WHERE conversation = ? ORDER BY number",
                (row[5],),
            ).fetchall()
        return Conversation(ConversationSummary(*row[:5]), tuple(StoredAnswer(*found) for found in answers))

    def turns(self, owner: str, conversation_id: str) -> tuple[Turn, ...]:
        """Return what was said in a conversation lately, oldest first; nothing when there is none yet.

        Raises:
            StateUnavailable: nothing can be read.
        """
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT question, answer FROM exchanges WHERE conversation ="
                " (SELECT number FROM conversations WHERE conversation_id = ? AND owner = ? AND updated_at >= ?)"
                " ORDER BY number DESC LIMIT ?",
                (conversation_id, owner, self._since(), MAX_REMEMBERED),
            ).fetchall()
        turns: list[Turn] = []
        for question, text in reversed(rows):
            turns.append(Turn("user", question))
            if text:
                turns.append(Turn("assistant", text))
        return tuple(turns)

    def rename(self, owner: str, conversation_id: str, title: str) -> ConversationSummary:
        """Give a conversation another title; its place in the list stays.

        Raises:
            ConversationNotFound: there is none, or it is another person's.
            StateUnavailable: nothing can be kept.
        """
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE conversations SET title = ?, title_folded = ? WHERE conversation_id = ? AND owner = ?",
                (title, folded(title), conversation_id, owner),
            )
            row = self._row(connection, owner, conversation_id)
        return ConversationSummary(*row[:5])

    def delete(self, owner: str, conversation_id: str) -> None:
        """Delete a conversation with its answers and what was said about them.

        Raises:
            ConversationNotFound: there is none, or it is another person's.
            StateUnavailable: nothing can be deleted.
        """
        with self._database.writing() as connection:
            deleted = connection.execute(
                "DELETE FROM conversations WHERE conversation_id = ? AND owner = ? AND updated_at >= ?",
                (conversation_id, owner, self._since()),
            )
            if not deleted.rowcount:
                raise _not_found(conversation_id)

    def _row(self, connection: sqlite3.Connection, owner: str, conversation_id: str) -> tuple[Any, ...]:
        values = {"owner": owner, "since": self._since(), "conversation_id": conversation_id}
        row = connection.execute(f"{_SUMMARY} AND conversation_id = :conversation_id", values).fetchone()
        if row is None:
            raise _not_found(conversation_id)
        return tuple(row)

    def _since(self) -> str:
        """Return the moment from which on conversations are still kept; the empty text comes before all."""
        if not self._keep_days:
            return ""
        return (self._now() - timedelta(days=self._keep_days)).isoformat(timespec="seconds")


def title_of(question: str) -> str:
    """Return a title made of a question, cut at a word when it is long.

    >>> title_of("Who is\\nthe captain?")
    'Who is the captain?'
    """
    words = " ".join(question.split())
    if len(words) <= MAX_TITLE:
        return words
    cut = words[: MAX_TITLE - 1]
    whole = cut if words[MAX_TITLE - 1] == " " else cut.rpartition(" ")[0]
    # A word that is longer than half the title is cut, as are texts that are written without spaces.
    return (whole if len(whole) > MAX_TITLE / 2 else cut).rstrip(" ,;:–-") + "…"


def _not_found(conversation_id: str) -> ConversationNotFound:
    return ConversationNotFound(
        f"No conversation has the id {conversation_id[:200]!r}; GET /api/v1/conversations lists yours."
    )
