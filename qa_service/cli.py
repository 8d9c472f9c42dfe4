"""The command line: reindex, serve, ask, eval, generations, keys, doctor."""

import json
import logging
import re
import signal
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, NoReturn

import click

from qa_service import __version__, generations
from qa_service.cli_generations import generation_commands
from qa_service.cli_keys import keys
from qa_service.doctor import diagnose
from qa_service.domain import Answer, Question
from qa_service.errors import QAError
from qa_service.politeness import lower_priority
from qa_service.progress import shown_progress
from qa_service.quarantine import quarantined
from qa_service.settings import Settings

EXIT_ERROR, EXIT_ABSTAINED, EXIT_SOME_SKIPPED = 1, 3, 4
_EXIT_TERMINATED = 128 + signal.SIGTERM
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # of an article's text; a terminal would obey them


def _named_path(value: str) -> Path:
    """Refuse an empty path, as an unset variable gives: it would mean the folder one stands in."""
    if not value.strip():
        raise click.BadParameter("it is empty; name a file or folder.")
    return Path(value)


data_dir_option = click.option(
    "--data-dir", type=_named_path, metavar="FOLDER", help="Folder of the index; QA_DATA_DIR, else .data."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class _Group(click.Group):
    """Turns a QAError into one line on stderr and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except QAError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(EXIT_ERROR)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="qa-service")
def main() -> None:
    """Ask an archive of articles; answers are quotes from its paragraphs."""
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s"
    )


@main.command()
@click.argument("sources", nargs=-1, type=_named_path)
@data_dir_option
@click.option("--full", is_flag=True, help="Encode every passage again.")
@click.option("--dry-run", is_flag=True, help="Say what would change, publish nothing.")
@click.option(
    "--max-deleted", metavar="PERCENT", help="Share of the articles that may go; QA_MAX_DELETED, else 20%."
)
@click.option("--watch", is_flag=True, help="Go on and index again whenever SOURCES change.")
@click.option("--samples", is_flag=True, help="Index the sample articles that come with the install.")
@click.option("--if-missing", is_flag=True, help="Do nothing when there is an index already.")
@json_option
def reindex(
    sources: tuple[Path, ...], data_dir: Path | None, full: bool, dry_run: bool, max_deleted: str | None, watch: bool,
    samples: bool, if_missing: bool, as_json: bool,
) -> None:  # fmt: skip
    """Build a new index of all articles in SOURCES (files and folders) and publish it."""
    settings = Settings.from_env(data_dir=data_dir, max_deleted=max_deleted)
    if not sources and not samples:
        raise click.UsageError("Name a file or folder to index, or give --samples.")
    if watch and (dry_run or if_missing):
        raise click.UsageError("--watch goes neither with --dry-run nor with --if-missing.")
    folder = settings.data_dir
    if if_missing and (generations.generation_ids(folder) or quarantined(folder)):
        click.echo(f"There is an index in {settings.data_dir} already; it is left as it is.", err=True)
        return
    with lower_priority():
        _reindex(settings, sources, full=full, dry_run=dry_run, watch=watch, samples=samples, as_json=as_json)


def _reindex(
    settings: Settings, sources: tuple[Path, ...], *, full: bool, dry_run: bool, watch: bool, samples: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Index once, or again and again."""
    from qa_service import bootstrap  # the models take seconds to import; `--help` needs none

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_EXIT_TERMINATED))  # so that what was begun is put away
    if samples:
        sources = (*sources, bootstrap.sample_folder())
    if watch:
        _follow(settings, sources, full=full, as_json=as_json)
    with shown_progress(sys.stderr) as progress:
        report = bootstrap.run_reindex(settings, sources, full=full, dry_run=dry_run, progress=progress)
    click.echo(report.json() if as_json else report.text())
    if report.skipped:
        sys.exit(EXIT_SOME_SKIPPED)


def _follow(settings: Settings, sources: tuple[Path, ...], *, full: bool, as_json: bool) -> NoReturn:
    """Index again and again until SIGTERM or Ctrl-C, which end it at once: what is half built is thrown away."""
    from qa_service import bootstrap

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    with shown_progress(sys.stderr) as progress:
        bootstrap.follow_sources(
            settings,
            sources,
            full=full,
            progress=progress,
            on_report=lambda report: click.echo(report.json() if as_json else report.text()),
            on_error=lambda error: click.echo(f"Error: {error}", err=True),
        )


@main.command()
@click.option("--host", help="Address to listen on; QA_HOST, else 127.0.0.1.")
@click.option("--port", type=int, help="Port to listen on; QA_PORT, else 8000.")
@data_dir_option
def serve(host: str | None, port: int | None, data_dir: Path | None) -> None:
    """Serve the chat page and the API."""
    settings = Settings.from_env(host=host, port=port, data_dir=data_dir)
    _installed("qa_service.servers", "default")(settings)


@main.command()
@click.argument("question")
@json_option
@data_dir_option
def ask(question: str, as_json: bool, data_dir: Path | None) -> None:
    """Answer QUESTION; exit with 0 when answered, 3 when the archive does not answer it."""
    settings = Settings.from_env(data_dir=data_dir)
    _require_index(settings)
    from qa_service import bootstrap

    encoder, answerer = bootstrap.load_answerer(settings)
    answer = answerer.ask(bootstrap.open_archive(settings, encoder), Question(question))
    for warning in answer.warnings:
        click.echo(f"Warning: {warning}", err=True)
    click.echo(_answer_json(answer) if as_json else _CONTROLS.sub("\ufffd", _answer_text(answer)))
    if answer.abstention is not None:
        sys.exit(EXIT_ABSTAINED)


@main.command("eval")
@click.argument("gold", type=_named_path)
@click.option("--report", type=_named_path, metavar="FILE", help="Write a page with plots and all failures.")
@json_option
@data_dir_option
def evaluate(gold: Path, report: Path | None, as_json: bool, data_dir: Path | None) -> None:
    """Measure retrieval, answers and confidence on the questions of GOLD (JSON Lines)."""
    from qa_service import evaluation

    settings = Settings.from_env(data_dir=data_dir)
    questions = evaluation.read_gold(gold)
    if report:
        evaluation.check_writable(report, gold)
    _require_index(settings)
    from qa_service.evaluation import command

    click.echo(command.measure(settings, questions, gold, report, as_json=as_json))


main.add_command(generation_commands)
main.add_command(keys)


@main.command()
@data_dir_option
def doctor(data_dir: Path | None) -> None:
    """Say what is installed, found and broken, and how to mend it."""
    checks = diagnose(data_dir)
    for check in checks:
        click.echo(f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {check.detail}")
    if not all(check.ok for check in checks):
        sys.exit(EXIT_ERROR)


def _require_index(settings: Settings) -> None:
    """Say that there is no index before the models take seconds to load; damage is dealt with when it is opened."""
    if not generations.generation_ids(settings.data_dir):
        generations.current_id(settings.data_dir)


def _installed(group: str, name: str) -> Callable[..., Any]:
    """Return what this install registered under an entry point; this package knows neither HTTP nor its JSON."""
    found = list(entry_points(group=group, name=name))
    if not found:
        raise QAError(f"Nothing is installed for {group}; install the project again with `make setup`.")
    part: Callable[..., Any] = found[0].load()
    return part


def _answer_text(answer: Answer) -> str:
    if answer.abstention is not None:
        nearest = [f"  {c.article.title}: {c.quote}" for c in answer.abstention.nearest]
        return "\n".join([answer.abstention.message, *nearest])
    lines = [f"{s.text} [{', '.join(_numbers(answer, s.citation_ids))}]" for s in answer.sentences]
    if answer.short_answer:
        lines.insert(0, f"{answer.short_answer.text}\n")
    lines.append("")
    for c in answer.citations:
        paragraph = "headline" if c.paragraph.index is None else f"paragraph {c.paragraph.index}"
        place = (c.article.title, c.article.source, c.article.published_at, paragraph)
        lines.append(f"[{c.number}] {', '.join(filter(None, place))} ({c.article.article_id})")
    return "\n".join(lines)


def _numbers(answer: Answer, ids: tuple[str, ...]) -> list[str]:
    return [str(c.number) for c in answer.citations if c.citation_id in ids]


def _answer_json(answer: Answer) -> str:
    return json.dumps(_installed("qa_service.answer_formats", "json")(answer), indent=1, ensure_ascii=False)
