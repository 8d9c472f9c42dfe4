"""Accounts and their API keys: made, listed, revoked, recognised; only a hash of each key is kept."""

import hashlib
import hmac
import re
import secrets
import sqlite3
import threading
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from qa_service.durable_files import write_durably
from qa_service.errors import InvalidAccount, KeyNotFound, StateUnavailable
from qa_service.state.clock import after, iso, utc_now
from qa_service.state.database import Database
from qa_service.state.troubles import FILE_NAME

LOCAL = "local"
PREFIX = "qas_"
MAX_NAME_CHARS = 100
TOUCH_S = 60.0
_MARKER, _FORGOTTEN = "keys-required", "keys-forgotten"
_MARKER_TEXT = (
    b"API keys were made for this folder: the server asks for one even while state.db cannot be read.\n"
)
_FORGOTTEN_TEXT = b"All API keys of this folder were forgotten on purpose: the server asks for none.\n"
_KEY = re.compile(PREFIX + "([0-9a-f]{12})_([0-9a-f]{64})", re.ASCII)
_NO_HASH = bytes(32)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key, the key itself excepted; times are ISO 8601 in UTC.

    Attributes:
        key_id: the part of the key that is no secret.
        account: whose key it is; the owner of what is made with it.
    """

    key_id: str
    account: str
    created_at: str
    expires_at: str | None = None
    last_used_at: str | None = None
    revoked_at: str | None = None

    def state(self, now: str) -> str:
        """Return `usable`, `revoked` or `expired` at the time `now`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "usable"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made; `text` is what its holder sends and is nowhere else."""

    text: str = field(repr=False)
    key: ApiKey


class Accounts:
    """The API keys of one data folder; safe to use from many threads and processes at once.

    Once a key was made, keys are required, whatever becomes of it: revoking a leaked key must not open
    the door. A file beside state.db says so too, so that a damaged state.db does not open it either. Nor does a
    folder that vanishes while the server runs: only another file, which `forget` writes, says that no key is asked for.
    """

    def __init__(self, database: Database, folder: Path, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._database, self._folder, self._clock = database, folder, clock
        self._touched: dict[str, datetime] = {}
        self._touching = threading.Lock()
        self._keys_were_seen = False

    def required(self) -> bool:
        """Whether people have to show who they are; costs a look or two at the folder."""
        if (self._folder / _MARKER).exists():
            self._keys_were_seen = True
        elif self._keys_were_seen and (self._folder / _FORGOTTEN).exists():
            self._keys_were_seen = False
        return self._keys_were_seen

    def restore_marker(self) -> None:
        """Write the file that says that keys are required if it is missing, as after restoring state.db alone."""
        if self.required():
            return
        with suppress(StateUnavailable):  # whoever needs state.db says what is wrong with it
            self._keys_were_seen = bool(self.all_keys())
        if self._keys_were_seen:
            with suppress(OSError):
                self._mark()

    def create(self, account: str, *, lifetime: timedelta | None = None) -> NewKey:
        """Make a key for `account`, which may have others already.

        Raises:
            InvalidAccount: no account can have this name.
            StateUnavailable: the key cannot be stored.
        """
        name = account_name(account)
        # 256 random bits cannot be guessed, however fast the hash: a slow one would only slow each request.
        key_id, secret = secrets.token_hex(6), secrets.token_hex(32)
        text = f"{PREFIX}{key_id}_{secret}"
        now = self._clock()
        key = ApiKey(key_id, name, iso(now), after(now, lifetime) if lifetime else None)
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO api_keys (key_id, account, key_hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
                (key.key_id, name, _hash(text), key.created_at, key.expires_at),
            )
            try:
                self._mark()
            except OSError as error:
                raise StateUnavailable(
                    f"The folder {self._folder} cannot be written: {error.strerror}; no key was made."
                ) from error
        return NewKey(text, key)

    def all_keys(self) -> list[ApiKey]:
        """Return every key, by account and age, revoked and expired ones included."""
        if not self._exists():
            return []
        with self._database.reading() as connection:
            rows = connection.execute(f"{_SELECT} ORDER BY account, created_at, key_id").fetchall()
        return [ApiKey(*row) for row in rows]

    def any_usable(self) -> bool:
        """Whether there is a key with which somebody can get in."""
        now = iso(self._clock())
        return any(key.state(now) == "usable" for key in self.all_keys())

    def revoke(self, key_id: str) -> ApiKey:
        """Make a key useless, and end the sessions that began with it; return it as it is then.

        Raises:
            KeyNotFound: no key has this id.
        """
        key_id = _id_of(key_id)
        if not self._exists():
            raise _unknown(key_id)
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?) WHERE key_id = ?",
                (iso(self._clock()), key_id),
            )
            connection.execute("DELETE FROM sessions WHERE key_id = ?", (key_id,))
            return _key(connection, key_id)

    def forget(self, key_id: str) -> bool:
        """Delete a key and its record; return whether keys are still required, because others are left.

        Raises:
            KeyNotFound: no key has this id.
        """
        key_id = _id_of(key_id)
        with self._database.writing() as connection:
            _key(connection, key_id)
            connection.execute("DELETE FROM api_keys WHERE key_id = ?", (key_id,))
            if connection.execute("SELECT 1 FROM api_keys LIMIT 1").fetchone():
                return True
            try:
                write_durably(self._folder / _FORGOTTEN, _FORGOTTEN_TEXT)
                (self._folder / _MARKER).unlink(missing_ok=True)
            except OSError as error:
                raise StateUnavailable(
                    f"The folder {self._folder} cannot be written: {error.strerror}; the key is kept."
                ) from error
            self._keys_were_seen = False
        return False

    def recognise(self, text: str) -> ApiKey | None:
        """Return the usable key that `text` is, None when it is none; why not is nobody's business.

        Raises:
            StateUnavailable: the keys cannot be read, or are gone.
        """
        match = _KEY.fullmatch(text)
        if match is None:
            return None
        with self._database.reading() as connection:
            row = connection.execute(
                f"{_SELECT_WITH_HASH} WHERE key_id = ?",
                (match[1],),
            ).fetchone()
            if row is None and connection.execute("SELECT 1 FROM api_keys LIMIT 1").fetchone() is None:
                raise StateUnavailable(
                    f"Keys are required, but {FILE_NAME} holds none: it was lost or replaced. Put a backup in its"
                    " place, or make keys anew with `qa-service keys create NAME`."
                )
        # Compared even when there is no such id, and in constant time, so that time tells nothing either.
        same = hmac.compare_digest(row[-1] if row else _NO_HASH, _hash(text))
        if row is None or not same:
            return None
        key = ApiKey(*row[:-1])
        now = self._clock()
        if key.state(iso(now)) != "usable":
            return None
        self._touch(key.key_id, now)
        return key

    def _touch(self, key_id: str, now: datetime) -> None:
        """Note that a key was used, once a minute at most; a note that cannot be written is left out."""
        with self._touching:
            last = self._touched.get(key_id)
            if last is not None and abs((now - last).total_seconds()) < TOUCH_S:
                return
            self._touched[key_id] = now
        with suppress(StateUnavailable), self._database.writing() as connection:
            connection.execute("UPDATE api_keys SET last_used_at = ? WHERE key_id = ?", (iso(now), key_id))

    def _exists(self) -> bool:
        """Whether there is anything to read; looking for keys makes no file."""
        return (self._folder / FILE_NAME).exists()

    def _mark(self) -> None:
        if not (self._folder / _MARKER).exists():
            write_durably(self._folder / _MARKER, _MARKER_TEXT)
        (self._folder / _FORGOTTEN).unlink(missing_ok=True)


def account_name(text: str) -> str:
    """Return the name of an account in its one form: composed characters, no spaces around it.

    Raises:
        InvalidAccount: it is empty, too long, or holds a comma, a control or an unseen character.
    """
    name = unicodedata.normalize("NFC", text.strip())
    if not 1 <= len(name) <= MAX_NAME_CHARS or not name.isprintable() or "," in name:
        raise InvalidAccount(
            f"{text[:MAX_NAME_CHARS]!r} is no name for an account; use 1 to {MAX_NAME_CHARS} characters without comma."
        )
    return name


_SELECT = "SELECT key_id, account, created_at, expires_at, last_used_at, revoked_at FROM api_keys"
_SELECT_WITH_HASH = _SELECT.replace(" FROM", ", key_hash FROM")


def _key(connection: sqlite3.Connection, key_id: str) -> ApiKey:
    row = connection.execute(f"{_SELECT} WHERE key_id = ?", (key_id,)).fetchone()
    if row is None:
        raise _unknown(key_id)
    return ApiKey(*row)


def _unknown(key_id: str) -> KeyNotFound:
    return KeyNotFound(f"There is no key {key_id[:12]!r}; `qa-service keys list` shows the ids.")


def _id_of(text: str) -> str:
    """Return the id in `text`: itself, or that of a whole key, whose secret must not be repeated in a message."""
    return text.strip().removeprefix(PREFIX).partition("_")[0]


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
