"""What people think of answers: one vote each, with a note when they have something to say."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from qa_service.errors import AnswerNotFound
from qa_service.state.database import Database

_VOTES = """
    SELECT feedback_id, answer_id, rating, note, feedback.created_at
    FROM feedback
    JOIN exchanges ON exchanges.number = feedback.exchange
    JOIN conversations ON conversations.number = exchanges.conversation
    WHERE conversations.owner = ?
"""


@dataclass(frozen=True, slots=True)
class Vote:
    """What its owner thinks of an answer; `rating` is "up" or "down"."""

    feedback_id: str
    answer_id: str
    rating: str
    note: str | None
    created_at: str


def _now() -> datetime:
    return datetime.now(UTC)


class Feedback:
    """The votes in a database; every method sees those of one owner only."""

    def __init__(self, database: Database, *, now: Callable[[], datetime] = _now) -> None:
        self._database, self._now = database, now

    def vote(self, owner: str, answer_id: str, rating: str, note: str | None) -> Vote:
        """Keep a vote on a stored answer; it takes the place of an earlier one, whose id it keeps.

        A vote without a note that only repeats the rating leaves the note as it is; "" takes it away.

        Raises:
            AnswerNotFound: no stored answer has this id, or it is another person's.
            StateUnavailable: nothing can be kept.
        """
        now = self._now().isoformat(timespec="seconds")
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO feedback (feedback_id, exchange, rating, note, created_at)"
                " SELECT ?, exchanges.number, ?, ?, ? FROM exchanges"
                " JOIN conversations ON conversations.number = exchanges.conversation"
                " WHERE answer_id = ? AND owner = ?"
                " ON CONFLICT (exchange) DO UPDATE SET"
                " note = coalesce("
                "excluded.note, CASE WHEN feedback.rating = excluded.rating THEN feedback.note END),"
                " rating = excluded.rating, created_at = excluded.created_at",
                (f"fb_{uuid.uuid4().hex}", rating, note, now, answer_id, owner),
            )
            row = connection.execute(_VOTES + " AND answer_id = ?", (owner, answer_id)).fetchone()
        if row is None:
            raise AnswerNotFound(
                f"No stored answer of yours has the id {answer_id[:200]!r}; ids come with answers that are kept."
            )
        return Vote(*row)

    def of_conversation(self, owner: str, conversation_id: str) -> tuple[Vote, ...]:
        """Return the votes on a conversation's answers, in the answers' order; none when there is no such one.

        Raises:
            StateUnavailable: nothing can be read.
        """
        with self._database.reading() as connection:
            rows = connection.execute(
                _VOTES + " AND conversation_id = ? ORDER BY exchanges.number", (owner, conversation_id)
            ).fetchall()
        return tuple(Vote(*row) for row in rows)
