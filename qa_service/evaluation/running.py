"""Puts every gold question to the archive once and judges what comes back."""

import time
from collections.abc import Sequence
from typing import Protocol

from qa_service.archive import Archive
from qa_service.domain import Answer, Hit, Question, Turn
from qa_service.evaluation.figures import Evaluation
from qa_service.evaluation.gold import GoldQuestion
from qa_service.evaluation.outcome import DEPTH, Outcome, judge, proves
from qa_service.progress import Progress
from qa_service.retrieval import Ranking

_SUPPORT_LOOKED_FOR = 10


class Asks(Protocol):
    """Answers questions from an archive."""

    def ask(self, archive: Archive, question: Question) -> Answer:
        """Answer `question` from `archive` alone, or abstain."""


class Ranks(Protocol):
    """Ranks an archive's paragraphs for a question."""

    def retrieve(self, archive: Archive, text: str, *, limit: int) -> Ranking:
        """Return the first `limit` hits for the question `text`."""


def evaluate(
    questions: Sequence[GoldQuestion],
    archive: Archive,
    retriever: Ranks,
    answerer: Asks,
    *,
    threshold: float | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Evaluation:
    """Put every question to the archive and compare with the gold.

    Args:
        answerer: where `threshold` is given, one that answers however unsure it is, so that each question is asked
            once and every other threshold can be judged as well.
        threshold: confidence below which an answer counts as refused; None takes the answerer's own refusals.
    """
    outcomes = []
    for done, gold in enumerate(questions, start=1):
        outcomes.append(_outcome(gold, archive, retriever, answerer, threshold))
        progress("Asked", done, len(questions))
    if threshold is None:
        threshold = max((o.answer.confidence.threshold for o in outcomes), default=0.0)
    return Evaluation.of(archive.info, outcomes, threshold)


def _outcome(
    gold: GoldQuestion, archive: Archive, retriever: Ranks, answerer: Asks, threshold: float | None
) -> Outcome:
    start = time.perf_counter()
    answer = answerer.ask(
        archive, Question(gold.question, tuple(Turn("user", text) for text in gold.history))
    )
    seconds = time.perf_counter() - start
    answered = answer.abstention is None and (threshold is None or answer.confidence.score >= threshold)
    rank, known = None, True
    if gold.answers:
        rank = _first_proof(gold, retriever.retrieve(archive, answer.standalone, limit=DEPTH).hits)
        known = rank is not None or _is_known(gold, archive, retriever)
    return Outcome(gold, answer, answered, rank, known, seconds, judge(gold, answer))


def _first_proof(gold: GoldQuestion, hits: Sequence[Hit]) -> int | None:
    return next((hit.rank for hit in hits if proves(gold, hit.article.article_id, hit.paragraph)), None)


def _is_known(gold: GoldQuestion, archive: Archive, retriever: Ranks) -> bool:
    """Return whether the words of some support lead to a paragraph that holds them; if not, the gold may be wrong."""
    return not gold.support or any(
        _first_proof(gold, retriever.retrieve(archive, words, limit=_SUPPORT_LOOKED_FOR).hits)
        for words in gold.support
    )
