"""The command line says what is wrong in one line, without a model or an index."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qa_service.cli import main


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def assert_one_clear_line(result: Result, *parts: str) -> None:
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert len(result.stderr.strip().splitlines()) == 1
    assert all(part in result.stderr for part in parts)
    assert not result.stdout


@pytest.mark.parametrize("command", [["ask", "Who?"], ["generations"], ["generations", "verify"]])
def test_without_an_index_the_first_step_is_named(tmp_path: Path, command: list[str]) -> None:
    assert_one_clear_line(run(*command, "--data-dir", str(tmp_path)), "no index", "qa-service reindex")


def test_rollback_without_an_index(tmp_path: Path) -> None:
    assert_one_clear_line(run("generations", "rollback", "--data-dir", str(tmp_path)), "index")


def test_a_source_that_is_missing(tmp_path: Path) -> None:
    result = run("reindex", str(tmp_path / "nowhere"), "--data-dir", str(tmp_path / "data"))
    assert_one_clear_line(result, "nowhere")
    assert not (tmp_path / "data" / "current").exists()


def test_a_gold_file_that_is_missing(tmp_path: Path) -> None:
    assert_one_clear_line(
        run("eval", str(tmp_path / "gold.jsonl"), "--data-dir", str(tmp_path)), "gold.jsonl"
    )


def test_an_unknown_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_PROT", "8000")
    assert_one_clear_line(run("ask", "Who?", "--data-dir", str(tmp_path)), "QA_PROT", "QA_PORT")


def test_wrong_options_are_usage_errors() -> None:
    for words in (["reindex"], ["ask"], ["serve", "--port", "eighty"], ["generations", "burn"], ["nonsense"]):
        result = run(*words)
        assert result.exit_code == 2, words
        assert "Traceback" not in result.output


def test_an_index_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "generations" / "20250101T000000Z-0123456789abcdef").mkdir(parents=True)
    result = run("reindex", "--samples", "--if-missing", "--data-dir", str(tmp_path))
    assert result.exit_code == 0
    assert "already" in result.stderr


def test_a_damaged_pointer_is_listed_and_said(tmp_path: Path) -> None:
    (tmp_path / "generations" / "20250101T000000Z-0123456789abcdef").mkdir(parents=True)
    (tmp_path / "current").write_text("nonsense")
    result = run("generations", "list", "--data-dir", str(tmp_path))
    assert result.exit_code == 1
    assert "nonsense" in result.stderr
    assert "20250101T000000Z-0123456789abcdef" in result.stdout
