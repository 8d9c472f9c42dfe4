"""The figures of an evaluation as JSON; docs/EVALUATION.md names its fields."""

from dataclasses import asdict
from typing import Any

from qa_service.evaluation.facts import RunFacts
from qa_service.evaluation.figures import Evaluation
from qa_service.evaluation.intervals import Estimate
from qa_service.evaluation.outcome import Failure, Outcome

Json = dict[str, Any]


def json_figures(evaluation: Evaluation, facts: RunFacts) -> Json:
    """Return the figures of `Evaluation.figures`, and beside them all that the report shows but texts of articles."""
    outcomes = evaluation.outcomes
    return {
        **evaluation.figures(),
        "intervals": {name: _interval(one) for name, one in evaluation.estimates.items()},
        "groups": {
            group.name: {
                "questions": len(group.outcomes),
                **{name: {"value": one.value, **_interval(one)} for name, one in group.estimates.items()},
            }
            for group in evaluation.groups
        },
        "risk_coverage": _curve(evaluation),
        "accepted_errors": [
            {
                **asdict(point),
                "setting": facts.setting_for(point.threshold),
                "sure_setting": facts.setting_for(point.sure_threshold),
            }
            for point in evaluation.points
        ],
        "reliability": [
            {"start": one.start, "end": one.end, "confidence": one.confidence, **asdict(one.right)}
            for one in evaluation.bins
        ],
        "failures": {kind.value: sum(o.failure is kind for o in outcomes) for kind in Failure},
        "run": {**_run(facts), "reader": readers(evaluation), "encoder": evaluation.index.embedding_model},
        "results": [_result(o) for o in outcomes],
    }


def readers(evaluation: Evaluation) -> str:
    """Return the name of what read the passages."""
    return ", ".join(dict.fromkeys(o.answer.engine_reader for o in evaluation.outcomes))


def _run(facts: RunFacts) -> Json:
    return {name: value for name, value in asdict(facts).items() if name != "thresholds"}


def _interval(estimate: Estimate) -> Json:
    return {"low": estimate.low, "high": estimate.high, "n": estimate.n}


def _curve(evaluation: Evaluation) -> list[Json]:
    curve = evaluation.curve
    steps = zip(curve.thresholds.tolist(), curve.coverages.tolist(), curve.risks.tolist(), strict=True)
    return [
        {"threshold": threshold, "coverage": coverage, "risk": risk} for threshold, coverage, risk in steps
    ]


def _result(outcome: Outcome) -> Json:
    judgement, short = outcome.judgement, outcome.answer.short_answer
    return {
        "id": outcome.gold.question_id,
        "question": outcome.gold.question,
        "answered": outcome.answered,
        "confidence": outcome.confidence,
        "short_answer": short.text if short else None,
        "right": judgement.right,
        "exact": judgement.exact,
        "f1": judgement.f1,
        "cited": any(judgement.proves),
        "cited_first": any(judgement.proves[:1]),
        "rank": outcome.rank,
        "failure": outcome.failure,
        "latency_ms": round(1000 * outcome.seconds, 3),
    }
