"""What a question asks for, as something that a later question can refer to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from qa_service.follow_ups.anatomy import Anatomy, is_adjunct
from qa_service.follow_ups.exchanges import KnownAnswer
from qa_service.follow_ups.genders import gender_near
from qa_service.follow_ups.phrases import Phrase, phrases
from qa_service.follow_ups.tokens import Token, tokenise
from qa_service.follow_ups.traits import Traits, joined, noun_traits, phrase_traits
from qa_service.follow_ups.verbs import is_past, past, present
from qa_service.follow_ups.vocabulary import (
    AUXILIARIES,
    BE,
    DETERMINERS,
    PREPOSITIONS,
    PRONOUNS,
)

_MAX_ANSWER_WORDS = 8
_SPEAKERS = frozenset(("you", "i", "we"))  # "What can you tell me about the strike?" is about the strike
_NAME_OF = "the name of "
_CLAUSES = frozenset(
    ("who", "which", "that", "whose", "where", "when", "while", "because", "but", "after", "before")
)


@dataclass(frozen=True, slots=True)
class Slot:
    """The unknown that a question asks for.

    Attributes:
        description: words that stand for it without the answer, such as "the person who won the race";
            None where there are none.
        head: the noun of the description, such as "person".
        subject: it is the subject or what the subject is, and so the likeliest thing to be asked about next.
        bare: it is asked for with "what" alone, which names no kind of thing.
    """

    traits: Traits
    description: str | None
    head: str
    subject: bool
    bare: bool = False


def slot_of(text: str, tokens: Sequence[Token], parts: Anatomy) -> Slot | None:
    """Return what the question asks for; None for yes-or-no questions and for why, how and when."""
    if not parts.has_wh:
        return None
    word = tokens[parts.wh].lower
    if is_adjunct(tokens, parts):
        return Slot(Traits(person=False, place=True), None, "", subject=False) if word == "where" else None
    if word == "how":
        return None
    noun = _noun(tokens, parts)
    if word in ("who", "whom"):
        traits, thing = Traits(person=True), "person"
    elif noun:
        thing = text[tokens[parts.wh + 1].start : tokens[parts.wh_end - 1].end]
        traits = noun_traits(noun)
    else:
        traits, thing = Traits(person=False), "thing"
    traits = replace(traits, plural=traits.plural or None)
    return _described(text, tokens, parts, traits, thing)


def _noun(tokens: Sequence[Token], parts: Anatomy) -> str | None:
    """Return the noun of "which …" or "what …"."""
    inside = [t.lower for t in tokens[parts.wh + 1 : parts.wh_end] if t.is_open]
    return inside[-1] if inside else None


def _described(text: str, tokens: Sequence[Token], parts: Anatomy, traits: Traits, thing: str) -> Slot | None:
    last, noun = tokens[parts.end - 1].end, thing.split()[-1].lower()
    link = "who" if traits.person and not traits.group else "that"
    if parts.asks_subject:
        if parts.verb < 0:
            return None
        happens = tokens[parts.verb].lower.startswith("happen")
        start = tokens[parts.auxiliary if parts.auxiliary >= 0 else parts.verb].start
        said = None if happens else f"the {thing} {link} {text[start:last]}"
        return Slot(traits, said, noun, subject=True, bare=thing == "thing")
    subject = text[tokens[parts.subject].start : tokens[parts.subject_end - 1].end]
    if parts.verb < 0 or subject.lower() in _SPEAKERS:
        if tokens[parts.auxiliary].lower not in BE:
            return Slot(traits, None, noun, subject=False)
        return _identity(tokens, parts, traits, subject)
    if tokens[parts.auxiliary].lower in BE:
        return Slot(traits, None, noun, subject=False)
    verb = text[tokens[parts.verb].start : tokens[parts.verb].end]
    rest = text[tokens[parts.verb].end : last]
    auxiliary = tokens[parts.auxiliary].lower
    if auxiliary in ("did", "does"):
        verb = past(verb) if auxiliary == "did" else present(verb)
    elif auxiliary != "do":
        verb = f"{auxiliary} {verb}"
    return Slot(traits, f"the {thing} that {subject} {verb}{rest}", noun, subject=False)


def _identity(tokens: Sequence[Token], parts: Anatomy, traits: Traits, subject: str) -> Slot | None:
    """The slot of "Who is the mayor of Orle?"; None for "Who is Ada Merrow?", which names what it asks about."""
    if subject.startswith(_NAME_OF):
        subject = subject.removeprefix(_NAME_OF)
        head = next((p.head for p in phrases(subject, tokenise(subject))), "thing")
        return Slot(noun_traits(head), subject, head, subject=True)
    first = tokens[parts.subject]
    described = first.lower in DETERMINERS or any(
        t.is_possessive for t in tokens[parts.subject : parts.subject_end]
    )
    lower = any(t.is_open and not t.is_capitalised for t in tokens[parts.subject : parts.subject_end])
    if not (described and lower) or not traits.person:
        return None
    head = next((p.head for p in phrases(subject, tokenise(subject))), "person")
    return Slot(traits, subject, head, subject=True)


def answered(slot: Slot, known: KnownAnswer, question: str) -> tuple[str, Traits] | None:
    """Return the words of the answer that fill the slot and what they stand for, None when none do."""
    source = known.short or known.text
    if slot.traits.person and not slot.traits.plural:
        return _person(slot, known, source, question)
    words = _trimmed(source)
    if words is None or words.lower() in question.lower():
        return None
    tokens = tokenise(words)
    found = phrases(words, tokens)
    if not found or found[0].first > 0 or not _is_noun_phrase(tokens):
        return None
    if found[0].name and found[0].determiner is None and f"the {words}" in known.text:
        words = f"the {words}"
    return words, joined(slot.traits, phrase_traits(found[0], tokens))


def _is_noun_phrase(tokens: Sequence[Token]) -> bool:
    """Whether nothing in the words of an answer looks like a verb or a pronoun."""
    return not any(
        t.lower in AUXILIARIES or t.lower in PRONOUNS or (not t.is_capitalised and is_past(t.lower))
        for t in tokens
    )


def _person(slot: Slot, known: KnownAnswer, source: str, question: str) -> tuple[str, Traits] | None:
    tokens = tokenise(source)
    asked = set(question.lower().replace("’", "'").split())
    for phrase in phrases(source, tokens):
        traits = phrase_traits(phrase, tokens)
        if (
            phrase.name
            and traits.person is not False
            and not asked & set(phrase.words)
            and _is_namelike(phrase, known)
        ):
            gender = traits.gender or gender_near(phrase.text, f"{known.text} {known.context or ''}")
            return phrase.text, joined(Traits(person=True, gender=gender), joined(slot.traits, traits))
    return None


def _is_namelike(phrase: Phrase, known: KnownAnswer) -> bool:
    """Whether a name may be a person's: a short answer says so itself, inside a sentence two words do."""
    return known.short is not None or len(phrase.words) > 1 or bool(phrase.title)


def _trimmed(answer: str) -> str | None:
    """Return a short answer as a noun phrase, without its preposition and its clauses; None when it is too long."""
    tokens = tokenise(answer)
    start = 1 if len(tokens) > 1 and tokens[0].lower in PREPOSITIONS else 0
    end = start
    while end < len(tokens) and tokens[end].lower not in _CLAUSES and tokens[end].text not in ".;:–—?!":
        if tokens[end].text == "," and not _lists_names(tokens, end):
            break
        end += 1
    if end == start or end - start > _MAX_ANSWER_WORDS:
        return None
    words = answer[tokens[start].start : tokens[end - 1].end]
    if tokens[start].lower in ("a", "an", "the"):
        words = "the" + words[len(tokens[start].text) :]
    return words


def _lists_names(tokens: Sequence[Token], comma: int) -> bool:
    """Whether a comma stands between two names, as in "Lithuania, Latvia and Estonia"."""
    around = tokens[comma - 1 : comma + 2]
    return len(around) == 3 and around[0].is_capitalised and around[2].is_capitalised
