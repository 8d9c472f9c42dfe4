"""How well something spoken of can be what a pronoun or "the company" stands for."""

from collections.abc import Callable

from qa_service.follow_ups.referents import Referent
from qa_service.follow_ups.vocabulary import (
    DOCUMENT_NOUNS,
    GROUP_NOUNS,
    PLACE_NOUNS,
    VAGUE_NOUNS,
    WORK_NOUNS,
    word_set,
)

_PLACE_PREPOSITIONS = frozenset(
    ("in", "at", "near", "to", "from", "into", "outside", "inside", "on", "around", "across")
)
_ANY_PERSON = word_set("man woman person boy girl child lady gentleman victim activist guy")
_VAGUE, _POINTED = 0.3, 1.5
_QUANTIFIERS = frozenset(("any", "some", "no", "every", "each", "another"))


def pronoun_fit(kind: str, referent: Referent) -> float:
    """Return from 0 (cannot be) to about 1 how well `referent` fits a pronoun.

    Args:
        kind: "he", "she", "it", "they", "this", "there" or "then".
    """
    if referent.traits.time:
        return 1.0 if kind == "then" and referent.preposition else 0.0
    if referent.preposition == "as":
        return 0.0
    fit = _FITS[kind](referent) * (_VAGUE if referent.determiner in _QUANTIFIERS else 1.0)
    return fit * _VAGUE if not referent.name and not referent.slot and referent.head in VAGUE_NOUNS else fit


def _person(referent: Referent, gender: str) -> float:
    traits = referent.traits
    if traits.person is False or traits.place or traits.group or traits.plural:
        return 0.0
    if traits.gender and traits.gender != gender:
        return 0.0
    if traits.person or traits.gender:
        known = 1.3 if traits.gender else 1.0
        return known * (0.4 if referent.determiner in ("a", "an") and not referent.name else 1.0)
    if not referent.name:
        return 0.35 if referent.determiner is None and len(referent.words) > 1 else 0.0
    return 0.85 if 2 <= len(referent.words) <= 4 else 0.65


def _thing(referent: Referent) -> float:
    traits = referent.traits
    if traits.person:
        return 0.0
    if not referent.name:
        return 0.0 if traits.plural else 0.9 if referent.determiner else 0.6
    if traits.plural:
        return 0.3
    if traits.group or traits.place or referent.determiner:
        return 0.9
    return 0.5 if len(referent.words) > 1 else 0.6


def _many(referent: Referent) -> float:
    traits = referent.traits
    if traits.plural:
        return 1.0
    if traits.group:
        return 0.9
    if traits.person:
        return 0.2
    if not referent.name:
        return 0.05
    return 0.08 if traits.place else 0.5


def _somewhere(referent: Referent) -> float:
    traits = referent.traits
    if traits.place:
        return 1.0
    if traits.person or traits.plural:
        return 0.0
    if referent.preposition in _PLACE_PREPOSITIONS:
        return 0.8
    return 0.4 if referent.name and len(referent.words) == 1 else 0.1


_FITS: dict[str, Callable[[Referent], float]] = {
    "he": lambda referent: _person(referent, "m"),
    "she": lambda referent: _person(referent, "f"),
    "it": _thing,
    "this": lambda referent: _thing(referent) * (_POINTED if referent.slot else 1.0),
    "they": _many,
    "there": _somewhere,
    "then": lambda referent: 0.0,
}


def noun_fit(noun: str, referent: Referent) -> float:
    """Return from 0 to about 1.5 how well `referent` is what "the `noun`" stands for (`noun` in lower case)."""
    traits = referent.traits
    if traits.time or not referent.words:
        return 0.0
    if _same_noun(noun, referent.head):
        return 1.5 if len(referent.words) > 1 or referent.name else 0.0
    if not (referent.name or referent.slot):
        return 0.0
    if noun in DOCUMENT_NOUNS or traits.plural:
        return 0.0
    if noun in GROUP_NOUNS:
        return 1.0 if traits.group else 0.5 if _unknown(referent) else 0.0
    if noun in PLACE_NOUNS:
        return 1.0 if traits.place else 0.4 if _unknown(referent) else 0.0
    if noun in WORK_NOUNS:
        return 1.0 if referent.determiner == "“" else 0.5 if _is_work(referent) else 0.0
    if noun in _ANY_PERSON:
        return 1.0 if traits.person else 0.5 if _unknown(referent) else 0.0
    return 0.0


def _unknown(referent: Referent) -> bool:
    """Whether nothing tells what a name stands for."""
    return referent.name and not any((referent.traits.person, referent.traits.group, referent.traits.place))


def _is_work(referent: Referent) -> bool:
    """Whether a name may be the title of a work: no person, group or place as far as is known."""
    traits = referent.traits
    return referent.name and not (traits.person or traits.group or traits.place)


def _same_noun(one: str, other: str) -> bool:
    return one == other or one + "s" == other or other + "s" == one
