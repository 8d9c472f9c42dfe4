"""The evaluation as one HTML page that needs nothing from elsewhere."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from qa_service.errors import QAError
from qa_service.evaluation.charts import plots
from qa_service.evaluation.facts import RunFacts
from qa_service.evaluation.failure_cards import failure_kinds
from qa_service.evaluation.figures import Evaluation
from qa_service.evaluation.glossary import MEANINGS
from qa_service.evaluation.headlines import headlines, summary
from qa_service.evaluation.json_figures import readers
from qa_service.evaluation.plots import HEIGHT, WIDTH
from qa_service.evaluation.wording import decimal, interval, percent

_TEMPLATES = Path(__file__).parent / "templates"


def html_report(evaluation: Evaluation, facts: RunFacts) -> str:
    """Return the page; every text from questions and articles is escaped."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(percent=percent, decimal=decimal, interval=interval)
    return environment.get_template("report.html").render(
        evaluation=evaluation,
        facts=facts,
        reader=readers(evaluation),
        calibrated=any(o.answer.confidence.calibrated for o in evaluation.outcomes),
        by_words=sum(o.answerable and not o.gold.names_support for o in evaluation.outcomes),
        summary=summary(evaluation),
        headlines=headlines(evaluation),
        plots=plots(evaluation),
        meanings=MEANINGS,
        kinds=failure_kinds(evaluation),
        width=WIDTH,
        height=HEIGHT,
        css=(_TEMPLATES / "report.css").read_text(encoding="utf-8"),
    )


def check_writable(path: Path, gold: Path) -> None:
    """Refuse a report that could not be written, before the questions take their time.

    Raises:
        QAError: `path` cannot be written, or is the gold file.
    """
    if path.exists() and path.samefile(gold):
        raise QAError(f"The report would overwrite the gold file {path}; name another file.")
    existed = path.exists()
    try:
        path.open("a").close()
    except OSError as error:
        raise _unwritable(path, error) from error
    if not existed:
        path.unlink()


def write_report(path: Path, evaluation: Evaluation, facts: RunFacts) -> None:
    """Write the page to `path`.

    Raises:
        QAError: `path` cannot be written.
    """
    # A lone surrogate from an article becomes a reference rather than an error.
    page = html_report(evaluation, facts).encode("utf-8", errors="xmlcharrefreplace")
    try:
        path.write_bytes(page)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> QAError:
    reason = error.strerror or str(error)
    return QAError(
        f"The report {path} cannot be written ({reason}); name a file in a folder that you can write to."
    )
