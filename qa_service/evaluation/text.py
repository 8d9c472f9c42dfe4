"""The figures of an evaluation as lines for a terminal."""

from qa_service.evaluation.figures import Evaluation
from qa_service.evaluation.intervals import Estimate
from qa_service.evaluation.outcome import Failure

FAILURE_NAMES = {
    Failure.ANSWERED_UNANSWERABLE: "answered, though the archive has no answer",
    Failure.WRONG_SHORT_ANSWER: "right paragraph first, wrong answer",
    Failure.WRONG_PARAGRAPH_FIRST: "wrong paragraph cited first",
    Failure.REFUSED: "refused, though the archive has the answer",
    Failure.NOT_RETRIEVED: "no proof among the first 50 paragraphs",
}


def text_report(evaluation: Evaluation) -> str:
    """Return the figures as aligned lines with their 95% intervals, then the questions that went wrong."""
    lines = [
        f"{name:24}{_shown(value)}{_interval(evaluation.estimates.get(name))}"
        for name, value in evaluation.figures().items()
    ]
    failed = [o for o in evaluation.outcomes if o.failure]
    if failed:
        lines += ["", f"{len(failed)} went wrong:"]
    for kind, name in FAILURE_NAMES.items():
        of_kind = [o for o in failed if o.failure is kind]
        if of_kind:
            lines += ["", f"{name} ({len(of_kind)})"]
            lines += [f"  {o.gold.question_id}: {o.gold.question}" for o in of_kind]
    return "\n".join(lines)


def _shown(value: float | int | str | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _interval(estimate: Estimate | None) -> str:
    if estimate is None or estimate.low is None or estimate.high is None:
        return ""
    return f"  [{estimate.low:.3f}, {estimate.high:.3f}]  n={estimate.n}"
