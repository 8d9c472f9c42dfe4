"""The four plots of the report: recall, risk and coverage, reliability, confidence."""

import math
from collections.abc import Sequence

import numpy as np

from qa_service.evaluation.confidence_measures import bin_numbers
from qa_service.evaluation.figures import CUTOFFS, Evaluation
from qa_service.evaluation.intervals import wilson
from qa_service.evaluation.plots import Canvas, Plot
from qa_service.evaluation.wording import decimal, interval, percent

_POINTS = 240  # more steps of a curve than this cannot be told apart
_BANDS = 20


def plots(evaluation: Evaluation) -> list[Plot]:
    """Return the plots that the questions allow, in the order of the read flow."""
    drawn = [recall_plot(evaluation)] if any(o.answerable for o in evaluation.outcomes) else []
    if len(evaluation.curve.answered):
        drawn += [risk_plot(evaluation), reliability_plot(evaluation)]
    return [*drawn, confidence_plot(evaluation)]


def recall_plot(evaluation: Evaluation) -> Plot:
    """Return bars of recall@k."""
    canvas = Canvas(x_low=0.4, x_high=len(CUTOFFS) + 0.6)
    places = range(1, len(CUTOFFS) + 1)
    canvas.axes(
        "paragraphs looked at",
        "share of questions",
        places,
        _FIFTHS,
        lambda x: str(CUTOFFS[int(x) - 1]),
        percent,
    )
    rows = []
    for place, k in zip(places, CUTOFFS, strict=True):
        one = evaluation.estimates[f"recall@{k}"]
        if one.value is None or one.low is None or one.high is None:
            continue
        note = f"among the first {k}: {percent(one.value, 1)} ({interval(one)})"
        canvas.bar(place - 0.3, place + 0.3, 0, one.value, "one soft", note)
        canvas.whisker(place, one.low, one.high)
        canvas.label(percent(one.value), place, one.high, "value middle", up=6)
        rows.append((str(k), percent(one.value, 1), interval(one)))
    return Plot(
        name="recall",
        title="Is the proof found?",
        reading="A bar says for how many of the answerable questions a paragraph that proves the answer is among the"
        " first k that retrieval finds, before anything is read; the whisker is the 95% interval.",
        summary="; ".join(f"first {k}: {share}" for k, share, _ in rows),
        shapes=tuple(canvas.shapes),
        head=("first k", "recall", "95% interval"),
        rows=tuple(rows),
    )


def risk_plot(evaluation: Evaluation) -> Plot:
    """Return the risk-coverage curve with its band, the best possible curve, and where the service stands."""
    curve = evaluation.curve
    chosen = _spread(len(curve.answered))
    coverages, risks = curve.coverages[chosen], curve.risks[chosen]
    bands = [wilson(float(r), int(n)) for r, n in zip(risks, curve.answered[chosen], strict=True)]
    top = _round_up(max(float(risks.max()), 0.1))
    canvas = Canvas(y_high=top)
    canvas.axes(
        "share of questions answered",
        "share of answers that are wrong",
        _FIFTHS,
        _ticks(top),
        percent,
        percent,
    )
    points = list(zip(coverages.tolist(), risks.tolist(), strict=True))
    low = [(x, min(top, band[0])) for (x, _), band in zip(points, bands, strict=True)]
    high = [(x, min(top, band[1])) for (x, _), band in zip(points, bands, strict=True)]
    canvas.area(low, high, "one")
    canvas.line(_best_curve(evaluation, top), "ideal")
    canvas.line(points, "one")
    stands = (evaluation.estimates["coverage"].value, evaluation.estimates["error"].value)
    here = ""
    if stands[0] is not None and stands[1] is not None:
        here = f"now: {percent(stands[0])} answered, {percent(stands[1])} of them wrong"
        canvas.dot(stands[0], stands[1], "two", here, radius=6)
    return Plot(
        name="risk",
        title="What does refusing buy?",
        reading="From left to right the service answers more and more questions, the surest first; the lower the line,"
        " the fewer of its answers are wrong, and a line that rises steadily means that it knows when it is unsure.",
        summary=f"area under the curve {decimal(evaluation.measures['aurc'])}; {here}",
        shapes=tuple(canvas.shapes),
        head=("answered", "of these wrong", "95% interval", "threshold"),
        rows=_risk_rows(evaluation),
        legend=(
            ("one", "this service, with its 95% band"),
            ("ideal", "the best order possible"),
            ("two", "where it stands"),
        ),
    )


def _risk_rows(evaluation: Evaluation) -> tuple[tuple[str, ...], ...]:
    curve = evaluation.curve
    steps = np.unique(
        np.searchsorted(curve.coverages, np.arange(0.1, 1.01, 0.1) * curve.coverages[-1] - 1e-9)
    )
    rows = []
    for step in steps.tolist():
        risk, answered = float(curve.risks[step]), int(curve.answered[step])
        low, high = wilson(risk, answered)
        threshold = decimal(float(curve.thresholds[step]), 2)
        rows.append(
            (
                percent(float(curve.coverages[step])),
                percent(risk, 1),
                f"{percent(low)} to {percent(high)}",
                threshold,
            )
        )
    return tuple(rows)


def _best_curve(evaluation: Evaluation, top: float) -> list[tuple[float, float]]:
    """Return the curve of a confidence that puts every right answer first."""
    curve = evaluation.curve
    answered, right = int(curve.answered[-1]), int(curve.answered[-1] - curve.wrong[-1])
    counts = sorted({1, max(1, right), *(1 + _spread(answered)).tolist()})
    return [(n / curve.total, min(top, max(0, n - right) / n)) for n in counts]


def reliability_plot(evaluation: Evaluation) -> Plot:
    """Return the reliability diagram with intervals and counts."""
    canvas = Canvas()
    canvas.axes(
        "confidence", "share of answers that are right", _FIFTHS, _FIFTHS, lambda x: decimal(x, 1), percent
    )
    canvas.line([(0, 0), (1, 1)], "ideal")
    rows = []
    for one in evaluation.bins:
        share = one.right
        span = f"{one.start:.1f} to {one.end:.1f}"
        rows.append((span, str(share.n), decimal(one.confidence, 2), percent(share.value), interval(share)))
        if one.confidence is None or share.value is None or share.low is None or share.high is None:
            continue
        canvas.whisker(one.confidence, share.low, share.high)
        note = f"confidence {span}: {share.n} answers, {percent(share.value)} right"
        canvas.dot(one.confidence, share.value, "one", note)
        canvas.label(str(share.n), (one.start + one.end) / 2, 1, "tally middle", up=8)
    return Plot(
        name="reliability",
        title="Does the confidence tell the truth?",
        reading="A dot on the dashed line is a confidence that keeps its word: of the answers with 0.8 about 80% are"
        " right; a dot above the line is too modest, below it too sure; the small numbers count the answers.",
        summary=f"expected calibration error {decimal(evaluation.measures['ece'])} over ten bins",
        shapes=tuple(canvas.shapes),
        head=("confidence", "answers", "mean confidence", "right", "95% interval"),
        rows=tuple(rows),
        legend=(("one", "answers of like confidence"), ("ideal", "a confidence that is always true")),
    )


def confidence_plot(evaluation: Evaluation) -> Plot:
    """Return two histograms of the confidence back to back: questions with an answer above, without one below."""
    groups = {
        name: [o.confidence for o in evaluation.outcomes if o.answerable is answerable]
        for name, answerable in (("answerable", True), ("unanswerable", False))
    }
    counts = {
        name: np.bincount(bin_numbers(found, _BANDS), minlength=_BANDS) for name, found in groups.items()
    }
    shares = {name: counts[name] / max(1, len(found)) for name, found in groups.items()}
    top = _round_up(max(float(one.max()) for one in shares.values()))
    canvas = Canvas(y_low=-top if groups["unanswerable"] else 0.0, y_high=top)
    ticks = [*_ticks(top), *(-tick for tick in _ticks(top) if tick and groups["unanswerable"])]
    canvas.axes(
        "confidence", "share of the group", _FIFTHS, ticks, lambda x: decimal(x, 1), lambda y: percent(abs(y))
    )
    for name, css, sign in (("answerable", "one", 1), ("unanswerable", "two", -1)):
        for number in np.flatnonzero(counts[name]).tolist():
            start, end = number / _BANDS, (number + 1) / _BANDS
            note = f"confidence {start:.2f} to {end:.2f}: {counts[name][number]} {name}"
            canvas.bar(start, end, 0, sign * float(shares[name][number]), f"{css} gap", note)
    canvas.upright(evaluation.threshold, "threshold")
    auroc = evaluation.estimates["auroc_answerable"]
    rows = [
        (
            f"{n / _BANDS:.2f} to {(n + 1) / _BANDS:.2f}",
            str(counts["answerable"][n]),
            str(counts["unanswerable"][n]),
        )
        for n in range(_BANDS)
    ]
    return Plot(
        name="confidence",
        title="Are questions without an answer told apart?",
        reading="Upward bars are questions that the archive answers, downward bars those that it does not; the less"
        " they overlap from side to side, the better; what lies left of the dashed line is refused.",
        summary=f"AUROC {decimal(auroc.value)}; {len(groups['answerable'])} answerable,"
        f" {len(groups['unanswerable'])} unanswerable",
        shapes=tuple(canvas.shapes),
        head=("confidence", "answerable", "unanswerable"),
        rows=tuple(rows),
        legend=(("one", "answerable"), ("two", "unanswerable"), ("threshold", "threshold")),
    )


_FIFTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def _spread(n: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return at most `_POINTS` of the numbers below `n`, evenly spread, first and last included."""
    return np.unique(np.linspace(0, n - 1, min(n, _POINTS)).astype(np.int64))


def _round_up(share: float) -> float:
    return min(1.0, math.ceil(round(share * 10, 6)) / 10)


def _ticks(top: float) -> Sequence[float]:
    step = 0.05 if top <= 0.21 else 0.1 if top <= 0.51 else 0.2
    return [round(step * n, 2) for n in range(int(top / step + 1e-9) + 1)]
