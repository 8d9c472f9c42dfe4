"""Puts a fragment in the place of its counterpart in the question before: "And in August?", "What about Lindmoor?"."""

from qa_service.follow_ups.ellipsis import fragment_tokens
from qa_service.follow_ups.phrases import Phrase
from qa_service.follow_ups.spoken_turns import SpokenTurn, spoken
from qa_service.follow_ups.tokens import Token
from qa_service.follow_ups.traits import Traits, phrase_traits
from qa_service.follow_ups.verbs import is_past
from qa_service.follow_ups.vocabulary import (
    AUXILIARIES,
    DAYS,
    MONTHS,
    PREPOSITIONS,
    RELATIONAL,
    SMALL_TALK,
    TIMES,
    WH,
)

_PLACES = frozenset(("in", "at", "near", "from", "to", "on", "outside"))
_MAX_WORDS = 8
_YEAR_DIGITS = 4
_NEARLY = 0.5
_LEAST = 1.0


def replaced(turn: SpokenTurn, last: SpokenTurn) -> list[str]:
    """Return the question before with the fragment `turn` in it, best first; empty when it is no fragment."""
    words, opened = fragment_tokens(turn)
    if not words or len(words) > _MAX_WORDS:
        return []
    lower = [t.lower for t in words]
    if any(t.lower in WH or (t.lower in AUXILIARIES and not _is_month(t)) for t in words):
        return []
    if lower[0] in SMALL_TALK:
        return []
    if not opened and not turn.text.rstrip().endswith("?"):
        return []
    if any(t.is_open and not t.is_capitalised and is_past(t.lower) for t in words[1:]):
        return []
    text = turn.text[words[0].start : words[-1].end]
    fragment = spoken(text)
    if lower[0] in PREPOSITIONS:
        return _prepositional(fragment, last)
    if not fragment.found and lower[-1] not in TIMES:
        return []
    if fragment.found and _is_request(fragment):
        return []
    if not fragment.found or phrase_traits(fragment.found[0], fragment.tokens).time:
        return [_with_time(fragment, last)]
    return _nominal(fragment, fragment.found[0], last)


def _is_request(fragment: SpokenTurn) -> bool:
    """Whether a verb stands before the first phrase: "Explain the strike", "tell me about the strike"."""
    first = fragment.found[0]
    return first.first > 0 and fragment.tokens[0].is_open and not first.title


def _is_month(token: Token) -> bool:
    """Whether a word such as "May" is a month and no verb: it has a capital inside a text."""
    return token.start > 0 and token.is_capitalised and token.lower in MONTHS


def _prepositional(fragment: SpokenTurn, last: SpokenTurn) -> list[str]:
    """Put "in August" in the place of "in May", "about the strike" in that of "about the cranes"."""
    preposition = fragment.tokens[0].lower
    time = any(t.lower in TIMES or t.text.isdigit() for t in fragment.tokens)
    best: tuple[int, Phrase] | None = None
    for phrase in last.found:
        if phrase.preposition is None or phrase.preposition not in PREPOSITIONS:
            continue
        is_time = phrase_traits(phrase, last.tokens).time
        score = (
            3 if time and is_time else 0 if time or is_time else 2 if phrase.preposition == preposition else 0
        )
        if (
            not score
            and not time
            and not is_time
            and phrase.preposition in _PLACES
            and preposition in _PLACES
        ):
            score = 1
        if score and (best is None or score >= best[0]):
            best = (score, phrase)
    if best is None:
        return [_appended(last, fragment.text)]
    phrase = best[1]
    before = next(i for i in range(phrase.first - 1, -1, -1) if last.tokens[i].lower == phrase.preposition)
    return [_spliced(last, before, _end_of(last, phrase), fragment.text)]


def _end_of(last: SpokenTurn, phrase: Phrase) -> int:
    """Return the end of a time such as "March 11" or of a phrase."""
    end = phrase.last
    while end < len(last.tokens) and last.tokens[end].text.isdigit():
        end += 1
    return end


def _with_time(fragment: SpokenTurn, last: SpokenTurn) -> str:
    """Put "March" in the place of "August", "yesterday" in that of "in August"; a bare time gets its preposition."""
    for phrase in last.found:
        if phrase_traits(phrase, last.tokens).time:
            word, before = last.tokens[phrase.first].lower, phrase.preposition
            kind = _kind_of_time(fragment)
            same = before and kind and kind == _kind_of_time(last, phrase.first)
            text = fragment.text if same else _timed(fragment)
            start = phrase.first if same or not before or word == before else phrase.first - 1
            return _spliced(last, start, _end_of(last, phrase), text)
    return _appended(last, _timed(fragment))


def _timed(fragment: SpokenTurn) -> str:
    """Return "in March", "on Monday", "on March 12"; "last week" and "yesterday" as they are."""
    kind = _kind_of_time(fragment)
    return f"{kind} {fragment.text}" if kind else fragment.text


def _kind_of_time(turn: SpokenTurn, at: int = 0) -> str:
    """Return the preposition that a time at `at` takes by itself, "" where it needs none."""
    word = turn.tokens[at].lower
    following = turn.tokens[at + 1].text if at + 1 < len(turn.tokens) else ""
    if word in DAYS or (word in MONTHS and following.isdigit() and len(following) < _YEAR_DIGITS):
        return "on"
    return "in" if word in MONTHS or (word.isdigit() and len(word) == _YEAR_DIGITS) else ""


def _nominal(fragment: SpokenTurn, new: Phrase, last: SpokenTurn) -> list[str]:
    """Put "the mayor" in the place of what is most like it."""
    traits = phrase_traits(new, fragment.tokens)
    scored = []
    for order, phrase in enumerate(last.found):
        likeness = _likeness(new, traits, phrase, phrase_traits(phrase, last.tokens))
        if likeness >= _LEAST and phrase.text.lower() != new.text.lower():
            scored.append((-likeness, order, phrase))
    scored.sort(key=lambda row: row[:2])
    if not scored:
        return _belonging(new, last)
    equal = [row for row in scored if row[0] - scored[0][0] < _NEARLY]
    if not new.name:
        equal = equal[:1]
    found = []
    for _, _, phrase in equal[:3]:
        text = fragment.text + _complement(new, phrase, last, fragment)
        found.append(_spliced(last, phrase.first, phrase.last, text))
    return found


def _belonging(new: Phrase, last: SpokenTurn) -> list[str]:
    """Return "What about the side effects of the vaccine?" for a fragment that has no counterpart."""
    owner = next((p for p in last.found if (p.determiner == "the" or p.name) and not p.inner), None)
    if (
        new.head not in RELATIONAL
        or new.determiner != "the"
        or owner is None
        or phrase_traits(owner, last.tokens).time
    ):
        return []
    return [f"What about {new.text} of {owner.text}?"]


def _likeness(new: Phrase, traits: Traits, phrase: Phrase, other: Traits) -> float:
    """Return how far two phrases are of one kind; below 0 when they cannot be."""
    one, two = _kinds(traits), _kinds(other)
    score = 1.5 * len(one & two) - (1.0 if one and two and not one & two else 0.0)
    if other.time != traits.time:
        return -1.0
    score += 1.2 if new.name == phrase.name else -0.5
    score += 0.5 if (new.determiner is None) == (phrase.determiner is None) else 0.0
    score += 1.0 if new.head == phrase.head else 0.0
    score += 0.6 if new.name and phrase.name and (len(new.words) > 1) == (len(phrase.words) > 1) else 0.0
    return score


def _kinds(traits: Traits) -> set[str]:
    return {name for name in ("person", "place", "group", "plural") if getattr(traits, name)}


def _complement(new: Phrase, phrase: Phrase, last: SpokenTurn, fragment: SpokenTurn) -> str:
    """Return " of Westray" when "the police chief" takes the place of "the mayor of Westray"."""
    if new.name or phrase.name or " of " in fragment.text or any(t.is_possessive for t in fragment.tokens):
        return ""
    of = next((i for i in range(phrase.first, phrase.last) if last.tokens[i].lower == "of"), None)
    if of is None or (phrase.head not in RELATIONAL and new.head not in RELATIONAL):
        return ""
    return " " + last.text[last.tokens[of].start : last.tokens[phrase.last - 1].end]


def _spliced(last: SpokenTurn, first: int, end: int, text: str) -> str:
    before, after = last.text[: last.tokens[first].start], last.text[last.tokens[end - 1].end :]
    return f"{before}{text}{after}"


def _appended(last: SpokenTurn, text: str) -> str:
    end = last.parts.end if last.parts else len(last.tokens)
    cut = last.tokens[end - 1].end if end else 0
    return f"{last.text[:cut]} {text}?"
