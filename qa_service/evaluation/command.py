"""What `qa-service eval` does: one pass over a gold file on the current generation, figures out, report written."""

import json
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from qa_service import __version__, bootstrap
from qa_service.evaluation.facts import RunFacts
from qa_service.evaluation.gold import GoldQuestion
from qa_service.evaluation.json_figures import json_figures
from qa_service.evaluation.report import write_report
from qa_service.evaluation.running import evaluate
from qa_service.evaluation.text import text_report
from qa_service.progress import shown_progress
from qa_service.settings import PREFIX, Settings

# What bears on the figures; the other settings say how the service is reached and by whom.
_SHOWN = ("encoder", "reader", "accepted_error", "chunk_title", "retrieval_depth")


def measure(
    settings: Settings, questions: Sequence[GoldQuestion], gold: Path, report: Path | None, *, as_json: bool
) -> str:
    """Ask every question, write the report where one is wanted, and return what goes to stdout.

    Raises:
        QAError: there is no index, a model is missing, or the report cannot be written.
    """
    facts = _facts(settings, gold, report, as_json=as_json)
    encoder = bootstrap.load_encoder(settings)
    archive = bootstrap.open_archive(settings, encoder)
    # Every question is answered, however unsure; the service's own threshold is applied afterwards.
    answerer, threshold_for = bootstrap.build_measured_answerer(settings, encoder)
    with shown_progress(sys.stderr) as progress:
        evaluation = evaluate(
            questions,
            archive,
            bootstrap.build_retriever(settings, encoder),
            answerer,
            threshold=threshold_for(settings.accepted_error),
            progress=progress,
        )
    facts = replace(facts, thresholds=_settable(threshold_for))
    if report:
        write_report(report, evaluation, facts)
    if as_json:
        return json.dumps(json_figures(evaluation, facts), indent=1, ensure_ascii=False, allow_nan=False)
    return text_report(evaluation)


def _settable(threshold_for: Callable[[float], float]) -> list[tuple[float, float]]:
    """Return (accepted error, threshold) for each hundredth; nothing where the error only turns refusing off."""
    thresholds = [(n / 100, threshold_for(n / 100)) for n in range(101)]
    return thresholds if len({threshold for _, threshold in thresholds}) > 2 else []


def _facts(settings: Settings, gold: Path, report: Path | None, *, as_json: bool) -> RunFacts:
    words = ["qa-service", "eval", str(gold), "--data-dir", str(settings.data_dir)]
    words += ["--report", str(report)] if report else []
    words += ["--json"] if as_json else []
    return RunFacts(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        gold=gold.name,
        command=shlex.join(words),
        version=__version__,
        settings={f"{PREFIX}{name.upper()}": str(getattr(settings, name)) for name in _SHOWN},
    )
