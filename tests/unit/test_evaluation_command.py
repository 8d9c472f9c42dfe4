"""`eval` from the command line: figures on stdout, the page where it was asked for, trouble before the long run."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qa_service import bootstrap
from qa_service.cli import main
from tests.unit.index_building import HashEncoder, build, write_articles

GOLD = (
    {"id": "q1", "question": "Which ferry sank off Norrey?", "answers": ["Calla"], "support": ["Calla sank"]},
    {"id": "q2", "question": "Who painted the zeppelin?", "answers": []},
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small archive and a gold file on it, read without loading a model."""
    monkeypatch.setattr(bootstrap, "load_encoder", lambda settings: HashEncoder())
    monkeypatch.setenv("QA_READER", "sentence-overlap")
    source = write_articles(
        tmp_path / "a.jsonl", {"ferry": "The ferry Calla sank off Norrey.\n\nAll were saved."}
    )
    build(tmp_path / "data", source)
    (tmp_path / "gold.jsonl").write_text("\n".join(map(json.dumps, GOLD)))
    return tmp_path


def measure(folder: Path, *words: str, data: str = "data") -> Result:
    return CliRunner().invoke(
        main, ["eval", str(folder / "gold.jsonl"), "--data-dir", str(folder / data), *words]
    )


def test_figures_go_to_stdout_and_the_page_to_its_file(folder: Path) -> None:
    result = measure(folder, "--json", "--report", str(folder / "r.html"))
    assert result.exit_code == 0, result.stderr
    figures = json.loads(result.stdout)
    assert (figures["questions"], figures["answerable"], figures["recall@10"]) == (2, 1, 1.0)
    assert figures["exact_match"] is None
    assert figures["threshold"] == bootstrap.OVERLAP_THRESHOLD
    assert figures["run"]["settings"]["QA_READER"] == "sentence-overlap"
    page = (folder / "r.html").read_text(encoding="utf-8")
    assert "qa-service eval" in page
    assert "gold.jsonl" in page
    assert figures["generation"] in page


def test_each_question_has_its_confidence_though_all_are_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "OVERLAP_THRESHOLD", 1.0)
    figures = json.loads(measure(folder, "--json").stdout)
    assert (figures["answered"], figures["answerable_refused"]) == (0, 1.0)
    assert figures["right_unrefused"] == 1.0
    assert figures["aurc"] is not None


def test_without_options_lines_are_printed_and_no_file_is_made(folder: Path) -> None:
    before = sorted(folder.iterdir())
    result = measure(folder)
    assert result.stdout.startswith("generation ")
    assert "exact_match             –" in result.stdout
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("report", [".", "nowhere/r.html", "gold.jsonl"])
def test_a_report_that_cannot_be_written_is_said_before_anything_is_loaded(
    folder: Path, monkeypatch: pytest.MonkeyPatch, report: str
) -> None:
    monkeypatch.setattr(bootstrap, "load_encoder", lambda settings: pytest.fail("it loaded the model"))
    result = measure(folder, "--report", str(folder / report))
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: The report ")
    assert len(result.stderr.splitlines()) == 1
    assert (folder / "gold.jsonl").read_text().startswith('{"id": "q1"')


def test_an_empty_index_and_a_missing_one_are_said(folder: Path) -> None:
    result = measure(folder, data="elsewhere")
    assert result.exit_code == 1
    assert "no index" in result.stderr
