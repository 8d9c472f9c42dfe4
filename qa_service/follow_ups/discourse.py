"""The earlier questions of a conversation and everything that they and their answers speak of."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from qa_service.follow_ups.exchanges import AnswerSource, Exchange, KnownAnswer
from qa_service.follow_ups.referents import Referent, aged, answer_referents, merge, question_referents
from qa_service.follow_ups.slots import answered
from qa_service.follow_ups.spoken_turns import SpokenTurn, spoken
from qa_service.follow_ups.traits import Traits, joined

_MAX_ANSWER_CALLS = 3
_MAX_REFERENTS = 60
_NONE: Mapping[str, str] = {}


class Discourse:
    """The earlier questions of a conversation, oldest first, and what they speak of."""

    def __init__(self, answer_of: AnswerSource | None = None) -> None:
        self.turns: list[SpokenTurn] = []
        self._answer_of = answer_of
        self._calls = 0
        self._known: list[Referent] = []
        self._marks: dict[str, str] = {}

    def add(
        self,
        standalone: str,
        exchange: Exchange,
        marks: Mapping[str, str] = _NONE,
        carried: Collection[str] = (),
    ) -> None:
        """Add a question in its standalone form.

        Args:
            marks: "m", "f" or "n" for what it called he, she or it.
            carried: the words that it took over from earlier questions.
        """
        turn = spoken(standalone, exchange.answer)
        turn.carried.update(carried)
        self._marks.update(marks)
        self.turns.append(turn)
        self._known = [aged(referent) for referent in self._known]
        self._take_in([*question_referents(turn), *answer_referents(turn)])

    @property
    def last(self) -> SpokenTurn:
        """The newest question."""
        return self.turns[-1]

    def answer(self, age: int) -> KnownAnswer | None:
        """Return the answer to the question `age` turns ago, asking for it where it is not known yet."""
        turn = self.turns[-1 - age]
        if turn.answer is None and not turn.asked and self._answer_of and self._calls < _MAX_ANSWER_CALLS:
            turn.asked = True
            self._calls += 1
            turn.answer = self._answer_of(turn.text)
            self._take_in([aged(referent, age) for referent in answer_referents(turn)])
        return turn.answer

    def referents(self, *, ask: bool = False) -> list[Referent]:
        """Return everything spoken of, the most salient first; `ask`: fetch the last answer if it is not known."""
        if ask:
            self.answer(0)
        return sorted(map(self._marked, self._known), key=_nearest_first)

    def is_behind(self, referent: Referent) -> bool:
        """Return whether a later question turned to something else and got no answer, while an earlier one had."""
        later = self.turns[len(self.turns) - referent.age :]
        answers = any(turn.answer for turn in self.turns)
        return answers and any(turn.answer is None and turn.found and not turn.carried for turn in later)

    def _take_in(self, new: Iterable[Referent]) -> None:
        """Add what was just spoken of; what is farthest from the mind falls out of a crowded conversation."""
        for referent in new:
            merge(self._known, referent)
        self._known = sorted(self._known, key=_nearest_first)[:_MAX_REFERENTS]

    def _marked(self, referent: Referent) -> Referent:
        """Return `referent` with what an earlier pronoun told of it."""
        mark = self._marks.get(referent.text)
        if mark is None:
            return referent
        told = Traits(person=False) if mark == "n" else Traits(person=True, gender=mark)
        return replace(referent, traits=joined(told, referent.traits))

    def realised(self, referent: Referent) -> Referent:
        """Return `referent` with the answer in place of its description, where there is one."""
        if not referent.slot:
            return referent
        turn, known = self.turns[-1 - referent.age], self.answer(referent.age)
        filled = answered(turn.slot, known, turn.text) if turn.slot and known else None
        if filled is None:
            return referent
        words, traits = filled
        lower = tuple(words.lower().split())
        return replace(
            referent,
            text=words,
            words=lower,
            traits=traits,
            slot=False,
            name=words[0].isupper(),
            head=lower[-1],
        )


def _nearest_first(referent: Referent) -> tuple[float, int, str]:
    return -referent.salience, referent.age, referent.text
