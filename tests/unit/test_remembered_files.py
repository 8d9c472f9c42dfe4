"""Files whose bytes are known are not parsed again, and what is remembered is what parsing gives."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qa_service import generations, indexing
from qa_service.parsing.bounded import BoundedParser
from qa_service.remembered_files import FILE_NAME, LARGEST_BYTES, RememberingParser
from tests.unit.index_building import build, bytes_under, write_articles

STORY = "# The Ferry Sank\n\nIt sank at night.\n\nNobody was hurt.\n"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are parsed, in order."""
    names: list[str] = []

    class Noting(BoundedParser):
        def read(self, path: Path, origin: str, suffix: str) -> Iterator[Any]:
            names.append(path.name)
            return super().read(path, origin, suffix)

    monkeypatch.setattr(indexing, "BoundedParser", Noting)
    return names


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "articles"
    made.mkdir()
    for name in "abc":
        (made / f"{name}.md").write_text(STORY.replace("Ferry", f"Ferry {name}"))
    return made


def index_of(data_dir: Path) -> dict[str, bytes]:
    files = bytes_under(data_dir / "generations" / generations.current_id(data_dir))
    del files["manifest.json"]
    return files


def test_only_files_with_new_bytes_are_parsed_and_the_index_is_the_same(
    tmp_path: Path, folder: Path, parsed: list[str]
) -> None:
    build(tmp_path / "data", folder)
    assert parsed == ["a.md", "b.md", "c.md"]
    (folder / "b.md").write_text(STORY.replace("sank", "was sunk"))
    os.utime(folder / "a.md", ns=(1, 1))

    report = build(tmp_path / "data", folder)

    assert parsed[3:] == ["b.md"]
    assert (report.changed, report.unchanged) == (1, 2)
    build(tmp_path / "fresh", folder)
    assert index_of(tmp_path / "data") == index_of(tmp_path / "fresh")


def test_a_file_that_moved_is_parsed_at_its_new_place(
    tmp_path: Path, folder: Path, parsed: list[str]
) -> None:
    build(tmp_path / "data", folder)
    (folder / "a.md").rename(folder / "z.md")
    assert build(tmp_path / "data", folder).renamed == 1
    assert parsed[3:] == ["z.md"]


def test_full_parses_everything_again(tmp_path: Path, folder: Path, parsed: list[str]) -> None:
    build(tmp_path / "data", folder)
    build(tmp_path / "data", folder, full=True)
    assert parsed == ["a.md", "b.md", "c.md"] * 2


def test_what_was_skipped_in_part_is_tried_again(tmp_path: Path, parsed: list[str]) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "a", "title": "T", "text": "One."}\n{broken\n')
    for _ in range(2):
        assert len(build(tmp_path / "data", tmp_path / "a.jsonl").skipped) == 1
    assert parsed == ["a.jsonl", "a.jsonl"]


def test_a_large_file_is_not_remembered(tmp_path: Path, parsed: list[str]) -> None:
    many = {f"a{n}": "Word " * 3000 for n in range(LARGEST_BYTES // 15_000 + 1)}
    source = write_articles(tmp_path / "a.jsonl", many)
    for _ in range(2):
        build(tmp_path / "data", source)
    assert parsed == ["a.jsonl", "a.jsonl"]


def test_files_that_are_gone_are_forgotten(tmp_path: Path, folder: Path, parsed: list[str]) -> None:
    build(tmp_path / "data", folder)
    kept = (folder / "a.md").read_text()
    (folder / "a.md").unlink()
    build(tmp_path / "data", folder)
    (folder / "a.md").write_text(kept)
    build(tmp_path / "data", folder)
    assert parsed[3:] == ["a.md"]


def _cut(content: bytes) -> bytes:
    return content[:-3000]


def _nonsense(content: bytes) -> bytes:
    return b"nonsense" * 999


def _altered(content: bytes) -> bytes:
    """Alter one byte of what one file held; SQLite does not notice."""
    place = len(content) - 40
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


@pytest.mark.parametrize("hurt", [_cut, _nonsense, _altered])
def test_a_damaged_memory_costs_time_and_nothing_else(tmp_path: Path, folder: Path, hurt: Any) -> None:
    build(tmp_path / "data", folder)
    before, memory = index_of(tmp_path / "data"), tmp_path / "data" / FILE_NAME
    memory.write_bytes(hurt(memory.read_bytes()))
    for _ in range(2):
        assert build(tmp_path / "data", folder).unchanged == 3
        assert index_of(tmp_path / "data") == before


def test_nothing_is_written_before_that_is_allowed(tmp_path: Path, folder: Path) -> None:
    assert build(tmp_path / "data", folder, dry_run=True).articles == 3
    assert not (tmp_path / "data").exists()
    parser = RememberingParser(tmp_path, BoundedParser())
    assert list(parser.read(folder / "a.md", "a.md", ".md"))
    parser.close()
    assert not (tmp_path / FILE_NAME).exists()
