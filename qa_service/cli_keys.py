"""The commands `qa-service keys`: make, list and revoke the API keys with which people get in."""

import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click

from qa_service.settings import Settings
from qa_service.state.accounts import Accounts, ApiKey
from qa_service.state.clock import iso, utc_now
from qa_service.state.database import Database
from qa_service.state.troubles import FILE_NAME

_COLUMNS = ("id", "account", "state", "created", "last used", "expires")


def _named_folder(value: str) -> Path:
    """Refuse an empty path, as an unset variable gives: it would mean the folder one stands in."""
    if not value.strip():
        raise click.BadParameter("it is empty; name a folder.")
    return Path(value)


_data_dir_option = click.option(
    "--data-dir", type=_named_folder, metavar="FOLDER", help="Folder of state.db; QA_DATA_DIR, else .data."
)


@click.group("keys")
def keys() -> None:
    """Make, list and revoke API keys. Once there is one, the server asks everybody for one."""


@keys.command()
@click.argument("name")
@click.option(
    "--days", type=click.IntRange(min=1), help="Days after which the key expires; without it, never."
)
@_data_dir_option
def create(name: str, days: int | None, data_dir: Path | None) -> None:
    """Make a key for the account NAME and print it, this once."""
    lifetime = timedelta(days=min(days, timedelta.max.days)) if days else None
    made = _accounts(data_dir).create(name, lifetime=lifetime)
    ends = f", expires {made.key.expires_at}" if made.key.expires_at else ""
    click.echo(
        f"Key {made.key.key_id} of {made.key.account}{ends}. It is shown this once; keep it safe.", err=True
    )
    click.echo(made.text)


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_data_dir_option
def list_keys(as_json: bool, data_dir: Path | None) -> None:
    """List all keys, the keys themselves excepted."""
    found, now = _accounts(data_dir).all_keys(), iso(utc_now())
    if as_json:
        click.echo(json.dumps([{**asdict(key), "state": key.state(now)} for key in found], indent=1))
        return
    if not found:
        click.echo("There are no keys; `qa-service keys create NAME` makes one.", err=True)
        return
    rows = [_COLUMNS, *(_row(key, now) for key in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


@keys.command()
@click.argument("key_id", metavar="ID")
@click.option(
    "--forget", is_flag=True, help="Delete its record too; without any, keys are no longer required."
)
@_data_dir_option
def revoke(key_id: str, forget: bool, data_dir: Path | None) -> None:
    """Make the key ID useless at once, and end the sessions that began with it."""
    accounts = _accounts(data_dir)
    key = accounts.revoke(key_id)
    click.echo(f"Revoked key {key.key_id} of {key.account}.")
    if forget and not accounts.forget(key_id):
        click.echo(
            "No key is left: on loopback the server lets everybody in again, beyond it nobody.", err=True
        )
    elif not accounts.any_usable():
        click.echo(
            "No usable key is left: nobody gets in until `qa-service keys create NAME` makes one.", err=True
        )


def _accounts(data_dir: Path | None) -> Accounts:
    folder = Settings.from_env(data_dir=data_dir).data_dir
    return Accounts(Database(folder / FILE_NAME), folder)


def _row(key: ApiKey, now: str) -> tuple[str, ...]:
    return (
        key.key_id,
        key.account,
        key.state(now),
        key.created_at,
        key.last_used_at or "never",
        key.expires_at or "never",
    )
