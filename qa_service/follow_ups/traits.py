"""What a phrase may stand for: person or thing, one or many, man or woman, place, group or time."""

from collections.abc import Sequence
from dataclasses import dataclass

from qa_service.follow_ups.phrases import Phrase
from qa_service.follow_ups.tokens import Token
from qa_service.follow_ups.vocabulary import (
    COLLECTIVE,
    EVENT_NOUNS,
    FEMALE_NOUNS,
    GROUP_NOUNS,
    MALE_NOUNS,
    PERSON_NOUNS,
    PLACE_NOUNS,
    TIMES,
    VAGUE_NOUNS,
)

_PLACE_BEFORE = frozenset(
    ("in", "near", "across", "outside", "inside", "throughout", "around", "into", "within")
)
_PERSON_ENDINGS = (
    "ologist",
    "ographer",
    "woman",
    "person",
    "ician",
    "sman",
    "rman",
    "kman",
    "nalist",
    "tician",
)
_NOT_IN_PEOPLE = TIMES | GROUP_NOUNS | PLACE_NOUNS | EVENT_NOUNS | COLLECTIVE | VAGUE_NOUNS
_NOT_PLURAL = ("ss", "us", "is", "ics", "news", "series", "means")


@dataclass(frozen=True, slots=True)
class Traits:
    """What is known; None where nothing tells. `gender` is "f" or "m"."""

    person: bool | None = None
    gender: str | None = None
    plural: bool | None = None
    group: bool | None = None
    place: bool | None = None
    time: bool = False


def noun_traits(noun: str) -> Traits:
    """Return what a common noun (lower case) tells."""
    if noun in TIMES or noun[:4].isdigit():
        return Traits(person=False, time=True)
    plural = is_plural(noun)
    single = noun if noun in PERSON_NOUNS or not plural else noun.removesuffix("s")
    gender = "f" if noun in FEMALE_NOUNS else "m" if noun in MALE_NOUNS else None
    person = single in PERSON_NOUNS or single.endswith(_PERSON_ENDINGS) or noun in COLLECTIVE
    group = single in GROUP_NOUNS
    place = single in PLACE_NOUNS
    return Traits(person and not group, gender, plural, group, place)


def is_plural(noun: str) -> bool:
    """Return whether a common noun (lower case) is a plural by its form."""
    return noun in COLLECTIVE or (noun.endswith("s") and len(noun) > 3 and not noun.endswith(_NOT_PLURAL))


def phrase_traits(phrase: Phrase, tokens: Sequence[Token]) -> Traits:
    """Return what a phrase's own words and the ones around it tell."""
    if not phrase.name:
        return noun_traits(phrase.head)
    words = phrase.words
    if all(word in TIMES or word[:1].isdigit() for word in words):
        return Traits(person=False, time=True)
    after = _note(tokens, phrase.last)
    if after:
        return noun_traits(after)
    if words[-1] in GROUP_NOUNS:
        return Traits(person=False, group=True, place=False)
    title = phrase.title.split() or ([words[0].rstrip(".")] if len(words) > 1 else [])
    if any(noun_traits(word).person and not is_plural(word) for word in title):
        gender = next((g for word in title if (g := noun_traits(word).gender)), None)
        return Traits(person=True, gender=gender, plural=False, group=False, place=False)
    if phrase.determiner == "“":
        return Traits(person=False, plural=False, group=False, place=False)
    ends = (words[-1], words[0])
    if words[0] in GROUP_NOUNS:
        return Traits(person=False, group=True, place=False)
    if any(word in PLACE_NOUNS for word in ends):
        return Traits(person=False, place=True, plural=is_plural(phrase.head))
    if any(word in _NOT_IN_PEOPLE for word in words) or any(
        len(w) > 2 and w.isupper() for w in phrase.text.split()[1:]
    ):
        return joined(Traits(person=False), _bare_name(phrase))
    return _bare_name(phrase)


def _bare_name(phrase: Phrase) -> Traits:
    """What a name tells that holds no word with a meaning."""
    if phrase.text.isupper() and 2 <= len(phrase.text) <= 6:
        return Traits(person=False, group=True)
    if phrase.preposition in _PLACE_BEFORE:
        return Traits(person=False, place=True, plural=False)
    if phrase.determiner == "the":
        return Traits(person=False, plural=is_plural(phrase.head))
    return Traits()


def _note(tokens: Sequence[Token], at: int) -> str | None:
    """Return the last word of a note in parentheses that follows a name, such as "band" in "Cold (band)"."""
    if at + 2 < len(tokens) and tokens[at].text == "(":
        for end in range(at + 1, min(at + 5, len(tokens))):
            if tokens[end].text == ")":
                return tokens[end - 1].lower
    return None


def joined(first: Traits, second: Traits) -> Traits:
    """Return what two descriptions of one thing tell; `first` wins where they differ."""
    person, gender, plural, group, place = (
        getattr(first, name) if getattr(first, name) is not None else getattr(second, name)
        for name in ("person", "gender", "plural", "group", "place")
    )
    if person:
        group = place = False
    return Traits(person, gender, plural, group, place, time=first.time or second.time)
