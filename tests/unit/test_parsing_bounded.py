"""The process that parses: what it hands back, and what becomes of files that take too much."""

import json
import os
import signal
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain import ParagraphKind
from qa_service.parsing import Skipped, frames, read_sources
from qa_service.parsing.bounded import BoundedParser
from qa_service.parsing.draft import Draft, Noted
from qa_service.parsing.paragraphs import join_pieces
from tests.unit.parsing_checks import InThisProcess, assert_sound

ARTICLES = Path(__file__).resolve().parents[1] / "articles"
STORY = "Old Road Closed At Once\n\nThe council met on Tuesday and closed the old road.\n"


@pytest.fixture(scope="module")
def parser():
    with closing(BoundedParser()) as running:
        yield running


def read_all(parser, path):
    return list(parser.read(path, path.name, path.suffix))


def written(folder, name, data):
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder / name


def worker_of(parser):
    return parser._worker._process.pid


def test_a_process_hands_back_what_this_one_would_read():
    inside = list(read_sources([ARTICLES], parser=InThisProcess()))
    assert list(read_sources([ARTICLES])) == inside
    assert len(inside) > 20


def test_one_process_reads_many_files_and_ends_with_the_parser(tmp_path):
    parser = BoundedParser()
    (first,) = read_all(parser, written(tmp_path, "a.txt", STORY))
    pid = worker_of(parser)
    (second,) = read_all(parser, written(tmp_path, "b.md", STORY))
    assert (worker_of(parser), first.origin, second.origin) == (pid, "a.txt", "b.md")
    parser.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_the_process_knows_no_models(parser, tmp_path):
    for path in (ARTICLES / "formats" / "ferry.html", ARTICLES / "formats" / "courier.rss"):
        read_all(parser, path)
    mapped = Path(f"/proc/{worker_of(parser)}/maps")
    if mapped.exists():
        assert not any(name in mapped.read_text() for name in ("torch", "faiss", "numpy"))


def test_notes_come_with_the_file_they_are_about(parser, tmp_path):
    found = read_all(parser, written(tmp_path, "a.txt", STORY.encode() + b"Caf\xe9 \xc3\xa9\xc3\xa9\n"))
    assert [type(item) for item in found] == [Noted, Draft]
    assert (found[0].origin, "replaced" in found[0].remark) == ("a.txt", True)


def test_notes_of_a_run_are_told_and_logged(tmp_path, caplog):
    written(tmp_path, "a.txt", STORY.encode() + b"Caf\xe9 \xc3\xa9\xc3\xa9\n")
    notes = []
    list(read_sources([tmp_path], on_note=notes.append))
    assert [note.origin for note in notes] == ["a.txt"]
    assert f"a.txt: {notes[0].remark}" in caplog.text


def test_a_file_of_many_remarks_tells_the_first_and_counts_the_rest(tmp_path):
    lines = (f'{{"title": "T{n}", "text": "\\u0000 words of it"}}\n' for n in range(30))
    written(tmp_path, "a.jsonl", "".join(lines))
    notes = []
    assert len(list(read_sources([tmp_path], on_note=notes.append))) == 30
    assert len(notes) == 21
    assert notes[-1] == Noted("a.jsonl", "10 more remarks on it are left out")


def test_a_file_that_takes_too_long_is_given_up_and_the_next_is_read(tmp_path):
    with closing(BoundedParser(seconds=0.3)) as parser:
        slow = written(tmp_path, "slow.txt", "".join(f"Some line of words {n}.\n" for n in range(200_000)))
        (skipped,) = read_all(parser, slow)
        assert skipped == Skipped("slow.txt", "it took longer than 0.3 s to read")
        (draft,) = read_all(parser, written(tmp_path, "a.txt", STORY))
        assert_sound(draft)


def test_a_file_that_takes_too_much_memory_is_given_up_and_the_next_is_read(tmp_path):
    with closing(BoundedParser(memory_mib=160)) as parser:
        (skipped,) = read_all(parser, written(tmp_path, "big.txt", "Ж" + "Some words. " * (1 << 20)))
        assert skipped == Skipped("big.txt", "it needs more than 160 MiB of memory to read")
        (draft,) = read_all(parser, written(tmp_path, "a.txt", STORY))
        assert_sound(draft)


def test_a_process_that_dies_between_files_is_started_anew(tmp_path):
    with closing(BoundedParser()) as parser:
        path = written(tmp_path, "a.txt", STORY)
        read_all(parser, path)
        os.kill(worker_of(parser), signal.SIGSEGV)
        (draft,) = read_all(parser, path)
        assert_sound(draft)


def test_a_reader_that_is_left_in_the_midst_of_a_file_reads_the_next_from_its_start(tmp_path):
    with closing(BoundedParser()) as parser:
        many = "\n".join(json.dumps({"title": f"T{n}", "text": "Words."}) for n in range(20_000))
        reading = parser.read(written(tmp_path, "a.jsonl", many), "a.jsonl", ".jsonl")
        assert next(reading).title == "T0"
        reading.close()
        (draft,) = read_all(parser, written(tmp_path, "b.txt", STORY))
        assert draft.origin == "b.txt"


def test_modules_do_not_come_from_the_folder_one_stands_in(tmp_path, monkeypatch):
    for name in ("json", "struct", "lxml", "qa_service"):
        written(tmp_path, f"{name}.py", f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    with closing(BoundedParser()) as parser:
        (draft,) = read_all(parser, written(tmp_path, "a.txt", STORY))
    assert_sound(draft)
    assert not (tmp_path / "ran").exists()


def hostile_files(folder):
    """Write files that a parser without bounds would choke on."""
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    written(
        folder, "entities.xml", f'<!DOCTYPE rss [<!ENTITY e0 "x">{bomb}]><rss><channel><item>&e11;</item>'
    )
    written(folder, "entities.html", f'<!DOCTYPE html [<!ENTITY e0 "x">{bomb}]><p>&e11;')
    written(folder, "deep.jsonl", "[" * 100_000 + "\n")
    written(folder, "deep.html", "<div>" * 100_000)
    written(folder, "deep.xml", "<rss>" + "<a>" * 100_000)
    written(folder, "line.jsonl", b'{"title": "' + b"a" * (100 << 20))
    written(folder, "line.txt", b"a" * (100 << 20))
    written(folder, "loop.pdf", b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[2 0 R]"
            b"/Count 9>>endobj trailer<</Root 1 0 R>>")  # fmt: skip
    with zipfile.ZipFile(folder / "bomb.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (300 << 20))
    return sorted(path.name for path in folder.iterdir())


def test_hostile_files_are_named_and_the_rest_is_read(tmp_path):
    names = hostile_files(tmp_path)
    written(tmp_path, "z.txt", STORY)
    found = list(read_sources([tmp_path]))
    skipped = {item.origin.partition(":")[0] for item in found if isinstance(item, Skipped)}
    articles = [item for item in found if not isinstance(item, Skipped)]
    assert articles[-1].origin == "z.txt"
    assert skipped | {article.origin for article in articles} == {*names, "z.txt"}
    assert {"deep.jsonl", "line.jsonl", "line.txt", "loop.pdf", "bomb.docx"} <= skipped
    for article in articles:
        assert_sound(article)


KINDS = st.sampled_from(list(ParagraphKind))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(
    st.lists(st.tuples(KINDS, TEXTS), max_size=6), TEXTS, st.lists(TEXTS, max_size=3),
    st.one_of(st.none(), st.integers(1, 9)),
)  # fmt: skip
def test_drafts_come_back_from_frames_as_they_went_in(pieces, title, names, page):
    text, paragraphs = join_pieces(pieces)
    draft = Draft(
        "a", title, text, paragraphs, authors=tuple(names), furniture=tuple(names), published_at=title
    )
    if page:
        values = frames.plain_draft(draft)
        values["paragraphs"] = [(*one[:3], page) for one in values["paragraphs"]]
        draft = frames.draft_from(values)
    body = frames.packed({"value": frames.plain_draft(draft)})[frames.HEAD.size :]
    assert frames.draft_from(frames.unpacked(body)["value"]) == draft
