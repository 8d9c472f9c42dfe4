"""Ids of articles: the given one, else one made from the file's place and the title."""

import re
import unicodedata
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Renamed:
    """An article that came as `before` goes by `now`, since another one makes the same id."""

    before: str
    now: str


@dataclass(frozen=True, slots=True)
class _Holder:
    """Who has an id; `others` are the ids to go on to when it turns out to be contested, None for a given id."""

    origin: str
    others: tuple[str, ...] | None = None


class TakenIds:
    """The ids of one run, each with the place that took it first.

    An id that several articles make belongs to none of them: each gets a mark of its text, and where the texts are
    equal too, one of all that it holds. So no article's id hangs on the order in which the articles come.
    """

    def __init__(self) -> None:
        self._holders: dict[bytes, _Holder | None] = {}  # by a hash of the id; None when it is contested
        self._repeats: dict[bytes, int] = {}

    def claim(self, draft: Draft, relative: PurePath) -> tuple[str, tuple[Renamed, ...]]:
        """Return the article's id, and the earlier articles that have another one from now on.

        Args:
            relative: the file's place inside the source that was named.

        Raises:
            Unreadable: the given id does not fit or stands elsewhere in this run.
        """
        moved: list[Renamed] = []
        if draft.given_id is None:
            article_id = self._settle(_possible_ids(draft, relative), draft.origin, moved)
        else:
            article_id = check_given_id(draft.given_id)
            self._give(article_id, draft.origin, moved)
        return article_id, tuple(moved)

    def _give(self, given: str, origin: str, moved: list[Renamed]) -> None:
        holder = self._holders.get(_digest(given))
        if holder and holder.others is None:
            raise Unreadable(f'id "{given}" of {origin} is already that of {holder.origin}; make it unique')
        self._contest(given, moved)
        self._take(given, origin, None)

    def _settle(self, possible: tuple[str, ...], origin: str, moved: list[Renamed]) -> str:
        """Take the first of the ids that nobody else has or makes."""
        for place, wanted in enumerate(possible[:-1], 1):
            if _digest(wanted) not in self._holders:
                return self._take(wanted, origin, possible[place:])
            self._contest(wanted, moved)
        return self._number(possible[-1], origin, moved)

    def _contest(self, article_id: str, moved: list[Renamed]) -> None:
        """Let the article that made this id, if one did, go on to its next one."""
        holder = self._holders.get(_digest(article_id))
        if holder and holder.others is not None:
            self._holders[_digest(article_id)] = None
            moved.append(Renamed(article_id, self._settle(holder.others, holder.origin, moved)))

    def _number(self, made: str, origin: str, moved: list[Renamed]) -> str:
        """Take an id that only articles make which are equal in everything: which is which is all one."""
        base, wanted = _digest(made), made
        while _digest(wanted) in self._holders:
            holder = self._holders[_digest(wanted)]
            if holder and holder.others != (made,):
                self._contest(wanted, moved)
            self._repeats[base] = self._repeats.get(base, 1) + 1
            wanted = f"{made}-{self._repeats[base]}"
        return self._take(wanted, origin, (made,))

    def _take(self, article_id: str, origin: str, others: tuple[str, ...] | None) -> str:
        self._holders[_digest(article_id)] = _Holder(origin, others)
        return article_id


def _possible_ids(draft: Draft, relative: PurePath) -> tuple[str, ...]:
    """Return the ids to try, each for when the one before it is contested."""
    parts = [slug(part) for part in relative.with_suffix("").parts]
    if not draft.alone:
        parts.append(slug(draft.title))
    made = "-".join(part for part in parts if part)[: LONGEST_ID - 20].rstrip("-")
    text = _mark(draft.text)
    whole = _mark(
        repr((
            relative.as_posix(), draft.title, draft.text, draft.url, draft.source, draft.authors, draft.published_at,
            draft.updated_at,
        ))
    )  # fmt: skip
    if not made:
        return f"article-{text}", f"article-{whole}"
    return made, f"{made}-{text}", f"{made}-{whole}"


def _mark(content: str) -> str:
    return blake2b(content.encode("utf-8", "replace"), digest_size=4).hexdigest()


def _digest(article_id: str) -> bytes:
    return blake2b(article_id.encode(), digest_size=16).digest()
