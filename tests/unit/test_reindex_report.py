"""What a reindex says to people: everything that was skipped or guessed, and long lists counted."""

import json
from pathlib import Path

import pytest

from qa_service.chunking import ParagraphChunker
from qa_service.indexing import reindex
from qa_service.reindex_report import ReindexReport
from tests.unit.index_building import BACKENDS, HashEncoder


@pytest.fixture
def report(tmp_path: Path) -> ReindexReport:
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "a.txt").write_bytes("Café zu\n\nDas Café schließt heute früher als sonst.\n".encode("cp1252"))
    (sources / "blank.md").write_text("\n")
    for number in range(9):
        (sources / f"{number}.jpg").write_bytes(b"\xff\xd8")
    return reindex(
        [sources],
        tmp_path / "data",
        encoder=HashEncoder(),
        chunker=ParagraphChunker(),
        backends=BACKENDS,
        dry_run=True,
    )


def test_people_read_what_was_guessed_and_what_was_skipped(report: ReindexReport) -> None:
    lines = report.text().splitlines()
    assert lines[-5:-2] == [
        "1 remark on what was read:",
        "  a.txt: no UTF-8; read as Windows-1252",
        "10 skipped:",
    ]
    assert lines[-2].startswith(
        "  9 for one reason (0.jpg, 1.jpg, 2.jpg, 3.jpg, 4.jpg and 4 more): unknown type .jpg"
    )
    assert lines[-1] == "  blank.md: the file is blank"


def test_programs_read_every_one(report: ReindexReport) -> None:
    fields = json.loads(report.json())
    assert fields["notes"] == [{"origin": "a.txt", "remark": "no UTF-8; read as Windows-1252"}]
    assert [one["origin"] for one in fields["skipped"]] == [*(f"{n}.jpg" for n in range(9)), "blank.md"]
    assert fields["skipped_reasons"][0]["files"] == 9
    assert fields["skipped_reasons"][0]["reason"].startswith("unknown type .jpg")
    assert fields["skipped_reasons"][1] == {"reason": "the file is blank", "files": 1}
