"""Those that a pronoun may mean as well as the likeliest one, so that only the person can tell."""

from collections.abc import Sequence

from qa_service.follow_ups.discourse import Discourse
from qa_service.follow_ups.joined_names import JoinedNames, companions, joined_names
from qa_service.follow_ups.phrases import Phrase
from qa_service.follow_ups.referents import Referent
from qa_service.follow_ups.spoken_turns import SpokenTurn

_EQUAL = 0.95


def equals(ranked: Sequence[tuple[float, Referent]], discourse: Discourse, *, person: bool) -> list[Referent]:
    """Return the best of `ranked` and what is as good, from the same question.

    Args:
        ranked: scores and what they belong to, best first.
        person: the pronoun is he or she. Then those who are named side by side with the best one are as good
            as it, unless an answer tells them apart or one of them was carried on from an earlier question.
    """
    if not ranked:
        return []
    score, best = ranked[0]
    same = [r for s, r in ranked[1:] if s >= _EQUAL * score and r.age == best.age and r.name and best.name]
    if not person or best.slot or not best.name:
        return [best, *same]
    turn = discourse.turns[-1 - best.age]
    for names in (*joined_names(turn), *companions(turn)):
        beside = [r for _, r in ranked if any(_names(r, member) for member in names.members)]
        if best not in beside:
            continue
        told = _chosen_by_answer(names, turn, beside)
        if told is not None:
            return [told]
        same += [r for r in beside if r not in (best, *same) and _is_rival(best, r, turn)]
    return [best, *same]


def _names(referent: Referent, phrase: Phrase) -> bool:
    return referent.name and set(phrase.words) <= set(referent.words)


def _is_rival(best: Referent, other: Referent, turn: SpokenTurn) -> bool:
    """Whether nothing tells two people apart: neither a gender, nor what went before, nor a "with" before a country."""
    carried = [one.text in turn.carried for one in (best, other)]
    with_whom = other.preposition != "with" or other.traits.person or len(other.words) > 1
    return bool(with_whom) and best.traits.gender == other.traits.gender and carried[0] == carried[1]


def _chosen_by_answer(names: JoinedNames, turn: SpokenTurn, beside: Sequence[Referent]) -> Referent | None:
    """Return the one of "Vinter or Wroe" whom the answer names, None when it names none or several."""
    if not names.either or turn.answer is None:
        return None
    said = turn.answer.short or turn.answer.text
    named = [r for r in beside if r.words[-1] in said.lower()]
    return named[0] if len(named) == 1 else None
