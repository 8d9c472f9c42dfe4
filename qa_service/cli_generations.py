"""The commands `qa-service generations`: list, verify, compare and roll back what is on disk."""

import json
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Any

import click

from qa_service import generations
from qa_service.archive import open_generation
from qa_service.article_store import FILE_NAME
from qa_service.errors import GenerationDamaged, GenerationError, GenerationMismatch, QAError
from qa_service.generation_changes import Changes, changes_between
from qa_service.quarantine import FOLDER, quarantine, quarantined
from qa_service.settings import Settings
from qa_service.state import database, troubles
from qa_service.writer_lock import writer_lock

EXIT_ERROR = 1


def _named_folder(value: str) -> Path:
    """Refuse an empty path, as an unset variable gives: it would mean the folder one stands in."""
    if not value.strip():
        raise click.BadParameter("it is empty; name a folder.")
    return Path(value)


_data_dir_option = click.option(
    "--data-dir", type=_named_folder, metavar="FOLDER", help="Folder of the index; QA_DATA_DIR, else .data."
)


@click.group("generations", invoke_without_command=True)
@_data_dir_option
@click.pass_context
def generation_commands(context: click.Context, data_dir: Path | None) -> None:
    """List, verify, compare or roll back the generations of the index."""
    context.obj = data_dir
    if context.invoked_subcommand is None:
        context.invoke(list_generations, data_dir=data_dir)


def _in_data_dir(command: Callable[..., None]) -> Any:
    """Let `--data-dir` stand before the command's name as well as behind it, and give the folder to `command`."""

    @wraps(command)
    def run(before: Path | None, /, data_dir: Path | None, **given: Any) -> None:
        command(Settings.from_env(data_dir=data_dir or before).data_dir, **given)

    return _data_dir_option(click.pass_obj(run))


@generation_commands.command("list")
@_in_data_dir
def list_generations(folder: Path) -> None:
    """List what is on disk; * marks the generation that is to answer."""
    try:
        current = generations.current_id(folder)
    except GenerationDamaged as error:
        click.echo(f"Error: {error}", err=True)
        current = ""
    for name in generations.generation_ids(folder):
        try:
            manifest = generations.read_manifest(folder / "generations" / name)
            counts = [f"{number:,} {what}" for what, number in manifest.counts.items()]
            detail = ", ".join([*counts, f"vector index {manifest.vector_index}"])
        except QAError as error:
            detail = str(error)
        click.echo(f"{'*' if name == current else ' '} {name}  {detail}")
    for name in quarantined(folder):
        click.echo(f"{'*' if name == current else ' '} {name}  damaged, in {FOLDER}/")
    if not current:
        sys.exit(EXIT_ERROR)


@generation_commands.command()
@_in_data_dir
def verify(folder: Path) -> None:
    """Check every byte on disk; what is damaged goes to quarantine, nothing is deleted."""
    broken: QAError | None = None
    current = ""
    try:
        current = generations.current_id(folder)
    except GenerationDamaged as error:
        broken = error
    with ExitStack() as held:
        locked = _lock_if_free(folder, held)
        sound = [_is_sound(folder, name, set_aside=locked) for name in generations.generation_ids(folder)]
    for name in quarantined(folder):
        click.echo(f"kept     {name}  in {folder / FOLDER}; delete it when nobody needs it")
    sound.append(_is_state_sound(folder / troubles.FILE_NAME))
    if broken is not None:
        raise broken
    if current not in generations.generation_ids(folder):
        where = "is damaged and in quarantine" if current in quarantined(folder) else "is not on disk"
        raise QAError(f"The current generation {current} {where}; roll back or reindex.")
    if not all(sound):
        sys.exit(EXIT_ERROR)


def _lock_if_free(folder: Path, held: ExitStack) -> bool:
    """Take the writer lock where that is possible; without it damage is told and left where it is."""
    try:
        held.enter_context(writer_lock(folder))
    except GenerationError as error:
        click.echo(f"What is damaged is left in its place: {error}", err=True)
        return False
    return True


def _is_sound(folder: Path, name: str, *, set_aside: bool) -> bool:
    from qa_service import bootstrap  # the index libraries take a moment to import

    place = folder / "generations" / name
    try:
        files = len(generations.verify(place).files)
    except GenerationMismatch as error:
        click.echo(f"OTHER    {name}  {error}")
        return False
    except GenerationDamaged as error:
        if name not in generations.generation_ids(folder):  # a reindex removed it meanwhile
            return True
        click.echo(f"DAMAGED  {name}  {error}")
        if set_aside:
            quarantine(folder, name, error)
        return False
    try:
        open_generation(place, bootstrap.BACKENDS, None)
    except GenerationError as error:
        click.echo(f"UNFIT    {name}  {error}")
        return False
    click.echo(f"ok       {name}  {files} files")
    return True


def _is_state_sound(path: Path) -> bool:
    if not path.exists():
        return True
    try:
        click.echo(f"ok       {path.name}  {database.verify(path)}")
    except QAError as error:
        click.echo(f"DAMAGED  {path.name}  {error}")
        return False
    return True


@generation_commands.command()
@_in_data_dir
def rollback(folder: Path) -> None:
    """Go back to the generation before."""
    old, new = generations.rollback(folder)
    click.echo(f"Rolled back from {old or 'an unreadable pointer'} to {new}.")


@generation_commands.command()
@click.argument("old", required=False)
@click.argument("new", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_in_data_dir
def diff(folder: Path, old: str | None, new: str | None, as_json: bool) -> None:
    """List the articles added, changed, removed and renamed from OLD to NEW.

    Without names, from the generation before to the current one. The first characters of an id will do.
    """
    after = _named(folder, new) if new else generations.current_id(folder)
    before = _named(folder, old) if old else _parent(folder, after)
    paths = []
    for name in (before, after):
        generations.verify(folder / "generations" / name)
        paths.append(folder / "generations" / name / FILE_NAME)
    changes = changes_between(*paths)
    click.echo(_diff_json(before, after, changes) if as_json else _diff_text(before, after, changes))


def _named(folder: Path, start: str) -> str:
    names = generations.generation_ids(folder)
    fitting = [name for name in names if name.startswith(start)]
    if len(fitting) != 1:
        raise GenerationError(
            f"{len(fitting)} generations begin with {start!r}; on disk are {', '.join(names) or 'none'}."
        )
    return fitting[0]


def _parent(folder: Path, name: str) -> str:
    parent = generations.read_manifest(folder / "generations" / name).parent
    if parent not in generations.generation_ids(folder):
        raise GenerationError(
            f"The generation before {name} is {parent or 'none, it is the first'}; there is nothing to compare with."
            " Name two generations that `qa-service generations list` shows."
        )
    return parent


def _diff_text(before: str, after: str, changes: Changes) -> str:
    lines = [f"{before} → {after}"]
    lines += [f"+ {article_id}" for article_id in changes.added]
    lines += [f"~ {article_id}" for article_id in changes.changed]
    lines += [f"> {old} → {new}" for old, new in changes.renamed]
    lines += [f"- {article_id}" for article_id in changes.removed]
    counted = (
        f"{len(changes.added):,} added, {len(changes.changed):,} changed, {len(changes.renamed):,} renamed,"
        f" {len(changes.removed):,} removed, {changes.unchanged:,} unchanged"
    )
    return "\n".join([*lines, counted])


def _diff_json(before: str, after: str, changes: Changes) -> str:
    fields = asdict(changes) | {"renamed": [{"from": old, "to": new} for old, new in changes.renamed]}
    return json.dumps({"old": before, "new": after, **fields}, indent=1, ensure_ascii=False)
