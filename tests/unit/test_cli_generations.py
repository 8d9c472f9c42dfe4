"""`qa-service generations`: what is on disk is listed, checked to the last byte, compared and rolled back."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qa_service import generations
from qa_service.cli import main
from qa_service.state.database import Database
from qa_service.state.troubles import FILE_NAME
from qa_service.writer_lock import writer_lock
from tests.unit.index_building import build, bytes_under, write_articles


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def names(tmp_path: Path, data_dir: Path) -> list[str]:
    """The ids of three generations, oldest first."""
    made = []
    for texts in (
        {"a": "One.", "b": "Two."},
        {"a": "One.", "b": "Two, changed."},
        {"a": "One.", "c": "Three."},
    ):
        made.append(str(build(data_dir, write_articles(tmp_path / "a.jsonl", texts), keep=3).generation))
    return made


def run(data_dir: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["generations", *words, "--data-dir", str(data_dir)])


def damage(data_dir: Path, name: str) -> None:
    path = data_dir / "generations" / name / "vectors.faiss"
    path.write_bytes(path.read_bytes()[:-1])


def test_list_is_what_the_bare_command_does(data_dir: Path, names: list[str]) -> None:
    listed = run(data_dir, "list")
    assert listed.stdout == run(data_dir).stdout
    assert {line[2:] for line in listed.stdout.splitlines()} == {
        f"{name}  2 articles, 2 paragraphs, 2 passages, vector index exact" for name in names
    }
    assert [line.split()[1] for line in listed.stdout.splitlines() if line.startswith("* ")] == [names[2]]


def test_the_data_folder_can_be_named_before_the_command(data_dir: Path, names: list[str]) -> None:
    result = CliRunner().invoke(main, ["generations", "--data-dir", str(data_dir), "verify"])
    assert result.stdout.count("ok  ") == 3


def test_verify_finds_all_sound(data_dir: Path, names: list[str]) -> None:
    Database(data_dir / FILE_NAME).check()
    result = run(data_dir, "verify")
    assert result.exit_code == 0
    assert result.stdout.count("ok  ") == 4
    assert FILE_NAME in result.stdout


def test_verify_puts_what_is_damaged_into_quarantine_and_deletes_nothing(
    data_dir: Path, names: list[str]
) -> None:
    damage(data_dir, names[1])
    folder = data_dir / "generations" / names[1]
    before = bytes_under(folder)

    first, second = run(data_dir, "verify"), run(data_dir, "verify")

    assert (first.exit_code, second.exit_code) == (1, 0)
    assert f"DAMAGED  {names[1]}" in first.stdout
    assert f"kept     {names[1]}" in second.stdout
    assert not folder.exists()
    assert bytes_under(data_dir / "quarantine" / names[1]) == before
    assert f"{names[1]}  damaged, in quarantine/" in run(data_dir, "list").stdout


def test_a_current_generation_in_quarantine_is_an_error_until_it_is_mended(
    data_dir: Path, names: list[str]
) -> None:
    damage(data_dir, names[2])
    for _ in range(2):
        result = run(data_dir, "verify")
        assert result.exit_code == 1
        assert f"The current generation {names[2]} is damaged and in quarantine" in result.stderr
    assert run(data_dir, "rollback").stdout == f"Rolled back from {names[2]} to {names[1]}.\n"
    assert run(data_dir, "verify").exit_code == 0


def test_while_a_reindex_writes_damage_is_told_and_left(data_dir: Path, names: list[str]) -> None:
    damage(data_dir, names[0])
    with writer_lock(data_dir):
        result = run(data_dir, "verify")
    assert result.exit_code == 1
    assert f"DAMAGED  {names[0]}" in result.stdout
    assert "left in its place: Another reindex is writing" in result.stderr
    assert names[0] in generations.generation_ids(data_dir)


def test_a_generation_that_is_whole_but_fits_no_library_is_told_and_left(
    data_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "data" / "generations").mkdir(parents=True)
    with writer_lock(data_dir), generations.building_folder(data_dir) as folder:
        (folder / "articles.sqlite").write_bytes(b"no database")
        manifest = generations.seal(
            folder, parent=None, encoder={"name": "e", "dimension": 8}, chunker={}, counts={"passages": 1}
        )
        name = generations.publish(data_dir, folder, manifest)
    result = run(data_dir, "verify")
    assert result.exit_code == 1
    assert f"UNFIT    {name}" in result.stdout
    assert generations.generation_ids(data_dir) == [name]


def test_a_damaged_state_is_found(data_dir: Path, names: list[str]) -> None:
    (data_dir / FILE_NAME).write_bytes(b"SQLite format 3\0" + b"\xff" * 8000)
    result = run(data_dir, "verify")
    assert result.exit_code == 1
    assert f"DAMAGED  {FILE_NAME}" in result.stdout


# --- diff


def test_diff_lists_what_the_last_reindex_changed(data_dir: Path, names: list[str]) -> None:
    result = run(data_dir, "diff")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"{names[1]} → {names[2]}",
        "+ c",
        "- b",
        "1 added, 0 changed, 0 renamed, 1 removed, 1 unchanged",
    ]


def test_diff_of_two_named_generations_as_json(data_dir: Path, names: list[str]) -> None:
    told = json.loads(run(data_dir, "diff", names[0], names[1], "--json").stdout)
    assert told == {
        "old": names[0], "new": names[1], "added": [], "changed": ["b"], "removed": [], "renamed": [], "unchanged": 1,
    }  # fmt: skip
    back = json.loads(run(data_dir, "diff", names[2], names[0], "--json").stdout)
    assert (back["added"], back["removed"]) == (["b"], ["c"])


@pytest.mark.parametrize("words", [["19"], ["2"], ["../current"]])
def test_diff_of_a_name_that_fits_none_or_several_is_refused(
    data_dir: Path, names: list[str], words: list[str]
) -> None:
    result = run(data_dir, "diff", *words)
    assert result.exit_code == 1
    assert f"generations begin with {words[0]!r}" in result.stderr


def test_diff_of_the_first_generation_or_a_damaged_one_is_refused(data_dir: Path, names: list[str]) -> None:
    damage(data_dir, names[1])
    assert "is damaged" in run(data_dir, "diff").stderr
    run(data_dir, "verify")
    assert "nothing to compare with" in run(data_dir, "diff").stderr
