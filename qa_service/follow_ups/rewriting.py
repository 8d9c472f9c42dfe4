"""Puts names in the place of pronouns so that the sentence stays English."""

from collections.abc import Sequence
from dataclasses import dataclass

from qa_service.follow_ups.anaphora import Anaphor
from qa_service.follow_ups.referents import Referent
from qa_service.follow_ups.spoken_turns import SpokenTurn
from qa_service.follow_ups.vocabulary import PREPOSITIONS

_MAX_POSSESSOR_WORDS = 4
_ARTICLES = ("the ", "The ")


@dataclass(frozen=True, slots=True)
class Edit:
    """Characters `start` to `end` of a text and the words that come there."""

    start: int
    end: int
    words: str


def edit(turn: SpokenTurn, anaphor: Anaphor, referent: Referent) -> Edit:
    """Return the edit that puts `referent` in the place of `anaphor`."""
    tokens = turn.tokens
    start, end = tokens[anaphor.first].start, tokens[anaphor.last - 1].end
    words = referent.text
    if referent.determiner in ("a", "an", "some", "any") and not referent.name:
        words = f"the{words[len(referent.determiner) :]}"
    if referent.determiner is None and not referent.name and _before(turn, anaphor) == "of":
        words = f"the {words}"
    if anaphor.kind == "there":
        words = words if _before(turn, anaphor) in PREPOSITIONS else f"{_place_preposition(referent)} {words}"
    elif anaphor.kind == "then":
        words = f"{referent.preposition} {words}"
    elif anaphor.possessive:
        if len(words.split()) > _MAX_POSSESSOR_WORDS or referent.slot:
            stop = _noun_end(turn, anaphor.last)
            owned = turn.text[tokens[anaphor.last].start : tokens[stop - 1].end]
            return Edit(start, tokens[stop - 1].end, _cased(f"the {owned} of {words}", start))
        words = possessive(words, plural=bool(referent.traits.plural))
    return Edit(start, end, _cased(words, start))


def _before(turn: SpokenTurn, anaphor: Anaphor) -> str:
    return turn.tokens[anaphor.first - 1].lower if anaphor.first else ""


def owner_edit(turn: SpokenTurn, anaphor: Anaphor, referent: Referent) -> Edit:
    """Return the edit that makes "the mayor" "the mayor of Orle"."""
    end = turn.tokens[anaphor.last - 1].end
    return Edit(end, end, f" of {referent.text}")


def applied(text: str, edits: Sequence[Edit]) -> str:
    """Return `text` with `edits` made; one that overlaps an earlier one is left out."""
    pieces, position = [], 0
    for one in sorted(edits, key=lambda e: (e.start, e.end)):
        if one.start < position:
            continue
        pieces += [text[position : one.start], one.words]
        position = one.end
    return "".join([*pieces, text[position:]])


def possessive(words: str, *, plural: bool = False) -> str:
    """Return the possessive of a name or a noun phrase.

    >>> possessive("Cyprus"), possessive("the dockers", plural=True)
    ('Cyprus’s', 'the dockers’')
    """
    return f"{words}’" if plural and words.endswith("s") else f"{words}’s"


def _noun_end(turn: SpokenTurn, at: int) -> int:
    """Return where the noun that belongs to a possessive ends."""
    end = at
    while end < len(turn.tokens) and turn.tokens[end].is_open and end not in _verbs(turn):
        end += 1
    return max(end, at + 1)


def _verbs(turn: SpokenTurn) -> set[int]:
    return {turn.parts.verb} if turn.parts else set()


def _place_preposition(referent: Referent) -> str:
    return referent.preposition if referent.preposition in ("in", "at", "on", "near") else "in"


def _cased(words: str, start: int) -> str:
    """Return `words` with a capital at the start of a text."""
    return words[:1].upper() + words[1:] if start == 0 else words
