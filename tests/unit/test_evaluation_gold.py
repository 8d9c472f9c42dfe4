"""Gold files are read whole or refused with the line at fault."""

import json
from pathlib import Path

import pytest

from qa_service.errors import InvalidGold
from qa_service.evaluation import read_gold


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_fields_and_blank_lines(tmp_path: Path) -> None:
    row = {
        "id": "q1",
        "question": "Who?",
        "answers": ["Ada"],
        "support": ["Ada said"],
        "history": ["Before?"],
    }
    bare = {"question": "Where?", "answers": []}
    first, second = read_gold(write(tmp_path / "g.jsonl", json.dumps(row), "", json.dumps(bare)))
    assert (first.question_id, first.answers, first.support, first.history) == (
        "q1",
        ("Ada",),
        ("Ada said",),
        ("Before?",),
    )
    assert (second.question_id, second.answers, second.support) == ("3", (), ())


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "7", '{"question": "Who?"}', '{"question": 7, "answers": []}', '{"question": "Who?", "answers": "Ada"}',
     '{"question": "Who?", "answers": [7]}', "[" * 100_000, '{"question": " ", "answers": []}',
     '{"question": "\\ud800", "answers": []}'],
)  # fmt: skip
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    good = json.dumps({"question": "Who?", "answers": []})
    with pytest.raises(InvalidGold, match=r"g\.jsonl:2"):
        read_gold(write(tmp_path / "g.jsonl", good, line))


def test_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidGold, match="cannot be read"):
        read_gold(tmp_path / "missing.jsonl")
    with pytest.raises(InvalidGold, match="no question"):
        read_gold(write(tmp_path / "empty.jsonl", "", " "))


def test_what_editors_and_other_sets_leave_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "g.jsonl"
    row = {
        "question": "Who\u2028said so?",
        "answers": [],
        "article_id": "a",
        "paragraph_index": 3,
        "suggest": True,
    }
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(row, ensure_ascii=False).encode() + b"\r\n")
    (gold,) = read_gold(path)
    assert (gold.question, gold.place, gold.names_support) == ("Who\u2028said so?", ("a", 3), True)


@pytest.mark.parametrize(
    "fields",
    [{"answers": [" "]}, {"support": [""]}, {"history": [""]}, {"answers": ["\ud800"]}, {"id": "\ud800"},
     {"support": None}],
)  # fmt: skip
def test_texts_that_would_match_everything_or_nothing_are_refused(
    tmp_path: Path, fields: dict[str, object]
) -> None:
    row = {"question": "Who?", "answers": [], **fields}
    with pytest.raises(InvalidGold, match=r"g\.jsonl:1"):
        read_gold(write(tmp_path / "g.jsonl", json.dumps(row)))


def test_a_place_needs_both_parts(tmp_path: Path) -> None:
    half = {"question": "Who?", "answers": [], "article_id": "a", "paragraph_index": True}
    assert read_gold(write(tmp_path / "g.jsonl", json.dumps(half)))[0].place is None
