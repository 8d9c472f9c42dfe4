"""The commands from end to end, with the real encoder on the sample archive."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qa_service import bootstrap
from qa_service.cli import main
from qa_service.settings import Settings

OFF_TOPIC = "What is the capital of Australia?"
ON_TOPIC = "Who scored the winning goal in the cup final?"


@pytest.fixture(scope="module")
def data_dir(sample_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("commands") / "data"
    shutil.copytree(sample_settings.data_dir, folder)
    return folder


def run(data_dir: Path, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--data-dir", str(data_dir)])


def test_an_answer_is_printed_with_its_source(data_dir: Path) -> None:
    result = run(data_dir, "ask", ON_TOPIC)
    assert result.exit_code == 0
    assert "Noor Vinter" in result.stdout
    assert "[1] Flooded Lindmoor Win Their First Cup In Extra Time" in result.stdout


def test_json_has_the_shape_of_the_api(data_dir: Path) -> None:
    answered, abstained = (
        json.loads(run(data_dir, "ask", q, "--json").stdout) for q in (ON_TOPIC, OFF_TOPIC)
    )
    assert answered.keys() == abstained.keys()
    assert (answered["object"], answered["status"], abstained["status"]) == (
        "answer",
        "answered",
        "abstained",
    )
    assert answered["citations"][0]["quote"] in answered["answer"]
    assert abstained["abstention"]["nearest"]


def test_an_abstention_is_said_and_has_its_own_exit_code(data_dir: Path) -> None:
    result = run(data_dir, "ask", OFF_TOPIC)
    assert result.exit_code == 3
    assert "does not answer" in result.stdout


def test_a_question_that_is_none_is_one_clear_line(data_dir: Path) -> None:
    result = run(data_dir, "ask", "   ")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: The question is empty")


def test_gold_questions_are_measured(data_dir: Path) -> None:
    gold = bootstrap.sample_folder().parent / "questions.jsonl"
    figures = json.loads(run(data_dir, "eval", str(gold), "--json").stdout)
    assert figures["answerable"] >= 60
    assert 0.5 <= figures["recall@1"] <= figures["recall@3"] <= figures["recall@10"] <= 1.0
    text = run(data_dir, "eval", str(gold)).stdout
    assert f"{figures['mrr']:.3f}" in text
    assert "went wrong" in text


def test_reindex_dry_run_rollback_and_doctor(data_dir: Path, tmp_path: Path) -> None:
    source = tmp_path / "more.jsonl"
    source.write_text('{"id": "new", "title": "New", "text": "A ferry came."}\n{broken\n', encoding="utf-8")
    samples = str(bootstrap.sample_folder())
    before = run(data_dir, "generations").stdout

    dry = json.loads(run(data_dir, "reindex", samples, str(source), "--dry-run", "--json").stdout)
    assert (dry["generation"], dry["added"], dry["unchanged"], dry["encoded"]) == (None, 1, 18, 1)
    assert run(data_dir, "generations").stdout == before

    done = run(data_dir, "reindex", samples, str(source))
    assert done.exit_code == 4
    assert "more.jsonl:2" in done.stdout
    assert len(run(data_dir, "generations").stdout.splitlines()) == 2
    assert run(data_dir, "generations", "verify").stdout.count("ok ") == 2

    assert run(data_dir, "generations", "rollback").exit_code == 0
    assert before.split()[1] in run(data_dir, "generations", "list").stdout.split("* ")[1]
    doctor = run(data_dir, "doctor")
    assert doctor.exit_code == 0
    assert "FAIL" not in doctor.stdout
