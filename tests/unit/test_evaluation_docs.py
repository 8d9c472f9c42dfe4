"""The documentation names every figure, and its example runs on the samples."""

import re
from pathlib import Path

from qa_service.evaluation import Failure, read_gold
from qa_service.evaluation.json_figures import json_figures
from tests.unit.evaluation_cases import FACTS, run
from tests.unit.test_evaluation_run import CASES

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "EVALUATION.md").read_text(encoding="utf-8")


def test_every_figure_and_failure_is_named_and_nothing_else() -> None:
    figures, failures = TEXT.split("## Reading the report")
    tables = figures.split("## The figures")[1]
    rows = re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \|", tables, re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    assert len(named) == len(set(named))
    assert set(named) == json_figures(run(CASES), FACTS).keys()
    assert set(re.findall(r"^\| `(\w+)` \|", failures, re.MULTILINE)) == set(Failure)


def test_the_example_is_a_gold_file_on_the_samples(tmp_path: Path) -> None:
    example = TEXT.split("<!-- example -->\n```jsonl\n")[1].split("```")[0]
    (tmp_path / "gold.jsonl").write_text(example, encoding="utf-8")
    questions = read_gold(tmp_path / "gold.jsonl")
    samples = " ".join(
        path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "qa_service" / "samples" / "articles").iterdir())
    )
    assert [bool(gold.answers) for gold in questions] == [True] * 4 + [False]
    assert sum(bool(gold.history) for gold in questions) == 1
    for gold in questions:
        assert all(samples.count(words) == 1 for words in gold.support), gold.support
        assert all(answer in samples for answer in gold.answers), gold.answers
