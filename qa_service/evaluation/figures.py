"""The figures of an evaluation: shares with their intervals, for all questions and by group."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from qa_service.domain import IndexInfo
from qa_service.evaluation.confidence_measures import (
    ReliabilityBin,
    auroc,
    brier,
    calibration_error,
    calibration_error_by_chance,
    reliability,
)
from qa_service.evaluation.intervals import NOTHING, Estimate, mean_estimate
from qa_service.evaluation.outcome import Outcome
from qa_service.evaluation.selective import (
    ACCEPTED_ERRORS,
    OperatingPoint,
    RiskCurve,
    area_under,
    excess_area,
    operating_point,
    risk_curve,
)

CUTOFFS = (1, 3, 5, 10, 50)
_QUANTILES = (50, 90, 99)


@dataclass(frozen=True, slots=True)
class Group:
    """Questions of one kind; its shares are over all of them, and a refused question is neither right nor cited."""

    name: str
    outcomes: tuple[Outcome, ...]
    estimates: dict[str, Estimate]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All outcomes of one gold file on one generation, with their figures.

    Attributes:
        threshold: confidence from which an answer is given.
        groups: answerable, follow-ups, unanswerable, all.
        estimates: figure → value and interval, in the order in which they are shown.
        curve, bins, points: of the answers, refused ones included where the answerer gave them.
    """

    index: IndexInfo
    threshold: float
    outcomes: tuple[Outcome, ...]
    groups: tuple[Group, ...]
    estimates: dict[str, Estimate]
    curve: RiskCurve
    bins: tuple[ReliabilityBin, ...]
    points: tuple[OperatingPoint, ...]
    measures: dict[str, float | None] = field(default_factory=dict)

    @classmethod
    def of(cls, index: IndexInfo, outcomes: Iterable[Outcome], threshold: float) -> "Evaluation":
        """Work out every figure."""
        all_of = tuple(outcomes)
        groups = tuple(_group(name, [o for o in all_of if belongs(o)]) for name, belongs in _GROUPS.items())
        offered = [o for o in all_of if o.would_answer]
        confidences = [o.confidence for o in offered]
        right = [o.judgement.right for o in offered]
        wrong = [not one for one in right]
        curve, bins = risk_curve(confidences, wrong, len(all_of)), reliability(confidences, right)
        return cls(
            index=index,
            threshold=threshold,
            outcomes=all_of,
            groups=groups,
            estimates=_estimates(all_of, groups),
            curve=curve,
            bins=bins,
            points=tuple(operating_point(confidences, wrong, e, len(all_of)) for e in ACCEPTED_ERRORS),
            measures={
                "aurc": area_under(curve),
                "e_aurc": excess_area(curve),
                "ece": calibration_error(bins),
                "ece_by_chance": calibration_error_by_chance(confidences),
                "brier": brier(confidences, right),
                **_latencies(all_of),
            },
        )

    def figures(self) -> dict[str, float | int | str | None]:
        """Return every figure by its stable name; shares in [0, 1], None where one cannot be computed."""
        counts = {group.name: len(group.outcomes) for group in self.groups}
        return {
            "generation": self.index.generation,
            "questions": counts.pop("all"),
            **counts,
            "answered": sum(o.answered for o in self.outcomes),
            "threshold": self.threshold,
            **{name: estimate.value for name, estimate in self.estimates.items()},
            **self.measures,
        }


_GROUPS: dict[str, Callable[[Outcome], bool]] = {
    "answerable": lambda o: o.answerable and not o.gold.history,
    "follow_ups": lambda o: o.answerable and bool(o.gold.history),
    "unanswerable": lambda o: not o.answerable,
    "all": lambda o: True,
}


def _group(name: str, outcomes: Sequence[Outcome]) -> Group:
    answers = [o for o in outcomes if o.answerable]
    estimates = {"refused": mean_estimate([not o.answered for o in outcomes])}
    for figure in ("cited", "cited_first", "right"):
        estimates[figure] = mean_estimate([bool(getattr(o, figure)) for o in answers])
    estimates["exact_match"] = _short(answers, lambda o: o.judgement.exact, served=True)
    estimates["f1"] = _short(answers, lambda o: o.judgement.f1, served=True)
    return Group(name, tuple(outcomes), estimates)


def _estimates(outcomes: Sequence[Outcome], groups: Sequence[Group]) -> dict[str, Estimate]:
    by_name = {group.name: group for group in groups}
    answerable, follow_ups = by_name["answerable"], by_name["follow_ups"]
    given = [o for o in outcomes if o.answered]
    offered = [o for o in outcomes if o.would_answer]
    return {
        **_retrieval(answerable.outcomes),
        **_citations(answerable),
        **_short_answers(answerable),
        "answerable_refused": answerable.estimates["refused"],
        "unanswerable_refused": by_name["unanswerable"].estimates["refused"],
        "coverage": mean_estimate([o.answered for o in outcomes]),
        "error": mean_estimate([not o.right for o in given]),
        "auroc_answerable": auroc(
            [o.confidence for o in outcomes if o.answerable],
            [o.confidence for o in outcomes if not o.answerable],
        ),
        "auroc_right": auroc(
            [o.confidence for o in offered if o.judgement.right],
            [o.confidence for o in offered if not o.judgement.right],
        ),
        **{f"follow_ups_{name}": follow_ups.estimates[name] for name in ("cited", "right", "f1", "refused")},
    }


def _retrieval(outcomes: Sequence[Outcome]) -> dict[str, Estimate]:
    ranks = [o.rank for o in outcomes]
    recalls = {f"recall@{k}": mean_estimate([r is not None and r <= k for r in ranks]) for k in CUTOFFS}
    return {**recalls, "mrr": mean_estimate([1 / r if r else 0.0 for r in ranks])}


def _citations(answerable: Group) -> dict[str, Estimate]:
    given = [o for o in answerable.outcomes if o.answered]
    named = [o for o in answerable.outcomes if o.judgement.support_found is not None]
    return {
        "cited": answerable.estimates["cited"],
        "cited_first": answerable.estimates["cited_first"],
        "citation_precision": mean_estimate([one for o in given for one in o.judgement.supports]),
        "citation_recall": mean_estimate([(o.judgement.support_found or 0.0) * o.answered for o in named]),
    }


def _short_answers(answerable: Group) -> dict[str, Estimate]:
    outcomes = answerable.outcomes
    return {
        "right": answerable.estimates["right"],
        "exact_match": answerable.estimates["exact_match"],
        "f1": answerable.estimates["f1"],
        "short_contained": _short(outcomes, lambda o: o.judgement.short_contains, served=True),
        "answer_contained": mean_estimate([o.answered and o.judgement.contained for o in outcomes]),
        "right_unrefused": mean_estimate([o.judgement.right for o in outcomes]),
        "exact_match_unrefused": _short(outcomes, lambda o: o.judgement.exact, served=False),
        "f1_unrefused": _short(outcomes, lambda o: o.judgement.f1, served=False),
    }


def _short(
    outcomes: Sequence[Outcome], value: Callable[[Outcome], float | None], *, served: bool
) -> Estimate:
    """Return the mean of a figure of the short answer; without one it is 0, and nothing where the reader marks none."""
    offered = [o for o in outcomes if o.would_answer]
    if offered and not any(o.answer.short_answer for o in offered):
        return NOTHING
    return mean_estimate([(value(o) or 0.0) if o.answered or not served else 0.0 for o in outcomes])


def _latencies(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    """Return quantiles of the time that `ask` took, in milliseconds."""
    times = [1000 * o.seconds for o in outcomes]
    return {f"latency_p{q}_ms": float(np.percentile(times, q)) if times else None for q in _QUANTILES}
