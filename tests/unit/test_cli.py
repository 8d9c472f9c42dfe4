"""The command line says what is wrong in one line, without a model or an index."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qa_service import bootstrap
from qa_service.cli import main
from tests.unit.index_building import HashEncoder, build, write_articles


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


def test_rollback_without_an_index_says_so_and_writes_nothing(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert_one_clear_line(run("generations", "rollback", "--data-dir", str(missing)), "index")
    assert not missing.exists()


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


@pytest.mark.parametrize(
    "words", [["reindex", ""], ["reindex", "a.txt", " "], ["ask", "Who?", "--data-dir", ""], ["eval", ""]]
)
def test_an_empty_path_is_not_taken_for_the_folder_one_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    (tmp_path / "a.txt").write_text("A title\n\nA text that could be indexed by mistake.\n")
    monkeypatch.chdir(tmp_path)
    result = run(*words)
    assert result.exit_code == 2
    assert "it is empty; name a file or folder" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("place", ["generations", "quarantine"])
def test_an_index_that_is_there_is_left_alone(tmp_path: Path, place: str) -> None:
    (tmp_path / place / "20250101T000000Z-0123456789abcdef").mkdir(parents=True)
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


@pytest.fixture
def hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands encode by hash, so that no model loads."""
    monkeypatch.setattr(bootstrap, "load_encoder", lambda settings: HashEncoder())


@pytest.mark.usefixtures("hashing")
def test_ask_says_on_stderr_that_an_older_generation_answers(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    for text in ("The ferry sank.", "The ferry was raised."):
        name = build(data_dir, write_articles(tmp_path / "a.jsonl", {"ferry": text})).generation
    vectors = data_dir / "generations" / str(name) / "vectors.faiss"
    vectors.write_bytes(vectors.read_bytes()[:-1])
    result = run("ask", "Which ferry sank?", "--data-dir", str(data_dir))
    assert result.exit_code in (0, 3)
    assert "The ferry sank." in result.stdout
    lines = result.stderr.splitlines()  # where the models are prepared for the CPU first, a line says so
    assert any(line.startswith(f"Warning: Generation {name} is damaged") for line in lines)
    assert "Warning" not in result.stdout


@pytest.mark.usefixtures("hashing")
def test_articles_give_a_terminal_no_orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.md").write_text(
        "# The Ferry\x1b[2J Sank\n\nThe ferry sank\x1b]0;title\x07 at noon, and all on board were brought ashore.\n"
    )
    monkeypatch.setenv("QA_ACCEPTED_ERROR", "1")
    build(tmp_path / "data", tmp_path / "a.md")
    result = run("ask", "Which ferry sank?", "--data-dir", str(tmp_path / "data"))
    assert result.exit_code == 0
    assert "sank\ufffd]0;title\ufffd at noon" in result.stdout
    assert not {"\x1b", "\x07"} & set(result.stdout)


@pytest.mark.usefixtures("hashing")
def test_a_headline_is_cited_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.md").write_text("# The Ferry Sank\n\n## All Were Saved\n")
    monkeypatch.setenv("QA_ACCEPTED_ERROR", "1")
    build(tmp_path / "data", tmp_path / "a.md")
    result = run("ask", "Which ferry sank?", "--data-dir", str(tmp_path / "data"))
    assert result.exit_code == 0
    assert "[1] The Ferry Sank, headline (a)" in result.stdout
