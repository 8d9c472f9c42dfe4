"""An earlier question taken apart: its words, its parts, its noun phrases, what it asks for."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from qa_service.follow_ups.anatomy import Anatomy, anatomy, predicate
from qa_service.follow_ups.exchanges import KnownAnswer
from qa_service.follow_ups.phrases import Phrase, marked_inner, phrases
from qa_service.follow_ups.slots import Slot, slot_of
from qa_service.follow_ups.tokens import Token, tokenise
from qa_service.follow_ups.vocabulary import PRONOUNS

MAX_QUESTION_CHARS = 600
_MAX_SUBJECT_WORDS = 10


@dataclass(slots=True)
class SpokenTurn:
    """One earlier question in its standalone form, taken apart."""

    text: str
    tokens: list[Token]
    parts: Anatomy | None
    found: list[Phrase]
    slot: Slot | None
    answer: KnownAnswer | None
    asked: bool = False
    carried: set[str] = field(default_factory=set)


def spoken(text: str, answer: KnownAnswer | None = None) -> SpokenTurn:
    """Take a standalone question apart."""
    text = text[:MAX_QUESTION_CHARS]
    tokens = tokenise(text)
    parts = anatomy(tokens)
    verbs = {parts.verb, predicate(tokens, parts)} if parts else set()
    skipped = range(parts.wh, parts.wh_end) if parts and parts.has_wh else range(0)
    found = [p for p in marked_inner(phrases(text, tokens, verbs)) if p.first not in skipped]
    found = [p for p in found if not _is_request(tokens, p)]
    found = [_with_clause(text, tokens, p) for p in found]
    if parts and parts.verb > parts.subject:
        found = [_whole_subject(text, tokens, parts, p) for p in found]
    if parts and parts.has_wh:
        found += _counted(text, tokens, parts)
    return SpokenTurn(text, tokens, parts, found, slot_of(text, tokens, parts) if parts else None, answer)


def _is_request(tokens: Sequence[Token], phrase: Phrase) -> bool:
    """Whether a capitalised word that opens a text is a verb: "Tell me", "Explain the ruling"."""
    following = tokens[phrase.last].lower if phrase.last < len(tokens) else ""
    return (
        phrase.first == 0 and phrase.doubtful and (following in PRONOUNS or following in ("the", "a", "an"))
    )


def _whole_subject(text: str, tokens: Sequence[Token], parts: Anatomy, phrase: Phrase) -> Phrase:
    """Return the phrase that opens the subject with all that belongs to it: "the train from Calder to Moss"."""
    opens = phrase.first == parts.subject and not phrase.name and phrase.determiner is not None
    if not opens or phrase.last >= parts.subject_end or not tokens[parts.subject_end - 1].is_open:
        return phrase
    words = text[tokens[phrase.first].start : tokens[parts.subject_end - 1].end]
    return (
        replace(phrase, text=words, last=parts.subject_end)
        if len(words.split()) <= _MAX_SUBJECT_WORDS
        else phrase
    )


def _with_clause(text: str, tokens: Sequence[Token], phrase: Phrase) -> Phrase:
    """Return a phrase with the clause that ends the question: "the firefighter that drowned in Mill Lane"."""
    if phrase.name or phrase.determiner is None or phrase.last + 1 >= len(tokens):
        return phrase
    if tokens[phrase.last].lower not in ("that", "who", "which"):
        return phrase
    end = len(tokens)
    while not tokens[end - 1].is_word:
        end -= 1
    if end <= phrase.last + 1 or end - phrase.first > _MAX_SUBJECT_WORDS:
        return phrase
    return replace(phrase, text=text[tokens[phrase.first].start : tokens[end - 1].end])


def _counted(text: str, tokens: Sequence[Token], parts: Anatomy) -> list[Phrase]:
    """Return the phrase "people from Orle" of "How many people from Orle …", for what comes after is about them."""
    if tokens[parts.wh].lower != "how" or parts.wh_end - parts.wh < 3:
        return []
    return phrases(text, tokens[: parts.wh_end], ())
