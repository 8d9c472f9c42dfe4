"""Questions that name no subject of their own and so are about what was spoken of: "How many people died?"."""

from collections.abc import Sequence

from qa_service.follow_ups.anaphora import Anaphor
from qa_service.follow_ups.referents import Referent
from qa_service.follow_ups.spoken_turns import SpokenTurn
from qa_service.follow_ups.vocabulary import (
    AUXILIARIES,
    EVENT_NOUNS,
    PERSON_NOUNS,
    PREPOSITIONS,
    PUBLIC_NOUNS,
    RELATIONAL,
    TIMES,
    VAGUE_NOUNS,
    WH,
    WORK_NOUNS,
)

_AS_FOR = "As for "
_CONTINUES = frozenset(("and", "but", "so", "also"))
_BEFORE_TIMES = frozenset(("in", "at", "on", "since", "until", "before", "after"))
_MORE = frozenset(("else", "other", "another", "more"))
_TYPED = WORK_NOUNS | EVENT_NOUNS
_REQUESTS = ("tell", "give", "show", "say", "more")
_MENTION = 0.1
_KEPT = frozenset(("in", "at", "on", "during", "after", "near", "against"))


def is_continuation(turn: SpokenTurn) -> bool:
    """Return whether a question without a pronoun is still about what was spoken of before."""
    words = [t.lower for t in turn.tokens if t.is_word]
    if not words or any(phrase.name for phrase in turn.found):
        return False
    content = [t.lower for t in turn.tokens if t.is_open and not t.text.isdigit() and t.lower not in TIMES]
    if words[0] in _CONTINUES:
        return turn.parts is not None
    if turn.parts is None and not _MORE & set(words):
        return False
    specific = [word for word in content if word not in VAGUE_NOUNS]
    if not specific or (len(content) == 1 and not turn.found):
        return True
    if any(p.determiner == "the" and len(p.words) == 1 and p.head in _TYPED for p in turn.found):
        return not has_own_time(turn)
    exists = "there" in words[:3] and not PREPOSITIONS & set(words)
    return (bool(_MORE & set(words)) or exists) and len(specific) <= 1


def topic(found: Sequence[Referent], turn: SpokenTurn) -> Referent | None:
    """Return what the conversation is about, None when it is nothing that can be named."""
    said = {t.lower for t in turn.tokens}
    fit = [r for r in found if _is_topic(r) and not said >= set(r.words)]
    return max(fit, key=_weight, default=None)


def _is_topic(referent: Referent) -> bool:
    specific = referent.name or referent.determiner is not None or len(referent.words) > 1
    return specific and not referent.traits.time and not referent.slot and referent.head not in VAGUE_NOUNS


def _weight(referent: Referent) -> float:
    kind = (0.8 if referent.inner else 1.0) if referent.name else 0.8 if len(referent.words) > 1 else 0.6
    return (referent.salience + _MENTION * min(referent.mentions, 5)) * kind


def with_topic(text: str, about: Referent) -> str:
    """Return `text` with words that say what it is about.

    >>> from qa_service.follow_ups.traits import Traits
    >>> flood = Referent("the flood", ("flood",), Traits(), 1.0, 0, False, "flood", preposition="in")
    >>> with_topic("How many people died?", flood)
    'How many people died in the flood?'
    """
    words = text.rstrip(" ?!.")
    if words.lower().split()[-1:] == ["more"] and words.lower().startswith(_REQUESTS):
        return f"{words[0].upper()}{words[1:]} about {about.text}."
    mark = text[len(words) :].strip() or "?"
    for opening in ("and ", "but ", "so "):
        if words.lower().startswith(opening):
            words = words[len(opening) :].lstrip(" ,")
    words = f"{words[:1].upper()}{words[1:]}"
    if about.preposition in _KEPT and not about.inner:
        return f"{words} {about.preposition} {about.text}{mark}"
    return f"{_AS_FOR}{about.text}, {words[0].lower()}{words[1:]}{mark}" if words else text


def parted(text: str) -> tuple[str, str]:
    """Return the words before a question that say what it is about, "" where there are none, and the question.

    >>> parted("As for Orle, how much must they repay?")
    ('As for Orle, ', 'How much must they repay?')
    """
    at = text.find(", ") + 2
    if not text.startswith(_AS_FOR) or at < 2 or text[at:].split(" ")[0] not in WH | AUXILIARIES:
        return "", text
    return text[:at], f"{text[at].upper()}{text[at + 1 :]}"


def has_own_time(turn: SpokenTurn) -> bool:
    """Return whether a question says when, as in "at 1:25 am" or "on Monday": it tells which vote it means."""
    asked = range(turn.parts.wh, turn.parts.wh_end) if turn.parts else range(0)
    return any(
        token.lower in TIMES or (token.text.isdigit() and at and turn.tokens[at - 1].lower in _BEFORE_TIMES)
        for at, token in enumerate(turn.tokens)
        if at not in asked
    )


def wants_owner(anaphor: Anaphor, turn: SpokenTurn) -> bool:
    """Return whether "the mayor" asks for an "of": the mayor of what was spoken of."""
    if not anaphor.definite or anaphor.noun not in RELATIONAL or anaphor.last - anaphor.first != 2:
        return False
    does = turn.parts is not None and turn.parts.verb >= 0
    return anaphor.noun in PERSON_NOUNS or not (does and has_own_time(turn))


def owner(noun: str, found: Sequence[Referent], turn: SpokenTurn) -> Referent | None:
    """Return what "the `noun`" belongs to."""
    said = {t.lower for t in turn.tokens}
    rank = [
        (r.salience * _owns(noun, r), -order, r) for order, r in enumerate(found) if not said >= set(r.words)
    ]
    best = max(rank, key=lambda row: row[:2], default=None)
    return best[2] if best and best[0] > 0 else None


def _owns(noun: str, referent: Referent) -> float:
    traits = referent.traits
    if traits.time or referent.slot or referent.head in VAGUE_NOUNS or referent.head == noun:
        return 0.0
    if (noun in PERSON_NOUNS or noun in PUBLIC_NOUNS) and traits.person:
        return 0.0
    if traits.place or traits.group:
        return 1.0
    if referent.name:
        return 0.8
    return 0.0 if noun in PUBLIC_NOUNS and referent.head in EVENT_NOUNS else 0.5
