"""Cursors of paged lists: opaque words that hold the generation, the offset and what was asked."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from qa_service.domain import Filters
from qa_service.errors import StaleCursor

_OFFSET = re.compile("[0-9]{1,9}", re.ASCII)
_SEAL_BYTES = 8


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a list: the first `offset` items of `generation` have been shown; None is the one that answers."""

    generation: str | None
    offset: int


def articles(filters: Filters) -> str:
    """Name the list of the articles that fit `filters`."""
    return f"articles\n{filters}"


def following(at: Position, shown: int, total: int, generation: str, asked: str) -> str | None:
    """Return the cursor of what comes after the `shown` items from `at` on; None when that was the end."""
    offset = at.offset + shown
    return encode(Position(generation, offset), asked) if shown and offset < total else None


def encode(position: Position, asked: str) -> str:
    """Return the cursor of `position` in the list that `asked` names; safe in URLs."""
    plain = f"{position.generation}\n{position.offset}".encode()
    return base64.urlsafe_b64encode(_seal(plain, asked) + plain).decode().rstrip("=")


def decode(cursor: str | None, asked: str) -> Position:
    """Return the place that `cursor` holds, the beginning when there is none.

    Raises:
        StaleCursor: it is broken, or was given out for another list than `asked`.
    """
    if cursor is None:
        return Position(None, 0)
    try:
        sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        seal, plain = sealed[:_SEAL_BYTES], sealed[_SEAL_BYTES:]
        generation, offset = plain.decode().split("\n")
    except (ValueError, binascii.Error):
        raise _broken() from None
    if seal != _seal(plain, asked) or not _OFFSET.fullmatch(offset):
        raise _broken()
    return Position(generation, int(offset))


def _seal(plain: bytes, asked: str) -> bytes:
    """Bind the place to the list, so that a cursor of another query is noticed; no secret is kept by it."""
    return hashlib.sha256(plain + b"\0" + asked.encode("utf-8", "replace")).digest()[:_SEAL_BYTES]


def _broken() -> StaleCursor:
    return StaleCursor(
        "The cursor is broken or belongs to another query; begin again without one.", gone=False
    )
