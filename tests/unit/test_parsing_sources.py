"""Files and folders: walking, what is skipped and why, ids and origins."""

import logging
import os
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.errors import SourceError
from qa_service.parsing import plain_text, read_sources
from tests.unit.parsing_checks import read

STORY = "Old Road Closed At Once\n\nThe council met on Tuesday and closed the old road.\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / ".hidden").mkdir()
    (tmp_path / "b" / ".hidden" / "x.txt").write_text(STORY)
    (tmp_path / "b" / "Über uns.txt").write_text(STORY)
    (tmp_path / "a.md").write_text("# Title\n\nText.\n")
    (tmp_path / "c.txt").write_text(STORY)
    (tmp_path / ".d.txt").write_text(STORY)
    return tmp_path


def test_a_folder_is_walked_in_sorted_order_without_hidden_files(folder):
    articles, skipped = read(folder)
    assert [article.origin for article in articles] == ["a.md", "b/Über uns.txt", "c.txt"]
    assert [article.article_id for article in articles] == ["a", "b-uber-uns", "c"]
    assert skipped == []


def test_no_place_of_this_machine_gets_into_an_article(folder):
    articles, _ = read(folder, folder / "b")
    assert all(str(folder) not in repr(article) and folder.name not in repr(article) for article in articles)


def test_a_file_is_read_once(folder):
    articles, skipped = read(folder, folder / "c.txt")
    assert len(articles) == 3
    assert (skipped[0].origin, "already read as c.txt" in skipped[0].reason) == ("c.txt", True)


def test_names_that_make_the_same_id_get_a_mark_of_their_content(tmp_path):
    for name in ("a b.txt", "a-b.md", "a_b.txt"):
        (tmp_path / name).write_text(f"# T\n\n{STORY}\nThis is {name}.\n")
    articles, _ = read(tmp_path)
    ids = {article.origin: article.article_id for article in articles}
    assert all(re.fullmatch("a-b-[0-9a-f]{8}", one) for one in ids.values())
    (tmp_path / "a-b.md").unlink()
    articles, _ = read(tmp_path)
    assert {article.origin: article.article_id for article in articles} == {
        name: ids[name] for name in ("a b.txt", "a_b.txt")
    }


def test_many_articles_of_a_file_get_ids_of_their_titles(tmp_path):
    path = tmp_path / "wire.txt"
    stories = [STORY, STORY.replace("Tuesday", "Friday"), STORY.replace("Old", "New")]
    path.write_text("\n\n***\n\n".join(stories))
    tuesday, friday, new = [article.article_id for article in read(path)[0]]
    assert new == "wire-new-road-closed-at-once"
    assert all(re.fullmatch("wire-old-road-closed-at-once-[0-9a-f]{8}", one) for one in (tuesday, friday))
    path.write_text("\n\n***\n\n".join(reversed(stories)))
    assert [article.article_id for article in read(path)[0]] == [new, friday, tuesday]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"", "empty"),
        ("a.md", b"", "empty"),
        ("a.jsonl", b"", "empty"),
        ("a.txt", b" \n\t\n\xef\xbb\xbf", "blank"),
        ("a.jsonl", b"\n \n", "blank"),
        ("a.txt", b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
        ("a.jsonl", b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
        ("a.md", b"\x1f\x8b\x08\x08\x81\x8d\x90", "binary"),
        ("a.txt", b"\x01\x02\x03\x04 text", "binary"),
        ("a.txt", b"\xff\xfea", "UTF-16"),
        ("a.xyz", b"%PDF", "unknown type .xyz; known are .txt"),
        ("a", b"x", "no suffix"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_reason(tmp_path, name, data, reason):
    (tmp_path / name).write_bytes(data)
    (tmp_path / "z.txt").write_text(STORY)
    articles, (skipped,) = read(tmp_path)
    assert [article.origin for article in articles] == ["z.txt"]
    assert skipped.origin == name
    assert reason in skipped.reason


def test_limits_of_text_files(tmp_path, monkeypatch):
    (tmp_path / "lines.txt").write_text("a\n" * 60)
    (tmp_path / "size.txt").write_text("a" * 1000)
    monkeypatch.setattr(plain_text, "MOST_LINES", 50)
    monkeypatch.setattr(plain_text, "LARGEST_FILE", 999)
    articles, skipped = read(tmp_path)
    assert articles == []
    assert ["more than 50 lines" in skipped[0].reason, "larger than" in skipped[1].reason] == [True, True]


def test_a_source_that_does_not_exist_stops_before_anything_is_read(folder):
    with pytest.raises(SourceError, match="does not exist"):
        read_sources([folder, folder / "none.txt"])


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000])
def test_an_impossible_name_is_a_source_error(tmp_path, name):
    with pytest.raises(SourceError):
        read_sources([tmp_path / name])


def test_no_source_is_a_source_error():
    with pytest.raises(SourceError, match="No source"):
        read_sources([])


def test_pipes_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(SourceError, match="neither"):
        read_sources([tmp_path / "pipe.txt"])
    _, (skipped,) = read(tmp_path)
    assert (skipped.origin, skipped.reason) == ("pipe.txt", "neither a file nor a folder")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to root")
def test_what_may_not_be_read(folder):
    (folder / "c.txt").chmod(0)
    (folder / "b").chmod(0)
    articles, skipped = read(folder)
    assert [article.origin for article in articles] == ["a.md"]
    assert [item.origin for item in skipped] == ["b", "c.txt"]
    with pytest.raises(SourceError, match="cannot be read"):
        read_sources([folder / "c.txt"])


def test_links(folder):
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "gone.txt").symlink_to(folder / "nothing.txt")
    (folder / "same.txt").symlink_to(folder / "c.txt")
    articles, skipped = read(folder)
    assert len(articles) == 3
    assert [item.origin for item in skipped] == ["gone.txt", "loop", "same.txt"]
    assert "link to a folder" in skipped[1].reason


def test_a_link_takes_nothing_from_outside_of_the_folder(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "secret.txt"
    outside.write_text("Secret\n\nNobody was to read this.\n", encoding="utf-8")
    (folder / "b" / "secret.txt").symlink_to(outside)
    (folder / "far.txt").symlink_to("b/secret.txt")
    articles, skipped = read(folder)
    assert not [article for article in articles if "Secret" in article.text]
    assert [item.origin for item in skipped] == ["b/secret.txt", "far.txt"]
    assert all("outside of the folder" in item.reason for item in skipped)
    named, _ = read(folder / "far.txt")  # whoever names it means it
    assert [article.title for article in named] == ["Secret"]


@pytest.fixture
def deep_folder(tmp_path):
    """Folders nested deeper than Python calls can be; taken away again, for pytest could not."""
    here, depth = Path.cwd(), sys.getrecursionlimit() + 200
    os.chdir(tmp_path)
    for _ in range(depth):
        Path("d").mkdir()
        os.chdir("d")
    yield tmp_path
    for _ in range(depth):
        os.chdir("..")
        Path("d").rmdir()
    os.chdir(here)


def test_a_deep_folder_is_walked(deep_folder):
    (deep_folder / "z.txt").write_text(STORY)
    articles, skipped = read(deep_folder)
    assert ([article.origin for article in articles], skipped) == (["z.txt"], [])


def test_an_empty_folder_yields_nothing(tmp_path):
    assert read(tmp_path) == ([], [])


def test_windows_1252_is_read_and_noted(tmp_path, caplog):
    (tmp_path / "a.txt").write_bytes(
        "Das Café – “zu”\n\nEs schließt heute früher als sonst.".encode("cp1252")
    )
    with caplog.at_level(logging.WARNING):
        (article,), _ = read(tmp_path)
    assert article.title == "Das Café – “zu”"
    assert "a.txt: no UTF-8; read as Windows-1252" in caplog.text


@pytest.mark.skipif(os.name != "posix", reason="names of bytes")
def test_a_name_that_is_no_text_can_be_shown(tmp_path):
    (tmp_path / os.fsdecode(b"a\xff\n.txt")).write_text(STORY)
    (article,), _ = read(tmp_path)
    assert article.origin == "a\ufffd\ufffd.txt"
    assert article.origin.encode()


@given(data=st.binary(max_size=400), suffix=st.sampled_from([".txt", ".md", ".jsonl"]))
def test_any_bytes_give_articles_or_reasons(tmp_path_factory, data, suffix):
    path = tmp_path_factory.mktemp("bytes") / f"a{suffix}"
    path.write_bytes(data)
    articles, skipped = read(path)
    assert articles or skipped
    for text in [article.text + article.title for article in articles] + [item.reason for item in skipped]:
        assert "\0" not in text
        text.encode()
