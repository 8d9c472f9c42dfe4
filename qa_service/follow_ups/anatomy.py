"""The parts of a question: question word, auxiliary, subject, verb."""

from collections.abc import Sequence
from dataclasses import dataclass

from qa_service.follow_ups.tokens import Token
from qa_service.follow_ups.verb_places import verb_after_be, verb_after_do, verb_after_have
from qa_service.follow_ups.verbs import is_past
from qa_service.follow_ups.vocabulary import (
    ADVERBS,
    AUXILIARIES,
    BE,
    DETERMINERS,
    PREPOSITIONS,
    PRONOUNS,
    WH,
    word_set,
)

_ADJUNCTS = frozenset(("when", "where", "why", "how"))
_OPENERS = word_set("and but so or ok okay well then also please")
_PERFECT = word_set("has have had hasn't haven't hadn't")


@dataclass(frozen=True, slots=True)
class Anatomy:
    """Token positions in a question; half-open ranges, -1 where a part is missing.

    Attributes:
        opening: where the question starts, small words such as "and" left out.
        wh: the question word or -1; `wh_end`: end of its phrase ("which old bridge", "how many people").
        auxiliary: the inverted auxiliary, or -1.
        subject, subject_end: the words between auxiliary and verb; empty when the question word is the subject.
        verb: the main verb; -1 in "Who is the mayor?".
        end: where the question's words end; marks at the end are left out.
    """

    opening: int
    wh: int
    wh_end: int
    auxiliary: int
    subject: int
    subject_end: int
    verb: int
    end: int

    @property
    def has_wh(self) -> bool:
        """Whether it asks with a question word."""
        return self.wh >= 0

    @property
    def asks_subject(self) -> bool:
        """Whether the question word is the subject: "Who won?"."""
        return self.has_wh and self.subject == self.subject_end


def anatomy(tokens: Sequence[Token]) -> Anatomy | None:
    """Return the parts of a question, or None where `tokens` do not look like one."""
    end = len(tokens)
    while end and not tokens[end - 1].is_word:
        end -= 1
    opening = 0
    while opening < end and (tokens[opening].lower in _OPENERS or tokens[opening].text == ","):
        opening += 1
    if opening == end:
        return None
    wh = _find_wh(tokens, opening, end)
    if wh < 0:
        if tokens[opening].lower not in AUXILIARIES:
            return None
        return _after_auxiliary(tokens, opening, -1, opening, opening, end)
    wh_end = _wh_end(tokens, wh, end)
    if wh_end < end and tokens[wh_end].lower in AUXILIARIES:
        return _after_auxiliary(tokens, opening, wh, wh_end, wh_end, end)
    return Anatomy(opening, wh, wh_end, -1, wh_end, wh_end, wh_end if wh_end < end else -1, end)


def is_adjunct(tokens: Sequence[Token], parts: Anatomy) -> bool:
    """Return whether the question word asks for a circumstance: when, where, why, how, or after a preposition."""
    if not parts.has_wh:
        return False
    if parts.wh > parts.opening:
        return True
    if tokens[parts.wh].lower == "how":
        return parts.wh + 1 >= parts.wh_end or tokens[parts.wh + 1].lower not in ("many", "much")
    return tokens[parts.wh].lower in _ADJUNCTS


def predicate(tokens: Sequence[Token], parts: Anatomy) -> int:
    """Return where the adjective of "Was the old bridge safe?" stands, -1 where there is none."""
    be = (
        parts.auxiliary >= 0
        and parts.subject < parts.end
        and tokens[parts.auxiliary].lower in BE
        and parts.verb < 0
    )
    if not be or (parts.has_wh and tokens[parts.wh].lower != "why"):
        return -1
    if tokens[parts.subject].is_capitalised:
        at = parts.subject
        while at < parts.end and (tokens[at].is_capitalised or not tokens[at].is_open):
            at += 1
        return at if at < parts.end and not any(t.is_possessive for t in tokens[parts.subject : at]) else -1
    last = parts.end - 1
    plain = last > parts.subject + 1 and tokens[last].is_open and not tokens[last].is_capitalised
    return last if plain and tokens[last - 1].is_open else -1


def _find_wh(tokens: Sequence[Token], opening: int, end: int) -> int:
    if tokens[opening].lower in WH:
        return opening
    if opening + 1 < end and tokens[opening].lower in PREPOSITIONS and tokens[opening + 1].lower in WH:
        return opening + 1
    return -1


def _wh_end(tokens: Sequence[Token], wh: int, end: int) -> int:
    """Return where the question word's phrase ends."""
    word, at = tokens[wh].lower, wh + 1
    if at < end and tokens[at].lower in ("else", "exactly"):
        return at + 1
    if at >= end or word in ("who", "whom", "when", "where", "why"):
        return at
    follow = tokens[at].lower
    if follow in AUXILIARIES or follow in DETERMINERS or follow in PREPOSITIONS:
        return at
    if word == "how" and follow not in ("many", "much"):
        article = at + 1 < end and tokens[at + 1].lower in ("a", "an")
        return _noun_end(tokens, at + 2, end) if article else at + 1
    if word == "what" and _is_finite(tokens, at, end):
        return at
    return _noun_end(tokens, at + 1 if word == "how" else at, end)


def _noun_end(tokens: Sequence[Token], at: int, end: int) -> int:
    """Return where the noun of "which …", "how many …" ends: at an auxiliary, a verb or any other small word."""
    start = at
    while at < end:
        token = tokens[at]
        small = not (
            token.is_open or token.is_possessive or token.lower in ADVERBS or token.lower in DETERMINERS
        )
        if token.lower in AUXILIARIES or (
            small and not (token.lower == "of" and (at > start or tokens[start - 1].lower == "many"))
        ):
            return at
        counted = tokens[start - 1].lower in ("many", "much") and not (
            at + 1 < end and tokens[at + 1].is_open
        )
        if (at > start or counted) and token.is_open and _is_finite(tokens, at, end):
            return at
        at += 1
    return at


def _is_finite(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether the word at `at` is the verb of the noun or question word before it."""
    word = tokens[at].lower
    if tokens[at].is_capitalised:
        return False
    if is_past(word):
        return not (at + 1 < end and tokens[at + 1].is_open and tokens[at - 1].lower == "of")
    follows = at + 1 < end and (tokens[at + 1].lower in DETERMINERS or tokens[at + 1].lower in PREPOSITIONS)
    return (
        word.endswith("s") and not word.endswith("ss") and follows and not tokens[at - 1].lower.endswith("s")
    )


def _after_auxiliary(
    tokens: Sequence[Token], opening: int, wh: int, wh_end: int, auxiliary: int, end: int
) -> Anatomy:
    """Read subject and verb behind an inverted auxiliary."""
    subject, kind = auxiliary + 1, tokens[auxiliary].lower
    if kind in BE:
        verb = verb_after_be(tokens, subject, end)
    elif kind in _PERFECT:
        verb = verb_after_have(tokens, subject, end)
    else:
        verb = verb_after_do(tokens, subject, end)
    subject_end = verb if verb >= 0 else end
    if wh >= 0 and verb < 0 and kind not in BE and wh_end > wh + 1 and _opens_verb(tokens, subject, end):
        return Anatomy(
            opening, wh, wh_end, auxiliary, subject, subject, subject, end
        )  # "How many must leave?"
    asks_what = wh < 0 or (tokens[wh].lower == "what" and wh_end == wh + 1)
    if kind in BE and verb != subject and not asks_what and not _starts_noun_phrase(tokens, subject, end):
        subject_end, verb = subject, auxiliary  # "Which ferry is exempt?"
    return Anatomy(opening, wh, wh_end, auxiliary, subject, subject_end, verb, end)


def _opens_verb(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether the word behind an auxiliary is the verb itself: nothing else there could be one."""
    return (
        at < end
        and not tokens[at].is_capitalised
        and (tokens[at].is_open or tokens[at].lower in ("be", "have"))
    )


def _starts_noun_phrase(tokens: Sequence[Token], at: int, end: int) -> bool:
    if at >= end:
        return False
    token = tokens[at]
    possessed = any(t.is_possessive for t in tokens[at:end])
    return token.is_capitalised or token.lower in DETERMINERS or token.lower in PRONOUNS or possessed
