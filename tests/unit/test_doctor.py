"""`doctor` says what is wrong, one clear line each, whatever it is."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from qa_service import doctor
from qa_service.cli import main
from qa_service.service import Check
from qa_service.state.database import Database
from tests.unit.index_building import build, write_articles

NO_SUCH_MODEL = "no/such-model"


@pytest.fixture(autouse=True)
def _without_a_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The encoder is one that does not exist: loading the real one would take seconds."""
    for name in [name for name in os.environ if name.startswith("QA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("QA_ENCODER", str(tmp_path / NO_SUCH_MODEL))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture
def index(tmp_path: Path) -> Path:
    source = write_articles(tmp_path / "a.jsonl", {"bridge": "It fell.\n\nNobody was hurt."})
    build(tmp_path / "data", source)
    return tmp_path / "data"


def found(data_dir: Path) -> dict[str, Check]:
    checks = {check.name: check for check in doctor.diagnose(data_dir)}
    for check in checks.values():
        assert check.detail
        assert "\n" not in check.detail.strip()
    return checks


def test_every_dependency_of_the_project_is_looked_for_and_nothing_else() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    names = {requirement.split("==")[0] for requirement in project["dependencies"]}
    parts = {"python", "settings", "data folder", "state", "encoder", "reader", "index"}
    assert names == {check.name for check in doctor.diagnose(None)} - parts


def test_a_missing_model_is_named_and_the_index_is_checked_all_the_same(index: Path) -> None:
    checks = found(index)

    assert not checks["encoder"].ok
    assert NO_SUCH_MODEL in checks["encoder"].detail
    assert checks["index"].ok
    assert "1 articles, 2 passages, vector index exact" in checks["index"].detail
    assert checks["data folder"].ok
    assert "GiB free" in checks["data folder"].detail


def test_no_index_yet_is_said_with_the_mend(tmp_path: Path) -> None:
    checks = found(tmp_path / "data")

    assert checks["data folder"].ok
    assert "does not exist yet" in checks["data folder"].detail
    assert not checks["index"].ok
    assert "qa-service reindex" in checks["index"].detail
    assert not (tmp_path / "data").exists()


def _flipped(index: Path) -> None:
    path = next(index.glob("generations/*/vectors.faiss"))
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def _without_manifest(index: Path) -> None:
    next(index.glob("generations/*/manifest.json")).unlink()


def _pointing_nowhere(index: Path) -> None:
    (index / "current").write_text("20260101T000000Z-0123456789abcdef")


def _pointing_at_nonsense(index: Path) -> None:
    (index / "current").write_bytes(b"\x00\xff" * 4000)


@pytest.mark.parametrize("hurt", [_flipped, _without_manifest, _pointing_nowhere, _pointing_at_nonsense])
def test_a_damaged_index_fails_even_where_an_older_generation_still_answers(
    index: Path, tmp_path: Path, hurt: Callable[[Path], None]
) -> None:
    if hurt in (_pointing_nowhere, _pointing_at_nonsense):
        build(index, tmp_path / "a.jsonl")
    hurt(index)
    check = found(index)["index"]
    assert not check.ok
    assert "rollback" in check.detail


def test_what_people_created_is_read_whole(tmp_path: Path) -> None:
    assert "does not exist yet" in found(tmp_path / "data")["state"].detail
    path = tmp_path / "data" / "state.db"
    Database(path).check()
    assert found(tmp_path / "data")["state"].ok
    assert "is sound" in found(tmp_path / "data")["state"].detail
    path.write_bytes(b"no database at all" * 100)
    check = found(tmp_path / "data")["state"]
    assert not check.ok
    assert "state.db is damaged" in check.detail
    assert "backup" in check.detail


def test_a_file_in_place_of_the_data_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for data_dir in (tmp_path / "file", tmp_path / "file" / "data"):
        checks = found(data_dir)
        assert not checks["data folder"].ok
        assert "cannot be written" in checks["data folder"].detail
        assert not checks["index"].ok
        assert "Not a directory" in checks["index"].detail


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_data_folder_without_rights_is_told(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    assert "cannot be written" in found(tmp_path / "locked")["data folder"].detail


def test_an_unknown_setting_ends_the_look(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("QA_COLOUR", "red")
    checks = found(tmp_path)
    assert not checks["settings"].ok
    assert "QA_COLOUR" in checks["settings"].detail
    assert "index" not in checks


def test_the_command_prints_a_line_a_check_and_fails_without_a_traceback(index: Path) -> None:
    _flipped(index)
    result = CliRunner().invoke(main, ["doctor", "--data-dir", str(index)])

    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    lines = result.stdout.splitlines()
    assert all(line.startswith(("ok    ", "FAIL  ")) for line in lines)
    assert [line.split(":")[0] for line in lines if line.startswith("FAIL")] == [
        "FAIL  encoder",
        "FAIL  index",
    ]


BROKEN_INSTALL = """
import sys
sys.modules["faiss"] = None  # what an import meets when the package is not installed
from qa_service.doctor import diagnose
for check in diagnose(None):
    print(check.name, check.ok, check.detail, sep="|")
"""


def test_a_library_that_cannot_be_imported_is_a_line_too(index: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BROKEN_INSTALL],
        env={**os.environ, "QA_DATA_DIR": str(index)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = {line.split("|")[0]: line for line in done.stdout.splitlines()}
    assert "index|False|ModuleNotFoundError: import of faiss halted" in lines["index"]
    assert lines["settings"].startswith("settings|True")
