"""How good retrieval and answers are on a gold file: recall@k, MRR, citations, abstention."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qa_service.answering import Answerer, check_question
from qa_service.archive import Archive
from qa_service.domain import Answer, Question, Turn
from qa_service.errors import InvalidGold, InvalidQuestion
from qa_service.retrieval import Retriever

CUTOFFS = (1, 3, 5, 10)
_DEPTH = 50


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question whose true answer is known.

    Attributes:
        answers: accepted answers; none means that the archive has no answer.
        support: for each paragraph that proves the answer, words that it holds.
        history: questions asked before, for a follow-up.
    """

    question_id: str
    question: str
    answers: tuple[str, ...]
    support: tuple[str, ...]
    history: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one gold question.

    Attributes:
        rank: from 1, of the first retrieved paragraph that proves the answer; None beyond depth or without support.
    """

    gold: GoldQuestion
    rank: int | None
    answer: Answer

    @property
    def abstained(self) -> bool:
        """Whether the service gave no answer."""
        return self.answer.abstention is not None

    @property
    def cited(self) -> bool:
        """Whether a cited paragraph proves the answer."""
        return any(self._supports(c.paragraph.text) for c in self.answer.citations)

    @property
    def cited_first(self) -> bool:
        """Whether the first cited paragraph proves the answer."""
        return any(self._supports(c.paragraph.text) for c in self.answer.citations[:1])

    @property
    def contains_answer(self) -> bool:
        """Whether the quoted sentences hold an accepted answer, letter case aside."""
        text = (self.answer.text or "").casefold()
        return any(answer.casefold() in text for answer in self.gold.answers)

    def _supports(self, text: str) -> bool:
        return any(words in text for words in self.gold.support)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All outcomes of one gold file on one generation."""

    generation: str
    outcomes: tuple[Outcome, ...]

    def figures(self) -> dict[str, float | int | str]:
        """Return the figures; shares in [0, 1] over the answerable, the unanswerable or the follow-up questions."""
        answerable = [o for o in self.outcomes if o.gold.answers and not o.gold.history]
        unanswerable = [o for o in self.outcomes if not o.gold.answers]
        follow_ups = [o for o in self.outcomes if o.gold.answers and o.gold.history]
        ranks = [o.rank for o in answerable if o.gold.support]
        figures: dict[str, float | int | str] = {
            "generation": self.generation,
            "answerable": len(answerable),
            "unanswerable": len(unanswerable),
            **{f"recall@{k}": _share([r is not None and r <= k for r in ranks]) for k in CUTOFFS},
            "mrr": _mean([1 / r if r else 0.0 for r in ranks]),
            "cited": _share([o.cited for o in answerable]),
            "cited_first": _share([o.cited_first for o in answerable]),
            "answer_contained": _share([o.contains_answer for o in answerable]),
            "answerable_refused": _share([o.abstained for o in answerable]),
            "unanswerable_refused": _share([o.abstained for o in unanswerable]),
            "follow_ups": len(follow_ups),
            "follow_ups_cited": _share([o.cited for o in follow_ups]),
        }
        return figures


def read_gold(path: Path) -> list[GoldQuestion]:
    """Read a gold file: a JSON object a line with id, question, answers, support and, for follow-ups, history.

    Raises:
        InvalidGold: the file cannot be read or a line does not fit; names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidGold(f"The gold file {path} cannot be read: {error}.") from error
    questions = [_gold(path, n, line) for n, line in enumerate(lines, start=1) if line.strip()]
    if not questions:
        raise InvalidGold(f"The gold file {path} holds no question; give one JSON object a line.")
    return questions


def _gold(path: Path, number: int, line: str) -> GoldQuestion:
    try:
        row = json.loads(line)
        question, answers = row["question"], row["answers"]
        support, history = row.get("support", []), row.get("history", [])
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError) as error:
        raise InvalidGold(
            f"{path}:{number} is no gold question ({error!r}); it needs at least `question` and `answers`."
        ) from error
    lists = (answers, support, history)
    if not isinstance(question, str) or not all(
        isinstance(given, list) and all(isinstance(text, str) for text in given) for given in lists
    ):
        raise InvalidGold(
            f"{path}:{number}: `question` has to be text; answers, support and history lists of texts."
        )
    try:
        check_question(question)
    except InvalidQuestion as error:
        raise InvalidGold(f"{path}:{number}: {error}") from None
    return GoldQuestion(str(row.get("id", number)), question, *map(tuple, lists))


def evaluate(
    questions: Sequence[GoldQuestion], archive: Archive, retriever: Retriever, answerer: Answerer
) -> Evaluation:
    """Put every question to the archive and compare with the gold."""
    outcomes = []
    for gold in questions:
        history = tuple(Turn("user", text) for text in gold.history)
        answer = answerer.ask(archive, Question(gold.question, history))
        hits = retriever.retrieve(archive, answer.standalone, limit=_DEPTH).hits if gold.support else ()
        rank = next((h.rank for h in hits if any(words in h.paragraph.text for words in gold.support)), None)
        outcomes.append(Outcome(gold, rank, answer))
    return Evaluation(archive.info.generation, tuple(outcomes))


def text_report(evaluation: Evaluation) -> str:
    """Return the figures as aligned lines, then the questions that went wrong."""
    lines = [
        f"{name:22}{value:.3f}" if isinstance(value, float) else f"{name:22}{value}"
        for name, value in evaluation.figures().items()
    ]
    wrong = [o for o in evaluation.outcomes if _went_wrong(o)]
    if wrong:
        lines += ["", f"{len(wrong)} went wrong:"]
        lines += [f"  {o.gold.question_id}: {o.gold.question} ({_went_wrong(o)})" for o in wrong]
    return "\n".join(lines)


def _went_wrong(outcome: Outcome) -> str | None:
    if not outcome.gold.answers:
        return None if outcome.abstained else "answered, though the archive does not"
    if outcome.abstained:
        return "refused"
    return None if not outcome.gold.support or outcome.cited else "cited no paragraph that proves it"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _share(values: Sequence[bool]) -> float:
    return _mean([float(v) for v in values])
