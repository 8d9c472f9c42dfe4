"""Ids of articles: the given one, else one made from the file's place and the title."""

import re
import unicodedata
from hashlib import blake2b
from pathlib import PurePath

from qa_service.parsing.draft import Draft, Unreadable

LONGEST_ID = 200
_LONGEST_SLUG = 80
_NO_WORD = re.compile(r"[\W_]+")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def slug(text: str) -> str:
    """Return `text` as lower-case letters and digits parted by hyphens; may be empty.

    >>> slug("EU To Punish ’15 To 20′ People"), slug("Köln, été")
    ('eu-to-punish-15-to-20-people', 'koln-ete')
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text[:400]) if not unicodedata.combining(c))
    words = _NO_WORD.sub("-", unicodedata.normalize("NFC", plain.lower())).strip("-")
    return words[:_LONGEST_SLUG].rstrip("-")


def printable(name: str) -> str:
    """Return a file's name with what cannot be shown or stored replaced by U+FFFD."""
    return _UNPRINTABLE.sub("\ufffd", name)


def check_given_id(given: str) -> str:
    """Return `given` as it is.

    Raises:
        Unreadable: it is blank, longer than 200 characters, holds control characters or is a path step.
    """
    if not given.strip():
        raise Unreadable('"id" is blank; leave it out or give it 1 to 200 characters')
    if len(given) > LONGEST_ID:
        raise Unreadable(f'"id" has {len(given)} characters; at most {LONGEST_ID} are allowed')
    if _UNPRINTABLE.search(given):
        raise Unreadable(f'"id" {given!a} holds control characters; leave them out')
    if given in {".", ".."}:
        raise Unreadable(f'"id" "{given}" cannot stand in a link; choose another')
    return given


class TakenIds:
    """The ids of one run, each with the place that took it first; holds a hash of an id, not the id."""

    def __init__(self) -> None:
        self._origin_of: dict[bytes, str] = {}
        self._repeats: dict[bytes, int] = {}

    def claim(self, draft: Draft, relative: PurePath) -> str:
        """Return the article's id and remember it.

        Args:
            relative: the file's place inside the source that was named.

        Raises:
            Unreadable: the given id does not fit or stands elsewhere in this run.
        """
        if draft.given_id is None:
            return self._claim_free(_made_id(draft, relative), draft.origin)
        given = check_given_id(draft.given_id)
        digest = _digest(given)
        if digest in self._origin_of:
            first = self._origin_of[digest]
            raise Unreadable(f'id "{given}" of {draft.origin} is already that of {first}; make it unique')
        self._origin_of[digest] = draft.origin
        return given

    def _claim_free(self, made: str, origin: str) -> str:
        base, candidate = _digest(made), made
        while (digest := _digest(candidate)) in self._origin_of:
            self._repeats[base] = self._repeats.get(base, 1) + 1
            candidate = f"{made}-{self._repeats[base]}"
        self._origin_of[digest] = origin
        return candidate


def _made_id(draft: Draft, relative: PurePath) -> str:
    parts = [slug(part) for part in relative.with_suffix("").parts]
    if not draft.alone:
        parts.append(slug(draft.title))
    made = "-".join(part for part in parts if part) or "article"
    return made[: LONGEST_ID - 20].rstrip("-")


def _digest(article_id: str) -> bytes:
    return blake2b(article_id.encode(), digest_size=16).digest()
