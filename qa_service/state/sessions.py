"""Sessions of the pages: begun with a key, recognised by a random token, ended by time, by hand or with the key."""

import hashlib
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from qa_service.errors import StateUnavailable
from qa_service.state.clock import iso, utc_now
from qa_service.state.database import Database

TOUCH_S = 60.0
MAX_NOTED = 10_000


@dataclass(frozen=True, slots=True)
class Session:
    """Whose session it is, and with which key it began."""

    account: str
    key_id: str


class Sessions:
    """The sessions of one data folder; safe to use from many threads and processes at once.

    Args:
        idle: a session that nobody used for so long is over.
        longest: no session lasts longer than this, however much it is used.
    """

    def __init__(
        self,
        database: Database,
        *,
        idle: timedelta,
        longest: timedelta,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database, self._idle, self._longest, self._clock = database, idle, longest, clock
        self._touched: dict[bytes, datetime] = {}
        self._touching = threading.Lock()

    def begin(self, key_id: str) -> str:
        """Begin a session with a key that was just recognised; return its token, which is kept nowhere.

        Raises:
            StateUnavailable: the session cannot be stored.
        """
        token, now = secrets.token_urlsafe(32), self._clock()
        with self._database.writing() as connection:
            connection.execute(
                "DELETE FROM sessions WHERE created_at <= ? OR seen_at <= ?", self._earliest(now)
            )
            connection.execute(
                "INSERT INTO sessions (token_hash, key_id, created_at, seen_at) VALUES (?, ?, ?, ?)",
                (_hash(token), key_id, iso(now), iso(now)),
            )
        return token

    def find(self, token: str) -> Session | None:
        """Return the session of `token`, None when there is none, when it is over, or its key no longer usable.

        Raises:
            StateUnavailable: the sessions cannot be read.
        """
        now, name = self._clock(), _hash(token)
        # Looked up by its hash: how long the look takes tells nothing about a token that is not known already.
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT account, key_id FROM sessions JOIN api_keys USING (key_id) WHERE token_hash = ?"
                " AND sessions.created_at > ? AND seen_at > ?"
                " AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)",
                (name, *self._earliest(now), iso(now)),
            ).fetchone()
        if row is None:
            return None
        self._touch(name, now)
        return Session(*row)

    def end(self, token: str) -> None:
        """End the session of `token`, if there is one.

        Raises:
            StateUnavailable: it cannot be ended.
        """
        with self._database.writing() as connection:
            connection.execute("DELETE FROM sessions WHERE token_hash = ?", (_hash(token),))

    def noted(self) -> int:
        """Return of how many sessions this process remembers when they were used."""
        return len(self._touched)

    def _earliest(self, now: datetime) -> tuple[str, str]:
        """Return the beginning and the last use that a session must lie after to go on."""
        return iso(now - self._longest), iso(now - self._idle)

    def _touch(self, name: bytes, now: datetime) -> None:
        """Note that a session was used, once a minute at most; a note that cannot be written is left out."""
        with self._touching:
            last = self._touched.get(name)
            if last is not None and abs((now - last).total_seconds()) < TOUCH_S:
                return
            if len(self._touched) >= MAX_NOTED:
                self._touched.clear()  # costs one needless write a session, no more
            self._touched[name] = now
        with suppress(StateUnavailable), self._database.writing() as connection:
            connection.execute("UPDATE sessions SET seen_at = ? WHERE token_hash = ?", (iso(now), name))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
