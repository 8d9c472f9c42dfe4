"""Where the verb stands behind an inverted auxiliary, and so where the subject ends."""

from collections.abc import Sequence

from qa_service.follow_ups.tokens import Token
from qa_service.follow_ups.verbs import is_base, is_gerund, is_participle, is_past
from qa_service.follow_ups.vocabulary import (
    DETERMINERS,
    EVENT_NOUNS,
    GROUP_NOUNS,
    PERSON_NOUNS,
    PLACE_NOUNS,
    PREPOSITIONS,
    word_set,
)

_OF_VERBS = word_set("think die hear speak accuse dream consist approve")
_NOUNS_AFTER_NAMES = (
    PERSON_NOUNS | GROUP_NOUNS | PLACE_NOUNS | EVENT_NOUNS | frozenset(("foreign", "prime", "vice"))
)
_RELATIVE = frozenset(("who", "that", "which"))
_BASE_AUXILIARIES = frozenset(("have", "do", "be", "been"))


def verb_after_have(tokens: Sequence[Token], subject: int, end: int) -> int:
    """Return where the participle behind "has the mayor" stands, -1 if it is not found."""
    return next((at for at in range(subject, end) if _is_perfect_verb(tokens, at, subject)), -1)


def _is_perfect_verb(tokens: Sequence[Token], at: int, subject: int) -> bool:
    token = tokens[at]
    if token.lower == "been":
        return True
    adjective = at == subject + 1 and tokens[subject].lower in DETERMINERS
    return token.is_open and not token.is_capitalised and is_participle(token.lower) and not adjective


def verb_after_be(tokens: Sequence[Token], subject: int, end: int) -> int:
    """Return where the participle behind "was the bridge" stands, -1 in "Who is the mayor?"."""
    in_clause = False  # "the firefighter that drowned": the clause's verb is not the question's
    for at in range(subject, end):
        token = tokens[at]
        in_clause = in_clause or (at > subject and token.lower in _RELATIVE and tokens[at - 1].is_open)
        if not token.is_open or token.is_capitalised:
            continue
        after_determiner = at > subject and tokens[at - 1].lower in DETERMINERS
        if is_gerund(token.lower) or is_participle(token.lower):
            if in_clause:
                in_clause = False
                continue
            if after_determiner and at + 1 < end and tokens[at + 1].is_open:
                continue  # "the disputed vote"
            if (
                not is_past(token.lower)
                and not is_gerund(token.lower)
                and (after_determiner or at == subject)
            ):
                continue  # "the cut"
            return at
    return -1


def verb_after_do(tokens: Sequence[Token], subject: int, end: int) -> int:
    """Return where the base form behind do, does, did or a modal stands, -1 if it is not found.

    Without a list of verbs it is the last open word before the subject's words end: "did the fire chief | say".
    """
    at = subject
    run: list[int] = []
    while at < end:
        token = tokens[at]
        if token.lower in _BASE_AUXILIARIES and at > subject:
            return at
        if token.lower == "last" and run and not (at + 1 < end and tokens[at + 1].is_open):
            return at
        if token.is_open:
            named = bool(run) and tokens[run[-1]].is_capitalised and not token.is_capitalised
            likely = at > subject and is_base(token.lower) and tokens[at - 1].lower not in DETERMINERS
            if likely or (named and _verb_after_name(tokens, at, end)):
                return at
            run.append(at)
        elif _goes_on(tokens, at, run):
            run = []
        elif len(run) >= 2 or (run and token.lower in DETERMINERS):
            break
        elif run and token.lower in PREPOSITIONS and _verb_follows(tokens, at, end):
            run = []
        elif run and not tokens[run[-1]].is_capitalised and tokens[subject].lower not in DETERMINERS:
            break
        at += 1
    return run[-1] if run and not tokens[run[-1]].is_capitalised and run[-1] > subject else -1


def _goes_on(tokens: Sequence[Token], at: int, run: Sequence[int]) -> bool:
    """Whether the subject goes on behind the word or mark at `at`: "the mayor of", "Ada’s", "the army and"."""
    if tokens[at].is_possessive:
        return True
    if not run:
        return False
    last = tokens[run[-1]]
    if tokens[at].lower == "of":
        return last.lower not in _OF_VERBS
    if tokens[at].text == ",":
        return last.is_capitalised and at + 1 < len(tokens) and tokens[at + 1].is_capitalised
    return tokens[at].lower in ("and", "or", "nor") and (len(run) == 1 or last.is_capitalised)


def _verb_after_name(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether the word in lower case at `at`, after a name, is the verb and no noun such as in "EU ministers"."""
    if at + 1 < end and tokens[at + 1].lower in _BASE_AUXILIARIES:
        return False
    if at + 1 >= end or not tokens[at + 1].is_open or tokens[at + 1].is_capitalised:
        return True
    word = tokens[at].lower
    return not (word.endswith("s") and not word.endswith("ss")) and word not in _NOUNS_AFTER_NAMES


def _verb_follows(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether a verb can still come after the preposition at `at`: one more open word than its noun phrase needs."""
    at += 1
    while at < end and tokens[at].lower in DETERMINERS:
        at += 1
    name = at
    while at < end and tokens[at].is_capitalised:
        at += 1
    needed = 1 if at > name else 2
    return at + needed <= end and all(token.is_open for token in tokens[at : at + needed])
