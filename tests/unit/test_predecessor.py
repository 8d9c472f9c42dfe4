"""A new generation grows from the last intact one, as far as that can be read."""

from pathlib import Path

import pytest

from qa_service import generations
from qa_service.archive import Backends, open_current
from qa_service.chunking import ParagraphChunker
from qa_service.indexing import ReindexReport, reindex
from tests.unit.index_building import BACKENDS, HashEncoder, build, write_articles

ARTICLES = {"ferry": "It sank.\n\nIt was raised.", "mayor": "She resigned."}


class OtherFormat:
    """A lexical backend of a later version, which cannot open what an earlier one wrote."""

    def build(self, texts: object, path: Path) -> None:
        BACKENDS.lexical.build(texts, path)  # type: ignore[arg-type]
        (path / "later").write_bytes(b"")

    def load(self, path: Path) -> object:
        if not (path / "later").exists():
            raise ValueError("The lexical index has another format. Reindex the archive.")
        return BACKENDS.lexical.load(path)


LATER = Backends(BACKENDS.vectors, OtherFormat())  # type: ignore[arg-type]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_articles(tmp_path / "a.jsonl", ARTICLES)


def grown(
    data_dir: Path, source: Path, backends: Backends = BACKENDS, *, title: bool = True
) -> ReindexReport:
    chunker = ParagraphChunker(title=title)
    return reindex([source], data_dir, encoder=HashEncoder(), chunker=chunker, backends=backends)


def test_vectors_are_taken_over_where_the_lexical_index_cannot_be_opened(
    data_dir: Path, source: Path
) -> None:
    old = build(data_dir, source).generation

    report = grown(data_dir, source, LATER)

    assert (report.encoded, report.unchanged) == (0, 2)
    assert old in generations.generation_ids(data_dir), "it is whole, and no case for quarantine"
    assert open_current(data_dir, LATER, None).info.articles == 2


def test_a_changed_title_encodes_that_articles_passages_alone(tmp_path: Path, data_dir: Path) -> None:
    folder, reports = tmp_path / "both", []
    folder.mkdir()
    write_articles(folder / "mayor.jsonl", {"mayor": ARTICLES["mayor"]})
    for title in ("Ferry sinks", "Ferry sinks at night"):
        write_articles(folder / "ferry.jsonl", {"ferry": ARTICLES["ferry"]}, title=title)
        reports.append(build(data_dir, folder))
    assert [(r.encoded, r.changed) for r in reports] == [(3, 0), (2, 1)]


def test_a_changed_title_encodes_nothing_where_titles_are_not_encoded(data_dir: Path, tmp_path: Path) -> None:
    write_articles(tmp_path / "a.jsonl", ARTICLES, title="One")
    grown(data_dir, tmp_path / "a.jsonl", title=False)
    write_articles(tmp_path / "a.jsonl", ARTICLES, title="Two")
    report = grown(data_dir, tmp_path / "a.jsonl", title=False)
    assert (report.encoded, report.changed) == (0, 2)


def test_a_changed_chunker_setting_encodes_once_what_is_seen_otherwise(
    data_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "a", "title": "T", "text": "Alone."}\n')
    assert grown(data_dir, tmp_path / "a.jsonl", title=False).encoded == 1
    assert grown(data_dir, tmp_path / "a.jsonl", title=True).encoded == 1
    assert grown(data_dir, tmp_path / "a.jsonl", title=True).encoded == 0


def test_a_generation_whose_parts_do_not_fit_gives_nothing_and_says_so(
    data_dir: Path, source: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Unreadable:
        build = BACKENDS.vectors.build

        def load(self, path: Path) -> object:
            if "building" in str(path):
                return BACKENDS.vectors.load(path)
            raise RuntimeError("not an index")

    build(data_dir, source)
    report = grown(data_dir, source, Backends(Unreadable(), BACKENDS.lexical))  # type: ignore[arg-type]
    assert report.encoded == 3
    assert "every passage is encoded again" in caplog.text
