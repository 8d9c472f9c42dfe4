"""Words of a question that stand for something said before: pronouns, "there", "the company"."""

from collections.abc import Sequence
from dataclasses import dataclass

from qa_service.follow_ups.fitting import pronoun_fit
from qa_service.follow_ups.referents import named_in
from qa_service.follow_ups.spoken_turns import SpokenTurn
from qa_service.follow_ups.tokens import Token
from qa_service.follow_ups.verbs import is_base, is_irregular_base, is_past
from qa_service.follow_ups.vocabulary import AUXILIARIES, BE, PREPOSITIONS, TIMES, word_set

_KINDS = {
    "he": "he", "him": "he", "his": "he", "she": "she", "her": "she", "hers": "she", "it": "it", "its": "it",
    "they": "they", "them": "they", "their": "they", "theirs": "they", "themselves": "they",
}  # fmt: skip
_POSSESSIVES = frozenset(("his", "her", "its", "their"))
_DEMONSTRATIVES = frozenset(("this", "that", "these", "those"))
_BOUNDARIES = word_set("and but or when while that because if who which whose after before since although as")
_CLEFT = frozenset(("say", "true", "possible", "likely", "necessary", "certain", "raining", "late", "said"))
_DEFINITE = _DEMONSTRATIVES | {"the"}


@dataclass(frozen=True, slots=True)
class Anaphor:
    """Tokens `first` to `last` (half-open) that stand for something else.

    Attributes:
        kind: "he", "she", "it", "they", "this", "there", "then" or "noun".
        noun: in lower case; set for the kind "noun" alone.
    """

    kind: str
    first: int
    last: int
    possessive: bool = False
    noun: str = ""
    definite: bool = False


def anaphors(turn: SpokenTurn) -> list[Anaphor]:
    """Return the words of a question that its own words do not explain, in order."""
    tokens = turn.tokens
    verb = turn.parts.verb if turn.parts else -1
    found = [one for at in range(len(tokens)) if (one := _anaphor(tokens, at, verb))]
    return [one for one in found if one.kind == "noun" or not _explained(turn, one)]


def _anaphor(tokens: Sequence[Token], at: int, verb: int) -> Anaphor | None:
    word = tokens[at].lower
    if word in _KINDS:
        possessive = word in _POSSESSIVES and _noun_follows(tokens, at)
        if word == "it" and _is_empty(tokens, at):
            return None
        return Anaphor(_KINDS[word], at, at + 1, possessive)
    if word == "there":
        return None if _is_existential(tokens, at) else Anaphor("there", at, at + 1)
    if word == "then":
        return Anaphor("then", at, at + 1) if at and at + 1 >= _end(tokens) else None
    if word in _DEFINITE:
        return _definite(tokens, at, verb)
    return None


def _end(tokens: Sequence[Token]) -> int:
    end = len(tokens)
    while end and not tokens[end - 1].is_word:
        end -= 1
    return end


def _noun_follows(tokens: Sequence[Token], at: int) -> bool:
    if at + 1 >= len(tokens):
        return False
    following = tokens[at + 1]
    return (following.is_open and not is_irregular_base(following.lower)) or following.lower in (
        "own",
        "first",
        "last",
        "next",
        "other",
        "most",
    )


def _is_empty(tokens: Sequence[Token], at: int) -> bool:
    """Whether "it" stands for nothing: "is it true that", "how long does it take to"."""
    rest = [t.lower for t in tokens[at + 1 : at + 3]]
    if rest and rest[0] in _CLEFT:
        return True
    return any(word in ("take", "cost") for word in rest[:1]) and "to" in [
        t.lower for t in tokens[at + 2 : at + 5]
    ]


def _is_existential(tokens: Sequence[Token], at: int) -> bool:
    before = tokens[at - 1].lower if at else ""
    after = tokens[at + 1].lower if at + 1 < len(tokens) else ""
    if after in AUXILIARIES or (at == 0):
        return True
    many = tokens[0].lower == "how" or (
        len(tokens) > 1 and tokens[0].lower in ("and", "so") and tokens[1].lower == "how"
    )
    return before in BE | {"been", "be"} and (at + 1 < _end(tokens) or many)


def _definite(tokens: Sequence[Token], at: int, verb: int) -> Anaphor | None:
    """Return "the company", "that report" or a bare "this" at `at`."""
    word, end = tokens[at].lower, at + 1
    subject = at + 1 == verb and not (at and tokens[at - 1].is_open)  # not "the reasons that led to it"
    stands = subject or (at > 0 and tokens[at - 1].lower in AUXILIARIES and _verb_follows(tokens, at))
    if word != "the" and stands:
        return Anaphor("they" if word in ("these", "those") else "this", at, at + 1)
    while end < len(tokens) and end != verb and tokens[end].is_open and not tokens[end].is_capitalised:
        if end > at + 1 and (is_past(tokens[end].lower) or tokens[end].lower.endswith("ly")):
            break
        end += 1
    if end == at + 1:
        return _bare(tokens, at) if word != "the" else None
    following = tokens[end].lower if end < len(tokens) else ""
    specified = following in ("of", "who", "that", "which", "whose") or (
        end < len(tokens) and tokens[end].is_capitalised
    )
    noun = tokens[end - 1].lower
    if specified or noun in TIMES:
        return None
    return Anaphor("noun", at, end, noun=noun, definite=word == "the")


def _verb_follows(tokens: Sequence[Token], at: int) -> bool:
    """Whether "this" at `at` is a subject or predicate by itself: "was this done", "did that get", "was this a"."""
    if at + 1 >= len(tokens):
        return False
    word = tokens[at + 1].lower
    return is_past(word) or is_base(word) or word in ("a", "an", "the", "not")


def _bare(tokens: Sequence[Token], at: int) -> Anaphor | None:
    """Return "this" or "that" where it stands alone and is no conjunction."""
    word = tokens[at].lower
    after = tokens[at + 1].lower if at + 1 < len(tokens) else ""
    last = at + 1 >= _end(tokens)
    before = tokens[at - 1] if at else None
    if not last and (
        (before is not None and before.is_open) or (after not in AUXILIARIES and after not in PREPOSITIONS)
    ):
        return None
    return Anaphor("they" if word in ("these", "those") else "this", at, at + 1)


def _explained(turn: SpokenTurn, anaphor: Anaphor) -> bool:
    """Whether the question itself names, before the pronoun, what it stands for.

    A pronoun that is no possessive never stands for something in its own clause.
    """
    for phrase in turn.found:
        if phrase.last > anaphor.first or phrase.doubtful:
            continue
        between = {t.lower for t in turn.tokens[phrase.last : anaphor.first]}
        same_clause = not between & _BOUNDARIES and not any(
            t.text == "," for t in turn.tokens[phrase.last : anaphor.first]
        )
        if same_clause and not anaphor.possessive:
            continue
        if pronoun_fit(anaphor.kind, named_in(turn, phrase)) >= 0.5:
            return True
    return False
