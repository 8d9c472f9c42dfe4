"""JSON Lines: exact paragraphs, and every broken line named."""

import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain import ParagraphKind
from qa_service.parsing import json_lines
from qa_service.parsing.decoding import clean
from qa_service.parsing.kinds import kinds_of_blocks
from tests.unit.parsing_checks import read

GOOD = {"id": "a", "title": "A title", "text": "One.\n\nTwo."}


def write(folder, *lines, name="a.jsonl"):
    path = folder / name
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), "utf-8")
    return path


def test_all_fields(tmp_path):
    line = GOOD | {
        "url": "https://example.org/a", "source": "Courier", "authors": ["Ann Lee", "Tom Roe"],
        "published_at": "2025-05-02", "updated_at": "May 3, 2025", "unknown": {"x": [1]},
    }  # fmt: skip
    (article,), skipped = read(write(tmp_path, line))
    assert skipped == []
    assert (article.article_id, article.title, article.origin) == ("a", "A title", "a.jsonl:1")
    assert (article.url, article.source) == ("https://example.org/a", "Courier")
    assert article.authors == ("Ann Lee", "Tom Roe")
    assert (article.published_at, article.updated_at) == ("2025-05-02", "2025-05-03")
    assert article.published_at_inferred is False
    assert [paragraph.text for paragraph in article.paragraphs] == ["One.", "Two."]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not valid JSON"),
        ("[1]", "is a list"),
        ('"x"', '"x"'),
        ("null", "is null"),
        ('{"title": "x", "text": NaN}', "NaN is no number"),
        ('{"title": "x", "title": "y", "text": "z"}', '"title" stands twice'),
        ("[" * 100_000, "nested too deep"),
        ('{"a":' * 50_000 + "1" + "}" * 50_000, "nested too deep"),
        ('{"title": "x", "text": ' + "9" * 5_000 + "}", "not valid JSON"),
        ({"text": "x"}, '"title" is missing'),
        ({"title": "x"}, '"text" is missing'),
        ({"title": " \n", "text": "x"}, '"title" is blank'),
        ({"title": "x", "text": " \n \u00a0"}, '"text" is blank'),
        ({"title": 5, "text": "x"}, '"title" is a number'),
        ({"title": "x", "text": ["y"]}, '"text" is a list'),
        ({"title": "x", "text": "y", "source": {}}, '"source" is an object'),
        ({"title": "x", "text": "y", "authors": [1]}, '"authors" holds a number'),
        ({"title": "x", "text": "y", "published_at": "2025-02-30"}, '"published_at" is "2025-02-30"'),
        ({"title": "x", "text": "y", "updated_at": "soon"}, '"updated_at" is "soon"'),
        ({"title": "x", "text": "y", "published_at": 2025}, '"published_at" is a number'),
        ({"title": "x", "text": "y", "id": " "}, '"id" is blank'),
        ({"title": "x", "text": "y", "id": "a\nb"}, "control characters"),
        ({"title": "x", "text": "y", "id": "a" * 201}, "201 characters"),
        ({"title": "x", "text": "y", "id": True}, '"id" is true or false'),
        ({"title": "x", "text": "y", "id": "\ud800"}, '"id"'),
    ],
)
def test_a_broken_line_is_named_and_the_rest_go_on(tmp_path, line, reason):
    articles, (skipped,) = read(write(tmp_path, GOOD, "", line, GOOD | {"id": "b"}))
    assert [article.article_id for article in articles] == ["a", "b"]
    assert skipped.origin == "a.jsonl:3"
    assert reason in skipped.reason
    assert "\n" not in skipped.reason
    assert len(skipped.reason) < 400


@pytest.mark.parametrize("absent", [None, "", " "])
def test_null_and_blank_fields_count_as_absent(tmp_path, absent):
    fields = dict.fromkeys(("url", "source", "published_at", "updated_at"), absent)
    (article,), skipped = read(write(tmp_path, GOOD | fields | {"authors": None}))
    assert skipped == []
    assert (article.url, article.source, article.published_at, article.authors) == (None, None, None, ())


@pytest.mark.parametrize(
    ("text", "stated", "published_at", "inferred"),
    [
        ("BRENNHAVEN, March 3, 2025 (NPA) — It rained.\n\nIt stopped.", None, "2025-03-03", False),
        (
            "Boats lie at anchor on March 4, 2025. Ann LEE / NPA\n\nIt rained all day.",
            None,
            "2025-03-04",
            True,
        ),
        (
            "Boats lie at anchor on March 4, 2025. Ann LEE / NPA\n\nIt rained.",
            "2025-03-05",
            "2025-03-05",
            False,
        ),
        ("It rained on March 4, 2025, and then it stopped.", None, None, False),
    ],
    ids=["dateline", "caption", "stated", "body"],
)
def test_what_dates_an_article(tmp_path, text, stated, published_at, inferred):
    (article,), _ = read(write(tmp_path, {"title": "x", "text": text, "published_at": stated}))
    assert (article.published_at, article.published_at_inferred) == (published_at, inferred)


def test_a_number_may_be_an_id(tmp_path):
    (article,), _ = read(write(tmp_path, GOOD | {"id": 17}))
    assert article.article_id == "17"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "www.example.org", "https://a b"])
def test_only_web_addresses_become_links(tmp_path, url, caplog):
    (article,), _ = read(write(tmp_path, GOOD | {"url": url}))
    assert article.url is None
    assert "a.jsonl:1" in caplog.text


def test_characters_that_no_text_has_are_replaced(tmp_path):
    line = '{"id": "a", "title": "x\\ud800", "text": "a\\u0000b\\udfff\\ud83d\\ude00"}'
    (article,), _ = read(write(tmp_path, line))
    assert (article.title, article.text) == ("x\ufffd", "a\ufffdb\ufffd😀")


def test_ids_that_repeat_name_both_places(tmp_path):
    first = write(tmp_path, GOOD, GOOD | {"title": "Other"})
    second = write(tmp_path, GOOD, name="b.jsonl")
    articles, skipped = read(first, second)
    assert len(articles) == 1
    assert [item.origin for item in skipped] == ["a.jsonl:2", "b.jsonl:1"]
    assert all("a.jsonl:1" in item.reason and item.origin in item.reason for item in skipped)


def test_lines_without_id_get_one_of_file_and_title(tmp_path):
    lines = [{"title": title, "text": text} for title, text in (("One", "x"), ("Two", "y"), ("Two", "z"))]
    articles, skipped = read(write(tmp_path, *lines))
    ids = [article.article_id for article in articles]
    assert ids[0] == "a-one"
    assert all(re.fullmatch("a-two-[0-9a-f]{8}", one) for one in ids[1:])
    assert skipped == []
    again, _ = read(write(tmp_path, *reversed(lines)))
    assert [article.article_id for article in again] == ids[::-1]


def test_a_line_that_is_too_long_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(json_lines, "LONGEST_LINE", 200)
    articles, (skipped,) = read(
        write(tmp_path, GOOD, GOOD | {"id": "b", "text": "x" * 500}, GOOD | {"id": "c"})
    )
    assert [article.article_id for article in articles] == ["a", "c"]
    assert (skipped.origin, "longer than" in skipped.reason) == ("a.jsonl:2", True)


def test_encodings(tmp_path, caplog):
    path = tmp_path / "a.jsonl"
    line = '{"id": "%s", "title": "Köln", "text": "Été"}'
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        path.write_bytes((line % "a").encode(encoding))
        (article,), skipped = read(path)
        assert (article.title, article.text, skipped) == ("Köln", "Été", [])
    path.write_bytes((line % "a").encode() + b"\n" + (line % "b").encode("cp1252"))
    articles, skipped = read(path)
    assert [(article.title, article.text) for article in articles] == [("Köln", "Été")] * 2
    assert skipped == []
    assert "a.jsonl:2" in caplog.text


def test_reading_is_lazy(tmp_path):
    path = write(tmp_path, *(GOOD | {"id": str(number)} for number in range(100)))
    items = json_lines.read_json_lines(path, "a.jsonl")
    assert next(items).origin == "a.jsonl:1"
    items.close()


def test_kinds():
    texts = [
        "The mill burnt for two days before the rain came and put it out.",
        "What burnt",
        "Smoke over the mill on May 2, 2025. Ida MOORCROFT / NPA",
        "– ‘Nothing left’ –",
        "Correction: It burnt for three days.",
        "The owner said that he would build it again, and soon.",
        "A New Roof",
        "The roof came first.",
        "The End",
    ]
    body, subhead, caption, correction = (
        ParagraphKind(k) for k in ("body", "subhead", "caption", "correction")
    )
    assert kinds_of_blocks(texts) == [body, body, caption, body, correction, body, subhead, body, body]


SPACES = st.sampled_from(
    ["\n", "\n\n", "\n \t\n", " ", "\r\n\r\n", "\r", "\u00a0", "\n\n\n", "\u2028", "\x1c"]
)
TEXTS = st.lists(st.one_of(st.text(max_size=20), SPACES), min_size=1, max_size=20).map("".join)


@given(text=TEXTS)
def test_the_nth_block_is_paragraph_n(tmp_path_factory, text):
    expected = unicodedata.normalize(
        "NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    )
    path = write(tmp_path_factory.mktemp("lines"), {"id": "a", "title": "t", "text": text})
    articles, skipped = read(path)
    if not expected.strip():
        assert "blank" in skipped[0].reason
        return
    (article,) = articles
    blocks = [block.strip() for block in re.split(r"\n\s*\n", expected.strip())]
    assert article.text == expected
    assert [paragraph.text for paragraph in article.paragraphs] == blocks
    assert [paragraph.index for paragraph in article.paragraphs] == list(range(len(article.paragraphs)))


@given(st.lists(st.text(max_size=60).map(clean), max_size=12))
def test_every_block_gets_one_kind(texts):
    kinds = kinds_of_blocks(texts)
    assert len(kinds) == len(texts)
    assert ParagraphKind.HEADLINE not in kinds


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "cp1251", "koi8-r"])
def test_lines_in_other_encodings(tmp_path, encoding):
    line = json.dumps(
        {"title": "Паром", "text": "Последний паром отправится в воскресенье."}, ensure_ascii=False
    )
    (tmp_path / "a.jsonl").write_bytes(f"{line}\n{line}\n".encode(encoding))
    articles, skipped = read(tmp_path)
    assert skipped == []
    assert [article.title for article in articles] == ["Паром", "Паром"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_part_records(tmp_path, end):
    line = json.dumps({"title": "T", "text": "Words."})
    (tmp_path / "a.jsonl").write_bytes(end.join([line, line, "{", line]).encode())
    articles, (skipped,) = read(tmp_path)
    assert len(articles) == 3
    assert skipped.origin == "a.jsonl:3"


def test_lone_surrogates_in_a_line_are_replaced_and_noted(tmp_path, caplog):
    (tmp_path / "a.jsonl").write_text(
        '{"title": "T \\udfff", "authors": ["A\\u0000"], "text": "Words \\ud800 and \\u0000."}\n'
    )
    (article,), _ = read(tmp_path)
    assert article.text == "Words \ufffd and \ufffd."
    assert (article.title, article.authors) == ("T \ufffd", ("A\ufffd",))
    assert caplog.text.count("a.jsonl:1: 1 NUL or lone surrogate was replaced") == 2
    assert "a.jsonl:1: 2 NULs or lone surrogates" in caplog.text
