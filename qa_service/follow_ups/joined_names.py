"""Names that stand side by side in a question: "Ada Merrow and Otto Lind", "Vinter or Wroe", "vote with Rynhart"."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from qa_service.follow_ups.phrases import Phrase
from qa_service.follow_ups.spoken_turns import SpokenTurn
from qa_service.follow_ups.vocabulary import DETERMINERS

_JOINERS = (("and",), ("or",), ("nor",), (",",), (",", "and"), (",", "or"))


@dataclass(frozen=True, slots=True)
class JoinedNames:
    """Two names or more, in order; `either`: the last is joined by "or"."""

    members: tuple[Phrase, ...]
    either: bool

    @property
    def text(self) -> str:
        """All of them, as in "Ada Merrow, Otto Lind and Ines Corrand"."""
        *others, last = [member.text for member in self.members]
        return f"{', '.join(others)} and {last}"


def joined_names(turn: SpokenTurn) -> list[JoinedNames]:
    """Return the names of a question that "and", "or" or a comma joins, in order."""
    found: list[JoinedNames] = []
    names = [phrase for phrase in turn.found if phrase.name and not phrase.inner]
    for one, other in pairwise(names):
        joiner = _joiner(turn, one, other)
        if joiner is None:
            continue
        either = joiner[-1] in ("or", "nor")
        if found and found[-1].members[-1] is one:
            found[-1] = JoinedNames((*found[-1].members, other), either)
        else:
            found.append(JoinedNames((one, other), either))
    return [one for one in found if _is_whole(turn, one.members)]


def companions(turn: SpokenTurn) -> list[JoinedNames]:
    """Return the subject and who is with it, as in "Did Yrsa Malloy vote with Adela Rynhart?"."""
    names = [phrase for phrase in turn.found if phrase.name and not phrase.inner]
    parts = turn.parts
    if parts is None:
        return []
    subjects = [n for n in names if parts.subject <= n.first < parts.subject_end]
    return [
        JoinedNames((subjects[0], name), either=False)
        for name in names
        if subjects and name.preposition == "with" and name is not subjects[0]
    ]


def pair(turn: SpokenTurn) -> JoinedNames | None:
    """Return the first two names of a question that stand side by side and are no more than two."""
    together = (*joined_names(turn), *companions(turn))
    return next((names for names in together if len(names.members) == 2), None)


def _joiner(turn: SpokenTurn, one: Phrase, other: Phrase) -> tuple[str, ...] | None:
    """Return the small words between two names, None when there is more; a title and its article do not count."""
    between = [t.lower for t in turn.tokens[one.last : other.first]]
    title = other.title.split()
    if title and between[-len(title) :] == title:
        between = between[: -len(title)]
        between = between[:-1] if between[-1:] and between[-1] in DETERMINERS else between
    return tuple(between) if tuple(between) in _JOINERS else None


def _is_whole(turn: SpokenTurn, members: Sequence[Phrase]) -> bool:
    """Whether the last member is joined by a word; a comma alone may part two clauses."""
    between = [t.lower for t in turn.tokens[members[-2].last : members[-1].first]]
    return any(word in ("and", "or", "nor") for word in between)
