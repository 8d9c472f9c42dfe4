"""Fragments that lean on the question before: "Where?", "And in August?", "What about the mayor?"."""

from collections.abc import Callable, Sequence

from qa_service.follow_ups.anatomy import Anatomy, is_adjunct
from qa_service.follow_ups.spoken_turns import SpokenTurn
from qa_service.follow_ups.tokens import Token
from qa_service.follow_ups.verbs import base, is_past
from qa_service.follow_ups.vocabulary import AUXILIARIES, BE, FUNCTION, PREPOSITIONS, WH, word_set

_INDEFINITE = word_set("anyone anybody someone somebody anything something")
_PRONOUNS = word_set("that this it so he she they")
_HAPPEN = word_set("happen happened occur occurred be take took place then so exactly")
_TAIL = word_set("exactly precisely so then not else")
_ADDED = _TAIL | word_set("many much one ones long often far old soon more")
_ELSE = {"anything": "what", "something": "what", "anyone": "who", "anybody": "who", "somebody": "who"}
_ARGUMENTS = frozenset(("who", "whom", "whose", "what", "which"))


def sluice(turn: SpokenTurn) -> str | None:
    """Return the question words of a text that asks nothing but them: "Where?", "Since when?", "Why was that?"."""
    words = [t.lower for t in turn.tokens if t.is_word]
    while words and words[0] in ("and", "but", "so", "ok", "okay", "well", "then"):
        words = words[1:]
    if not words or len(words) > 6:
        return None
    wh = next((i for i, word in enumerate(words[:2]) if word in WH), -1)
    if wh < 0 or (wh == 1 and words[0] not in PREPOSITIONS):
        return None
    rest = words[wh + 1 :]
    auxiliary = next((i for i, word in enumerate(rest) if word in AUXILIARIES), None)
    if auxiliary is not None:
        tail = rest[auxiliary + 1 :]
        stands = tail and tail[0] in _PRONOUNS and all(word in _HAPPEN for word in tail[1:])
        adjunct = words[wh] not in _ARGUMENTS
        event = (tail[:1] and tail[0] in ("that", "this")) or len(tail) > 1
        if not (stands and adjunct and (event or rest[auxiliary] not in BE)):
            return None
        rest = rest[:auxiliary]
    if words[wh] == "what" and not rest and wh == 0:
        return None
    if not _only_asks(words[wh], rest):
        return None
    return " ".join(
        words[: wh + 1] + [word for word in rest if word not in ("then", "so", "exactly", "precisely")]
    )


def _only_asks(wh: str, rest: Sequence[str]) -> bool:
    """Whether the words behind a question word add no statement: "how many people", "why exactly", not "who won"."""
    if wh in ("which", "what", "whose", "how"):
        return len(rest) <= 2 and not any(
            is_past(word) or (word in FUNCTION and word not in _ADDED) for word in rest
        )
    return all(word in _TAIL for word in rest)


def completed(wh: str, turn: SpokenTurn, filler: Callable[[], str | None]) -> str | None:
    """Return the earlier question `turn` asked anew with the question words `wh`.

    Args:
        filler: returns the answer to the earlier question, for "Who won?" – "When?".
    """
    parts, text, tokens = turn.parts, turn.text, turn.tokens
    if parts is None:
        phrase = turn.found[0].text if turn.found and len(tokens) <= 8 else None
        return f"{_capital(wh)} was {phrase}?" if phrase and wh.split()[0] not in _ARGUMENTS else None
    rest = text[tokens[parts.opening].start : tokens[parts.end - 1].end]
    argument = wh.split()[0] in _ARGUMENTS
    if parts.has_wh and (argument or wh.startswith(("how many", "which", "what"))):
        return f"{_capital(rest)}, and {wh}?"
    if not parts.has_wh:
        return _from_yes_or_no(wh, turn, parts, rest)
    if is_adjunct(tokens, parts) and parts.auxiliary >= 0:
        return f"{_capital(wh)} {text[tokens[parts.auxiliary].start : tokens[parts.end - 1].end]}?"
    if parts.asks_subject and parts.verb >= 0:
        return _with_subject(wh, turn, parts, filler)
    return f"{_capital(rest)}, and {wh}?"


def _from_yes_or_no(wh: str, turn: SpokenTurn, parts: Anatomy, rest: str) -> str:
    """Turn "Was anyone hurt?" into "Who was hurt?", "Did it rain?" into "When did it rain?"."""
    tokens, text = turn.tokens, turn.text
    subject = tokens[parts.subject].lower if parts.subject < parts.end else ""
    if wh in ("who", "what", "which one") and subject in _INDEFINITE and parts.subject + 1 < parts.end:
        after = text[tokens[parts.subject + 1].start : tokens[parts.end - 1].end]
        auxiliary = tokens[parts.auxiliary].lower
        return (
            f"{_capital(wh)} {after}?"
            if auxiliary in ("do", "does")
            else f"{_capital(wh)} {auxiliary} {after}?"
        )
    if wh == "how many" and parts.verb > parts.subject:
        noun = text[tokens[parts.subject].start : tokens[parts.subject_end - 1].end]
        after = text[tokens[parts.verb].start : tokens[parts.end - 1].end]
        if noun.lower().endswith(("s", "people", "men", "women", "children")) and not noun[0].isupper():
            return f"How many {noun.removeprefix('the ')} {tokens[parts.auxiliary].lower} {after}?"
    if wh.split()[0] in _ARGUMENTS:
        return f"{_capital(rest)}, and {wh}?"
    return f"{_capital(wh)} {rest[0].lower()}{rest[1:]}?"


def _with_subject(wh: str, turn: SpokenTurn, parts: Anatomy, filler: Callable[[], str | None]) -> str:
    """Turn "Who won the race?" into "When did Ada Merrow win the race?"."""
    tokens, text = turn.tokens, turn.text
    subject = _counted_noun(turn, parts) or filler() or _somebody(tokens, parts)
    after = text[tokens[parts.verb].end : tokens[parts.end - 1].end]
    if parts.auxiliary >= 0:
        verb = "" if parts.verb == parts.auxiliary else f" {tokens[parts.verb].text}"
        return f"{_capital(wh)} {tokens[parts.auxiliary].lower} {subject}{verb}{after}?"
    verb = tokens[parts.verb].lower
    if is_past(verb) or base(verb) != verb:
        return f"{_capital(wh)} did {subject} {base(verb)}{after}?"
    if verb.endswith("s") and not verb.endswith("ss"):
        stem = verb[:-2] if verb.endswith(("shes", "ches", "sses")) else verb[:-1]
        return f"{_capital(wh)} does {subject} {stem}{after}?"
    rest = text[tokens[parts.opening].start : tokens[parts.end - 1].end]
    return f"{_capital(rest)}, and {wh}?"


def _counted_noun(turn: SpokenTurn, parts: Anatomy) -> str | None:
    """Return "houses" of "How many houses burned down?"."""
    if turn.tokens[parts.wh].lower != "how" or parts.wh_end - parts.wh < 3:
        return None
    first = parts.wh + 2
    while first < parts.wh_end - 1 and turn.tokens[first].lower in ("of", "the"):
        first += 1
    return turn.text[turn.tokens[first].start : turn.tokens[parts.wh_end - 1].end]


def _somebody(tokens: Sequence[Token], parts: Anatomy) -> str:
    word = tokens[parts.wh].lower
    if word in ("who", "whom"):
        return "somebody"
    noun = " ".join(t.text for t in tokens[parts.wh + 1 : parts.wh_end])
    return f"the {noun}" if noun else "something"


def with_else(turn: SpokenTurn, last: SpokenTurn) -> str | None:
    """Return "Who else voted for it?" for "Who else?" or "Anyone else?" after "Who voted for it?"."""
    words = [t.lower for t in turn.tokens if t.is_word and t.lower not in ("and", "or", "but")]
    parts = last.parts
    if len(words) != 2 or words[1] != "else" or parts is None or not parts.has_wh:
        return None
    asked = last.tokens[parts.wh]
    if parts.wh_end != parts.wh + 1 or _ELSE.get(words[0], words[0]) != asked.lower:
        return None
    return f"{_capital(asked.text)} else{last.text[asked.end : last.tokens[parts.end - 1].end]}?"


def with_count(text: str, turn: SpokenTurn, last: SpokenTurn) -> str:
    """Return "How many people died?" for "How many died?" where the question before counted people."""
    parts = turn.parts
    if parts is None or not parts.has_wh or parts.wh_end != parts.wh + 2 or parts.verb < 0:
        return text
    if [t.lower for t in turn.tokens[parts.wh : parts.wh_end]] != ["how", "many"] or turn.tokens[
        parts.wh_end
    ].lower == "of":
        return text
    noun = _counted_noun(last, last.parts) if last.parts and last.parts.has_wh else None
    place = turn.tokens[parts.wh_end - 1].end
    return f"{text[:place]} {noun}{text[place:]}" if noun else text


def verb_phrase(turn: SpokenTurn) -> str | None:
    """Return what the earlier question says of its subject, verb in its base form: "resign on Monday"."""
    parts = turn.parts
    if parts is None or parts.verb < 0 or parts.verb == parts.auxiliary:
        return None
    verb = turn.tokens[parts.verb]
    if parts.auxiliary >= 0 and turn.tokens[parts.auxiliary].lower in BE:
        return None
    return f"{base(verb.lower)}{turn.text[verb.end : turn.tokens[parts.end - 1].end]}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def fragment_tokens(turn: SpokenTurn) -> tuple[list[Token], bool]:
    """Return the words of a text without "and", "what about" and marks, and whether it opened with such words."""
    tokens = [t for t in turn.tokens if t.is_word or t.is_possessive or t.text in '“”"-']
    lower = [t.lower for t in tokens]
    start = 0
    while start < len(lower) and lower[start] in ("and", "but", "so", "or", "also"):
        start += 1
    if lower[start : start + 2] in (["what", "about"], ["how", "about"]):
        start += 2
    return tokens[start:], start > 0
