"""What a conversation has spoken of so far, and how near each of it is to the mind.

What the last question was about comes first, its subject before its object, and what was carried on from
the question before that before what is new.
Source: Grosz, Joshi and Weinstein, "Centering: A Framework for Modeling the Local Coherence of Discourse", 1995.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

from qa_service.follow_ups.genders import gender_near
from qa_service.follow_ups.joined_names import joined_names
from qa_service.follow_ups.phrases import Phrase, marked_inner, phrases
from qa_service.follow_ups.spoken_turns import SpokenTurn
from qa_service.follow_ups.tokens import tokenise
from qa_service.follow_ups.traits import Traits, joined, phrase_traits

DECAY = 0.8
SUBJECT, OBJECT, OBLIQUE, INNER = 1.0, 0.9, 0.8, 0.65
SLOT_SUBJECT, SLOT_BARE, SLOT_OBJECT = 1.05, 0.85, 0.7
ANSWER_NAME, ANSWER_NOUN = 0.2, 0.1
CONTINUED, DOUBT = 0.5, 0.3
REPEATED, AROUND = 0.1, 0.8
MAX_PHRASES = 16
MAX_ANSWER_CHARS = 1200


@dataclass(frozen=True, slots=True)
class Referent:
    """Something that was spoken of.

    Attributes:
        text: the words that stand for it in a question.
        words: the same without article, in lower case.
        salience: how near it is; about 1 for the subject of the last question.
        head: the last word of a name, the noun of another phrase.
        age: 0 for the last question and its answer, 1 for the one before, and so on.
        mentions: how often it was named.
        slot: its question asks for it and `text` only describes it.
    """

    text: str
    words: tuple[str, ...]
    traits: Traits
    salience: float
    age: int
    name: bool
    head: str
    determiner: str | None = None
    preposition: str | None = None
    slot: bool = False
    inner: bool = False
    mentions: int = 1


def question_referents(turn: SpokenTurn) -> list[Referent]:
    """Return what a question names and what it asks for, as if it were the last one."""
    found = [_named(turn, phrase, _role(turn, phrase)) for phrase in turn.found]
    found += _pairs(turn)
    slot = turn.slot
    if slot and slot.description:
        # "What caused the flood?" is about the flood, "Which party won the election?" about the party.
        weight = SLOT_BARE if slot.bare else SLOT_SUBJECT if slot.subject else SLOT_OBJECT
        words = tuple(slot.description.lower().removeprefix("the ").split())
        found.append(
            Referent(
                slot.description,
                words,
                slot.traits,
                weight,
                0,
                False,
                slot.head,
                determiner="the",
                slot=True,
            )
        )
    return found


def _named(turn: SpokenTurn, phrase: Phrase, weight: float) -> Referent:
    traits = phrase_traits(phrase, turn.tokens)
    if phrase.name and _is_who(turn, phrase):
        traits = joined(traits, Traits(person=True))
    weight *= DOUBT if phrase.doubtful else 1.0
    return _referent(phrase, traits, weight + CONTINUED * (phrase.text in turn.carried))


def _referent(phrase: Phrase, traits: Traits, salience: float) -> Referent:
    words = tuple(phrase.words)
    return Referent(
        phrase.text,
        words,
        traits,
        salience,
        0,
        phrase.name,
        phrase.head,
        phrase.determiner,
        phrase.preposition,
        inner=phrase.inner,
    )


def named_in(turn: SpokenTurn, phrase: Phrase) -> Referent:
    """Return a phrase of `turn` as something that the rest of the turn can refer to."""
    return _named(turn, phrase, 1.0)


def _is_who(turn: SpokenTurn, phrase: Phrase) -> bool:
    """Whether the question is "Who is X?"."""
    parts = turn.parts
    if parts is None or not parts.has_wh or parts.verb >= 0:
        return False
    return turn.tokens[parts.wh].lower == "who" and parts.subject == phrase.first


def _role(turn: SpokenTurn, phrase: Phrase) -> float:
    possessor = phrase.last < len(turn.tokens) and turn.tokens[phrase.last].is_possessive
    if phrase.inner and not possessor and not _opens_compound(turn, phrase):
        return INNER
    if not phrase.name and phrase.determiner is None and turn.tokens[phrase.first].is_capitalised:
        return OBLIQUE
    parts = turn.parts
    if parts is None or parts.subject <= phrase.first < parts.subject_end or phrase.first < parts.wh_end:
        return SUBJECT
    return OBLIQUE if phrase.preposition else OBJECT


def _opens_compound(turn: SpokenTurn, phrase: Phrase) -> bool:
    """Whether a name opens a phrase without article, where the words after it may be a verb: "made Ada sing"."""
    return phrase.last - phrase.first > 1 and any(
        other.first == phrase.first and other is not phrase and other.determiner is None
        for other in turn.found
    )


def _pairs(turn: SpokenTurn) -> list[Referent]:
    """Return "X and Y" where names stand side by side or may be two people, for "they"."""
    joined_ones = joined_names(turn)
    found = [_pair(turn, names.members[0], names.text) for names in joined_ones]
    for one, other in pairwise(turn.found):
        both = one.name and other.name and not (one.inner or other.inner)
        known = any(one in names.members and other in names.members for names in joined_ones)
        if both and not known and _may_be_two_people(turn, one, other):
            found.append(_pair(turn, one, f"{one.text} and {other.text}"))
    return found


def _pair(turn: SpokenTurn, first: Phrase, text: str) -> Referent:
    words = tuple(text.lower().split())
    traits = replace(phrase_traits(first, turn.tokens), plural=True, gender=None)
    return Referent(text, words, traits, _role(turn, first), 0, True, words[-1])


def _may_be_two_people(turn: SpokenTurn, one: Phrase, other: Phrase) -> bool:
    """Whether both names of "Did Ada Merrow meet Otto Lind?" are people, for all that is known."""
    traits = [phrase_traits(phrase, turn.tokens) for phrase in (one, other)]
    return not any(t.person is False or t.place or t.group for t in traits) and other.preposition in (
        None,
        "with",
    )


def answer_referents(turn: SpokenTurn) -> list[Referent]:
    """Return what a known answer names, its few words before the sentences around them."""
    known = turn.answer
    if known is None:
        return []
    around = f"{known.text} {known.context or ''}"
    if known.short is None:
        return _said(known.text, around, 1.0)
    return _said(known.short, around, 1.0) + _said(known.text, around, AROUND)


def _said(text: str, around: str, weight: float) -> list[Referent]:
    text = text[:MAX_ANSWER_CHARS]
    tokens = tokenise(text)
    found = []
    for phrase in marked_inner(phrases(text, tokens)):
        traits = phrase_traits(phrase, tokens)
        if phrase.doubtful or (not phrase.name and (traits.person or phrase.determiner is None)):
            continue
        if phrase.name and traits.gender is None:
            traits = replace(traits, gender=gender_near(phrase.text, around))
        share = (ANSWER_NAME if phrase.name else ANSWER_NOUN) * weight * (AROUND if phrase.inner else 1.0)
        found.append(_referent(phrase, traits, share))
    return found


def aged(referent: Referent, turns: int = 1) -> Referent:
    """Return `referent` as it stands `turns` questions later."""
    return replace(referent, salience=referent.salience * DECAY**turns, age=referent.age + turns)


def merge(found: list[Referent], new: Referent) -> None:
    """Add `new` to `found`, or to the one there that means the same: equal words, or a name inside a longer name."""
    for place, known in enumerate(found):
        if known.slot != new.slot or not known.words or not new.words:
            continue
        names = all(one.name or one.determiner is None for one in (known, new)) and (known.name or new.name)
        if known.words == new.words or (names and _is_part(known, new)):
            longer = max(known, new, key=lambda one: (len(one.words), one.name))
            salience = max(known.salience, new.salience) + REPEATED * min(known.salience, new.salience)
            traits = joined(longer.traits, joined(known.traits, new.traits))
            if known.name != new.name:  # only the name tells what it is
                traits = known.traits if known.name else new.traits
            preposition = new.preposition or known.preposition
            mentions = known.mentions + new.mentions
            found[place] = replace(
                longer,
                salience=salience,
                traits=traits,
                age=min(known.age, new.age),
                preposition=preposition,
                mentions=mentions,
            )
            return
    found.append(new)


def _is_part(one: Referent, other: Referent) -> bool:
    """Whether one name is a part of the other, as "Merrow" of "Ada Merrow"."""
    shorter, longer = sorted((one.words, other.words), key=len)
    return (
        len(shorter) < len(longer)
        and "and" not in longer
        and set(shorter) <= set(longer)
        and (shorter[-1] == longer[-1] or shorter[0] == longer[0])
    )
