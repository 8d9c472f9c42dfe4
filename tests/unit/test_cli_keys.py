"""`qa-service keys`: the key on stdout once, everything else for people on stderr, no secret in any message."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qa_service.cli import main
from qa_service.state.accounts import Accounts
from qa_service.state.database import Database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["keys", *words, "--data-dir", str(folder)])


def test_the_key_alone_goes_to_stdout(folder: Path) -> None:
    result = run(folder, "create", "anna")
    assert result.exit_code == 0
    assert re.fullmatch(r"qas_[0-9a-f]{12}_[0-9a-f]{64}\n", result.stdout)
    assert "anna" in result.stderr
    assert "this once" in result.stderr
    assert result.stdout.strip() not in result.stderr
    found = Accounts(Database(folder / "state.db"), folder).recognise(result.stdout.strip())
    assert found is not None
    assert found.account == "anna"


def test_keys_are_listed_without_their_secrets(folder: Path) -> None:
    key = run(folder, "create", "anna").stdout.strip()
    run(folder, "create", "bert", "--days", "30")
    table = run(folder, "list").stdout
    assert [line.split()[1] for line in table.splitlines()] == ["account", "anna", "bert"]
    assert key.split("_")[1] in table
    assert key.split("_")[2] not in table
    listed = json.loads(run(folder, "list", "--json").stdout)
    assert [(entry["account"], entry["state"]) for entry in listed] == [
        ("anna", "usable"),
        ("bert", "usable"),
    ]
    assert listed[1]["expires_at"] > listed[1]["created_at"]


def test_revoking_says_what_is_left(folder: Path) -> None:
    first = run(folder, "create", "anna").stdout.split("_")[1]
    second = run(folder, "create", "anna").stdout.split("_")[1]
    result = run(folder, "revoke", first)
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"Revoked key {first} of anna.\n", "")
    assert "No usable key is left" in run(folder, "revoke", second).stderr
    assert "No usable key is left" in run(folder, "revoke", second, "--forget").stderr
    assert "lets everybody in again" in run(folder, "revoke", first, "--forget").stderr


def test_mistakes_are_one_line(folder: Path) -> None:
    for words, said in [(("revoke", "000000000000"), "no key '000000000000'"), (("create", " "), "no name")]:
        result = run(folder, *words)
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: ")
        assert len(result.stderr.splitlines()) == 1
        assert said in result.stderr
    assert not folder.exists()


def test_there_is_nothing_to_list_and_nothing_is_made(folder: Path) -> None:
    result = run(folder, "list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "keys create NAME" in result.stderr
    assert json.loads(run(folder, "list", "--json").stdout) == []
    assert not folder.exists()


@pytest.mark.parametrize("words", [["create"], ["create", "anna", "--days", "0"], ["revoke"], ["burn"]])
def test_wrong_words_are_usage_errors(folder: Path, words: list[str]) -> None:
    assert run(folder, *words).exit_code == 2


def test_an_empty_folder_name_is_not_taken_for_the_one_that_one_stands_in() -> None:
    result = CliRunner().invoke(main, ["keys", "create", "anna", "--data-dir", ""])
    assert result.exit_code == 2
    assert "it is empty" in result.stderr


def test_a_damaged_file_is_named(folder: Path) -> None:
    folder.mkdir()
    (folder / "state.db").write_bytes(b"x" * 5000)
    result = run(folder, "create", "anna")
    assert result.exit_code == 1
    assert "state.db" in result.stderr
    assert result.stdout == ""
