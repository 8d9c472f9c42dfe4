"""`reindex --watch`: what changed is indexed once it stands still, trouble is told once, SIGTERM ends it cleanly."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from qa_service import generations
from qa_service.cli import main
from qa_service.errors import QAError, SourceError, WriterBusy
from qa_service.watching import fingerprint, watch
from tests.unit.index_building import build, write_articles

ROOT = Path(__file__).parents[2]


class Ended(Exception):
    """Ends the watch after the last step."""


def watched(
    source: Path, steps: list[Callable[[], None]], fails: list[QAError | None] | None = None
) -> list[str]:
    """Watch `source` while one step after another is made between two looks; return what happened, in order."""
    happened: list[str] = []
    left, failing = list(steps), list(fails or [])

    def reindex() -> None:
        happened.append("reindex")
        error = failing.pop(0) if failing else None
        if error:
            raise error

    def sleep(seconds: float) -> None:
        if not left:
            raise Ended
        happened.append("look")
        left.pop(0)()

    with pytest.raises(Ended):
        watch([source], reindex, poll_s=0.0, on_error=lambda error: happened.append(str(error)), sleep=sleep)
    return happened


def nothing() -> None:
    """Change nothing."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "articles" / "inner").mkdir(parents=True)
    (tmp_path / "articles" / "a.txt").write_text("A")
    return tmp_path / "articles"


def test_it_indexes_at_once_and_then_only_after_a_change_that_has_settled(folder: Path) -> None:
    grow = [lambda n=n: (folder / "b.txt").write_text("B" * n) for n in (1, 2)]
    happened = watched(folder, [nothing, nothing, grow[0], grow[1], nothing, nothing, nothing])  # type: ignore[list-item]
    assert happened == ["reindex", "look", "look", "look", "look", "look", "reindex", "look", "look"]


def test_what_fails_is_told_once_and_tried_again_after_a_change(folder: Path) -> None:
    error = SourceError("No article was found.")
    change = [lambda n=n: (folder / f"{n}.txt").write_text("B") for n in "bc"]
    happened = watched(folder, [nothing, change[0], nothing, nothing, change[1], nothing], [error, error])  # type: ignore[list-item]
    assert [h for h in happened if h != "look"] == ["reindex", "No article was found.", "reindex", "reindex"]


def test_a_busy_archive_is_tried_again_at_the_next_look(folder: Path) -> None:
    happened = watched(folder, [nothing, nothing], [WriterBusy("Another reindex."), None])
    assert happened == ["reindex", "Another reindex.", "look", "reindex", "look"]


def test_the_fingerprint_sees_every_kind_of_change(folder: Path) -> None:
    seen = [fingerprint([folder])]

    def changed() -> bool:
        seen.append(fingerprint([folder]))
        return seen[-1] not in seen[:-1]

    (folder / "inner" / "b.txt").write_text("B")
    assert changed()
    (folder / "a.txt").rename(folder / "c.txt")
    assert changed()
    os.utime(folder / "c.txt", ns=(1, 1))
    assert changed()
    (folder / "inner" / "b.txt").unlink()
    assert changed()
    folder.rename(folder.with_name("unmounted"))
    assert changed()


def test_hidden_files_are_not_looked_at(folder: Path) -> None:
    (folder / ".git").mkdir()
    before = fingerprint([folder / "a.txt", folder])
    (folder / ".git" / "index").write_text("x")
    assert fingerprint([folder / "a.txt", folder]) == before


def test_an_unchanged_archive_gets_no_new_generation(tmp_path: Path) -> None:
    source, data_dir = write_articles(tmp_path / "a.jsonl", {"a": "One."}), tmp_path / "data"
    first = build(data_dir, source, if_changed=True)
    second = build(data_dir, source, if_changed=True)
    assert (first.outcome, second.outcome, second.generation) == ("published", "unchanged", None)
    assert generations.generation_ids(data_dir) == [first.generation]
    assert second.text().startswith("Nothing changed, nothing published")
    write_articles(source, {"a": "Two."})
    assert build(data_dir, source, if_changed=True).outcome == "published"


@pytest.mark.parametrize("other", ["--dry-run", "--if-missing"])
def test_what_does_not_go_with_watching_is_a_usage_error(tmp_path: Path, other: str) -> None:
    result = CliRunner().invoke(main, ["reindex", str(tmp_path), "--watch", other])
    assert result.exit_code == 2


_HASHING = """
from qa_service import bootstrap
from qa_service.cli import main
from tests.unit.index_building import HashEncoder
bootstrap.load_encoder = lambda settings: HashEncoder()
main()
"""


def published(process: "subprocess.Popen[str]") -> str:
    """Wait until the process says that it published, and return the generation's id."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Published generation"):
            return line.split()[2]
    raise AssertionError("it ended before it published")


def test_a_folder_is_followed_until_sigterm(tmp_path: Path) -> None:
    folder, data_dir = tmp_path / "articles", tmp_path / "data"
    folder.mkdir()
    write_articles(folder / "a.jsonl", {"a": "One."})
    command = [sys.executable, "-c", _HASHING, "reindex", str(folder), "--watch", "--data-dir", str(data_dir)]
    environ = os.environ | {"QA_WATCH_S": "0.1", "QA_INFERENCE": "torch"}  # so that no reader is exported
    with subprocess.Popen(
        command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert published(process) == generations.current_id(data_dir)
            write_articles(folder / "b.jsonl", {"b": "Two."})
            assert published(process) == generations.current_id(data_dir)
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0
    assert err == ""
    assert len(list((data_dir / "generations").iterdir())) == 2
