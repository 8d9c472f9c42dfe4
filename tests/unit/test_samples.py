"""The shipped samples and the parser's dumps are sound, checked without the parser."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import qa_service

SAMPLES = Path(qa_service.__file__).parent / "samples" / "articles"
DUMPS = Path(__file__).resolve().parents[1] / "articles"

MARKDOWN = sorted(SAMPLES.glob("*.md"))
QUESTIONS = SAMPLES.parent / "questions.jsonl"
JSON_LINES = sorted(SAMPLES.glob("*.jsonl"))
WIRE = sorted(SAMPLES.glob("*.txt"))

ROW_FIELDS = {"id", "title", "text", "url", "source", "authors", "published_at", "updated_at"}
GOLD_FIELDS = {"id", "question", "answers", "support", "history", "suggest"}


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _front_matter(path: Path) -> tuple[str, str]:
    """Return the front matter and the body of a Markdown sample."""
    opening, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    assert opening == ""
    return head, body


def _field(head: str, name: str) -> str | None:
    found = re.search(rf"^{name}: *(.+)$", head, flags=re.MULTILINE)
    return found.group(1) if found else None


def _counted_articles() -> dict[str, str]:
    """Return the text of every article that stands alone in its file or line, by a name for messages."""
    texts = {path.name: _front_matter(path)[1] for path in MARKDOWN}
    texts |= {str(row["id"]): str(row["text"]) for path in JSON_LINES for row in _rows(path)}
    return texts


def _paragraphs() -> list[str]:
    texts = [*_counted_articles().values(), *(path.read_text(encoding="utf-8") for path in WIRE)]
    return [block for text in texts for block in re.split(r"\n\s*\n", text)]


def _wire_captions() -> set[str]:
    return {
        line
        for path in WIRE
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r" on [A-Z][a-z]+ \d{1,2}, \d{4}\..* / NPA\)?$", line)
    }


def test_every_sample_is_a_known_utf8_file_without_replacement_characters() -> None:
    files = sorted(path for path in SAMPLES.iterdir() if path.suffix != ".py" and path.is_file())
    assert files == sorted([*MARKDOWN, *JSON_LINES, *WIRE])
    for path in [*files, QUESTIONS]:
        text = path.read_bytes().decode("utf-8")
        assert not set("\ufffd\x00\r\ufeff") & set(text), path.name
        assert text.endswith("\n"), path.name


def test_all_three_forms_hold_at_least_fifteen_articles() -> None:
    assert all([MARKDOWN, JSON_LINES, WIRE])
    assert len(_counted_articles()) + len(_wire_captions()) >= 15


def test_articles_have_between_300_and_700_words() -> None:
    lengths = {name: len(text.split()) for name, text in _counted_articles().items()}
    assert {name: n for name, n in lengths.items() if not 300 <= n <= 700} == {}


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.name)
def test_markdown_has_title_date_source_caption_and_inner_heading(path: Path) -> None:
    head, body = _front_matter(path)
    assert all([_field(head, "title"), _field(head, "source")])
    assert path.name.startswith(date.fromisoformat(_field(head, "published_at") or "").isoformat())
    assert re.search(r"^## \S", body, flags=re.MULTILINE)
    assert re.search(r"^(!\[.+\]\(\S+\)|\*.+\(Photo by .+\)\*)$", body, flags=re.MULTILINE)


def test_json_lines_have_the_source_format_and_unique_ids() -> None:
    rows = [row for path in JSON_LINES for row in _rows(path)]
    for row in rows:
        assert {"id", "title", "text"} <= row.keys() <= ROW_FIELDS
        date.fromisoformat(str(row["published_at"]))
    assert max(Counter(str(row["id"]) for row in rows).values()) == 1


def test_one_article_is_corrected_and_dated_so() -> None:
    corrected = [path for path in MARKDOWN if "\nCorrection: " in _front_matter(path)[1]]
    assert corrected
    for path in corrected:
        head, _ = _front_matter(path)
        updated, published = _field(head, "updated_at") or "", _field(head, "published_at") or ""
        assert date.fromisoformat(updated) > date.fromisoformat(published)


def test_one_story_is_told_over_four_dates_with_changing_figures() -> None:
    stories: dict[str, dict[str, str]] = defaultdict(dict)
    for path in MARKDOWN:
        head, body = _front_matter(path)
        stories[path.stem[len("2025-01-01-") :]][str(_field(head, "published_at"))] = body
    longest = max(stories.values(), key=len)
    assert len(longest) >= 4
    first_figures = {re.findall(r"\d[\d,]+", body)[0] for body in longest.values()}
    assert len(first_figures) == len(longest)


def test_gold_questions_have_the_contract_fields_and_unique_ids() -> None:
    rows = _rows(QUESTIONS)
    for row in rows:
        assert {"id", "question", "answers", "support"} <= row.keys() <= GOLD_FIELDS, row["id"]
        assert bool(row["answers"]) == bool(row["support"]), row["id"]
    assert max(Counter(str(row["id"]) for row in rows).values()) == 1
    assert max(Counter((str(row["question"]), str(row.get("history"))) for row in rows).values()) == 1


def test_gold_questions_are_enough_of_each_kind_and_suggest_the_first_six() -> None:
    rows = _rows(QUESTIONS)
    follow_ups = [row for row in rows if row.get("history")]
    unanswerable = [row for row in rows if not row["answers"]]
    assert len(rows) >= 80
    assert len(unanswerable) >= 16
    assert len(follow_ups) >= 6
    assert [bool(row.get("suggest")) for row in rows] == [True] * 6 + [False] * (len(rows) - 6)
    assert all(row["answers"] and not row.get("history") for row in rows[:6])


def test_every_support_stands_in_a_paragraph_that_holds_an_answer() -> None:
    paragraphs = _paragraphs()
    for row in _rows(QUESTIONS):
        supporting = [p for p in paragraphs if any(support in p for support in row["support"])]
        for support in row["support"]:
            assert any(support in p for p in paragraphs), (row["id"], support)
        for answer in row["answers"]:
            assert any(answer.lower() in p.lower() for p in supporting), (row["id"], answer)


@pytest.mark.parametrize("path", sorted(DUMPS.glob("*.txt")), ids=lambda path: path.stem)
def test_expected_paragraphs_stand_in_their_dump_in_order(path: Path) -> None:
    expected = json.loads(path.with_suffix(".expected.json").read_text(encoding="utf-8"))
    dump = " ".join(path.read_text(encoding="utf-8").split())
    at = 0
    for article in expected["articles"]:
        assert [p["text"] for p in article["paragraphs"] if p["kind"] == "headline"] == [article["title"]]
        assert article["published_at"] is not None or not article["published_at_inferred"]
        for paragraph in article["paragraphs"]:
            found = dump.find(paragraph["text"], at)
            assert found >= 0, paragraph["text"]
            at = found + len(paragraph["text"])
