"""From a follow-up to a question that stands alone: fragments first, then pronouns, then what is left unsaid."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from qa_service.follow_ups import ellipsis, fragments, topics
from qa_service.follow_ups.anaphora import Anaphor, anaphors
from qa_service.follow_ups.discourse import Discourse
from qa_service.follow_ups.exchanges import AnswerSource, Exchange, Standalone, recent
from qa_service.follow_ups.fitting import noun_fit, pronoun_fit
from qa_service.follow_ups.joined_names import pair
from qa_service.follow_ups.referents import Referent
from qa_service.follow_ups.rewriting import Edit, applied, edit, owner_edit
from qa_service.follow_ups.rivals import equals
from qa_service.follow_ups.spoken_turns import MAX_QUESTION_CHARS, SpokenTurn, spoken
from qa_service.follow_ups.vocabulary import DOCUMENT_NOUNS

MAX_RESULT_CHARS = 2000
_MARKS = {"he": "m", "she": "f", "it": "n"}
_LEAST_FIT = 0.1
_LEAST_NOUN_FIT = 0.3
_MAX_READINGS = 3


@dataclass(slots=True)
class _Reading:
    """What has been made of a question so far; `marks` and `carried` are for the turns after it.

    Attributes:
        rivals: the alternatives come from a pronoun that means one of several.
    """

    text: str
    alternatives: list[str] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    carried: set[str] = field(default_factory=set)
    rivals: bool = False


def resolve(text: str, turns: Sequence[Exchange], answer_of: AnswerSource | None = None) -> Standalone:
    """Return `text` as a question that stands alone.

    Args:
        turns: the exchanges before, oldest first; the last twenty count, and the answers of the last six.
        answer_of: answers an earlier question in its standalone form. Called only when what was asked before
            does not tell what is meant, at most three times.

    Returns:
        `text` itself when it leaves nothing open or nothing before fits.
    """
    discourse = Discourse(answer_of)
    for exchange in recent(turns):
        if exchange.standalone is not None:
            discourse.add(exchange.standalone, exchange)
        elif exchange.question.strip():
            reading = _read(exchange.question, discourse)
            discourse.add(reading.text, exchange, reading.marks, reading.carried)
    reading = _read(text, discourse)
    if len(reading.text) > max(MAX_RESULT_CHARS, len(text)):
        return Standalone(text)
    several = tuple(dict.fromkeys(reading.alternatives))[:_MAX_READINGS]
    fallback = _with_topic(text, discourse) if reading.text == text and not several else None
    several = several if len(several) > 1 else ()
    return Standalone(reading.text, several, fallback, must_ask=bool(several) and reading.rivals)


def _read(text: str, discourse: Discourse) -> _Reading:
    if not discourse.turns or len(text) > MAX_QUESTION_CHARS:
        return _Reading(text)
    turn = spoken(text)
    if not any(t.is_word for t in turn.tokens):
        return _Reading(text)
    more = ellipsis.with_else(turn, discourse.last)
    if more is not None:
        return _Reading(more)
    wh = ellipsis.sluice(turn)
    if wh is not None:
        return _Reading(_completed(wh, discourse) or text)
    reading = _with_anaphors(turn, discourse)
    if reading.alternatives:
        return reading
    filled = spoken(reading.text)
    instead = fragments.replaced(filled, discourse.last)
    if instead:
        return _Reading(instead[0], instead if len(instead) > 1 else [], reading.marks, reading.carried)
    counted = ellipsis.with_count(reading.text, filled, discourse.last)
    if reading.text == text and topics.is_continuation(turn):
        about = topics.topic(discourse.referents(), turn)
        if about:
            return _Reading(topics.with_topic(counted, about), carried={about.text})
    reading.text = counted
    return reading


def _completed(wh: str, discourse: Discourse) -> str | None:
    """Return the last question asked anew with the question words `wh`, its topic before it."""
    topic, question = topics.parted(discourse.last.text)
    asked = spoken(question, discourse.last.answer) if topic else discourse.last
    whole = ellipsis.completed(wh, asked, lambda: _answer_words(discourse))
    return f"{topic}{whole[0].lower()}{whole[1:]}" if topic and whole else whole


def _with_topic(text: str, discourse: Discourse) -> str | None:
    """Return a question that names nothing with the topic of the conversation, None where there is no need or none."""
    if not discourse.turns or len(text) > MAX_QUESTION_CHARS:
        return None
    turn = spoken(text)
    if turn.parts is None or any(phrase.name for phrase in turn.found):
        return None
    about = topics.topic(discourse.referents(), turn)
    return topics.with_topic(text, about) if about else None


def _answer_words(discourse: Discourse) -> str | None:
    """Return the answer to the last question in a few words, its description where there is none."""
    slot = next((r for r in discourse.referents() if r.slot and r.age == 0), None)
    if slot is None:
        return None
    filled = discourse.realised(slot)
    return filled.text if not filled.slot else None


def _with_anaphors(turn: SpokenTurn, discourse: Discourse) -> _Reading:
    """Replace what stands for something said before."""
    reading = _Reading(turn.text)
    edits: list[Edit] = []
    chosen: dict[str, Referent] = {}
    rivals: list[tuple[Anaphor, Referent]] = []
    for anaphor in anaphors(turn):
        done = _done_edit(turn, anaphor, discourse)
        if done:
            edits.append(done)
            continue
        if anaphor.kind == "noun":
            edits += _noun_edits(turn, anaphor, discourse, chosen)
            continue
        best = chosen.get(anaphor.kind)
        if best is None:
            ranked = _ranked(anaphor, turn, discourse, [*chosen.values()])
            if not ranked:
                continue
            best = chosen[anaphor.kind] = ranked[0]
            rivals += [(anaphor, other) for other in ranked[1:_MAX_READINGS]]
            edits.append(edit(turn, anaphor, best))  # further pronouns of its kind are explained by the first
        reading.carried.add(best.text)
        if anaphor.kind in _MARKS:
            reading.marks[best.text] = _MARKS[anaphor.kind]
    edits += _name_edits(turn, discourse, reading)
    reading.text = applied(turn.text, edits)
    reading.rivals = bool(rivals)
    for anaphor, other in rivals:
        instead = edit(turn, anaphor, other)
        changed = [instead if (one.start, one.end) == (instead.start, instead.end) else one for one in edits]
        reading.alternatives += [reading.text, applied(turn.text, changed)]
    return reading


def _done_edit(turn: SpokenTurn, anaphor: Anaphor, discourse: Discourse) -> Edit | None:
    """Return the edit that makes "do that" what the last question said of its subject."""
    verb = turn.tokens[anaphor.first - 1] if anaphor.first else None
    if anaphor.kind not in ("this", "it") or verb is None or verb.lower != "do":
        return None
    said = ellipsis.verb_phrase(discourse.last)
    return Edit(verb.start, turn.tokens[anaphor.last - 1].end, said) if said else None


def _name_edits(turn: SpokenTurn, discourse: Discourse, reading: _Reading) -> list[Edit]:
    """Return the edits that make "Merrow" "Ada Merrow" where the conversation knows one such person."""
    edits = []
    for phrase in turn.found:
        if not phrase.name or len(phrase.words) > 1 or phrase.determiner or phrase.title:
            continue
        whole = [r for r in discourse.referents() if r.name and phrase.words[0] in (r.words[0], r.words[-1])]
        if len(whole) == 1 and 2 <= len(whole[0].words) <= 3 and _may_be_person(whole[0]):
            token = turn.tokens[phrase.first]
            edits.append(Edit(token.start, token.end, whole[0].text))
            reading.carried.add(whole[0].text)
    return edits


def _may_be_person(referent: Referent) -> bool:
    traits = referent.traits
    return traits.person is not False and not (
        traits.place or traits.group or traits.plural or referent.determiner
    )


def _ranked(
    anaphor: Anaphor, turn: SpokenTurn, discourse: Discourse, taken: Sequence[Referent]
) -> list[Referent]:
    """Return what a pronoun stands for, and after it the other things that fit as well."""
    ranked = _scored(anaphor, turn, discourse.referents(), taken)
    person = anaphor.kind in ("he", "she")
    if person and (len(equals(ranked, discourse, person=True)) > 1 or not ranked):
        ranked = _scored(anaphor, turn, discourse.referents(ask=True), taken)
    while ranked and ranked[0][1].slot:
        filled = discourse.realised(ranked[0][1])
        if filled.slot and _repeats(filled, turn, taken):
            return []
        if filled.slot or pronoun_fit(anaphor.kind, filled) > 0:
            return [filled]
        ranked = ranked[1:]
    if anaphor.kind == "they" and ranked:
        best = ranked[0][1]
        if best.traits.plural and not best.name and discourse.is_behind(best):
            return []  # the ships of an older question do not repay what a ruling speaks of
    return equals(ranked, discourse, person=person)


def _repeats(described: Referent, turn: SpokenTurn, taken: Sequence[Referent]) -> bool:
    """Whether a description names what the question names anyway: "say about the thing that Ada Merrow said"."""
    named = [referent.text for referent in taken] + [phrase.text for phrase in turn.found if phrase.name]
    return any(name in described.text for name in named)


def _scored(
    anaphor: Anaphor, turn: SpokenTurn, found: Sequence[Referent], taken: Sequence[Referent]
) -> list[tuple[float, Referent]]:
    said = {t.lower for t in turn.tokens}
    scored = []
    for referent in found:
        fit = pronoun_fit(anaphor.kind, referent)
        if fit < _LEAST_FIT or said >= set(referent.words) or any(referent.text == t.text for t in taken):
            continue
        scored.append((fit * referent.salience, referent))
    return sorted(scored, key=lambda row: -row[0])


def _one_of_two(turn: SpokenTurn, anaphor: Anaphor, discourse: Discourse) -> Edit | None:
    """Return the edit that makes "the former" or "the latter" one of the last two names that stood side by side."""
    if anaphor.last - anaphor.first != 2 or anaphor.noun not in ("former", "latter"):
        return None
    pairs = (pair(earlier) for earlier in reversed(discourse.turns))
    members = next((two.members for two in pairs if two), None)
    if members is None:
        return None
    chosen = members[0 if anaphor.noun == "former" else 1].text
    return Edit(turn.tokens[anaphor.first].start, turn.tokens[anaphor.last - 1].end, chosen)


def _noun_edits(
    turn: SpokenTurn, anaphor: Anaphor, discourse: Discourse, chosen: dict[str, Referent]
) -> list[Edit]:
    """Return the edit for "the company", "that report" or "the mayor"."""
    one_of_two = _one_of_two(turn, anaphor, discourse)
    if one_of_two:
        return [one_of_two]
    found = discourse.referents()
    if anaphor.noun in DOCUMENT_NOUNS and not anaphor.definite:
        about = topics.topic(found, turn)
        return [edit(turn, anaphor, about)] if about else []
    said = {t.lower for t in turn.tokens}
    scored = [(noun_fit(anaphor.noun, r) * r.salience, r) for r in found if not said >= set(r.words)]
    best = max(scored, key=lambda row: row[0], default=None)
    if best and best[0] >= _LEAST_NOUN_FIT:
        referent = discourse.realised(best[1])
        chosen.setdefault("noun", referent)
        return [edit(turn, anaphor, referent)]
    if topics.wants_owner(anaphor, turn) and "there" not in said and not any(p.name for p in turn.found):
        owner = topics.owner(anaphor.noun, found, turn)
        if owner:
            return [owner_edit(turn, anaphor, owner)]
    return []
