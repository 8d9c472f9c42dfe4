"""Reindexing: unchanged vectors are kept, the report is right, and what fails leaves the index as it was."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qa_service import generations
from qa_service.archive import Archive, open_current
from qa_service.chunking import ParagraphChunker
from qa_service.errors import GenerationDamaged, GenerationError, SourceError
from qa_service.indexing import reindex
from qa_service.quarantine import quarantined
from qa_service.writer_lock import writer_lock
from tests.unit.index_building import BACKENDS, HashEncoder, build, bytes_under, write_articles

ARTICLES = {
    "bridge": "The bridge fell on Monday.\n\nNobody was hurt.",
    "mayor": "The mayor resigned.\n\nA vote is due in May.",
    "dog": "A dog swam the strait.",
}


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_articles(tmp_path / "articles.jsonl", ARTICLES)


def opened(data_dir: Path) -> Archive:
    return open_current(data_dir, BACKENDS, None)


def all_vectors(archive: Archive) -> NDArray[np.float32]:
    return archive.vectors.vectors(np.arange(archive.vectors.size))


def content_of(data_dir: Path) -> dict[str, bytes]:
    """Return the files of the current generation but its manifest, which holds times and ids."""
    files = bytes_under(data_dir / "generations" / generations.current_id(data_dir))
    del files["manifest.json"]
    return files


def test_what_is_published_holds_every_article_and_the_encoders_own_vectors(
    data_dir: Path, source: Path
) -> None:
    report = build(data_dir, source)
    archive = opened(data_dir)

    assert report.generation == archive.info.generation == generations.current_id(data_dir)
    assert (archive.info.articles, archive.info.passages) == (3, 5)
    texts = list(archive.store.passage_texts())
    assert [t.text for t in texts] == [p for text in ARTICLES.values() for p in text.split("\n\n")]
    expected = HashEncoder().encode_documents([f"{t.title}\n{t.text}" for t in texts])
    assert all_vectors(archive).tobytes() == expected.tobytes()
    assert archive.lexical.search("strait", 5).rows.tolist() == [4]
    assert archive.manifest.encoder == {
        "name": "hash-8",
        "weight_hash": "a" * 64,
        "number_format": "float32",
        "dimension": 8,
    }
    assert archive.manifest.chunker == ParagraphChunker(title=True).settings


def test_unchanged_passages_are_not_encoded_again(data_dir: Path, source: Path) -> None:
    build(data_dir, source)
    before = all_vectors(opened(data_dir))
    encoder = HashEncoder()

    report = build(data_dir, source, encoder=encoder)

    assert encoder.encoded == []
    assert (report.encoded, report.reused) == (0, 5)
    assert all_vectors(opened(data_dir)).tobytes() == before.tobytes()
    assert opened(data_dir).manifest.parent is not None


def test_taken_over_vectors_are_those_on_the_disk_bit_for_bit(data_dir: Path, source: Path) -> None:
    """An encoder that would now give other vectors shows which of them were taken over."""
    build(data_dir, source)
    before = all_vectors(opened(data_dir))

    class Drifted(HashEncoder):
        def encode_query(self, text: str) -> NDArray[np.float32]:
            return -super().encode_query(text)

    write_articles(source, {"dog": "Another text.", "new": "New.", "bridge": ARTICLES["bridge"]})
    report = build(data_dir, source, encoder=Drifted())

    after = all_vectors(opened(data_dir))
    assert (report.encoded, report.reused) == (2, 2)
    assert after[2:].tobytes() == before[:2].tobytes()
    assert after[0].tolist() == Drifted().encode_query("Title of dog\nAnother text.").tolist()


def test_the_report_counts_what_changed(data_dir: Path, source: Path) -> None:
    first = build(data_dir, source)
    assert (first.articles, first.paragraphs, first.passages) == (3, 5, 5)
    assert (first.added, first.changed, first.removed, first.unchanged) == (3, 0, 0, 0)
    assert (first.encoded, first.reused, first.undated, first.inferred_dates) == (5, 0, 3, 0)

    write_articles(
        source, {"bridge": ARTICLES["bridge"], "mayor": "The mayor stayed.", "cat": "A cat.\n\nA tree."}
    )
    second = build(data_dir, source)

    assert (second.articles, second.passages, second.encoded, second.reused) == (3, 5, 3, 2)
    assert (second.added, second.changed, second.removed, second.unchanged) == (1, 1, 1, 1)
    assert second.skipped == ()
    assert second.seconds > 0


def test_full_encodes_everything_again(data_dir: Path, source: Path) -> None:
    build(data_dir, source)
    encoder = HashEncoder()

    report = build(data_dir, source, encoder=encoder, full=True)

    assert len(encoder.encoded) == report.encoded == 5
    assert (report.reused, report.unchanged) == (0, 3)


@pytest.mark.parametrize("title", [True, False])
def test_other_weights_or_another_cut_take_over_nothing_that_differs(
    data_dir: Path, source: Path, title: bool
) -> None:
    build(data_dir, source)
    encoder = HashEncoder("b" * 64 if title else "a" * 64)

    reindex([source], data_dir, encoder=encoder, chunker=ParagraphChunker(title=title), backends=BACKENDS)

    assert len(encoder.encoded) == 5


def test_a_text_that_stands_often_is_encoded_once(data_dir: Path, tmp_path: Path) -> None:
    boilerplate = "Sign up for our letter."
    many = {
        f"a{n}": f"{boilerplate}\n\nStory {n}." for n in range(700)
    }  # 1,400 passages: more than one block
    source = write_articles(tmp_path / "many.jsonl", many, title="One title")
    encoder = HashEncoder()

    report = build(data_dir, source, encoder=encoder)

    assert encoder.encoded.count(f"One title\n{boilerplate}") == 1
    assert (report.passages, report.encoded, report.reused) == (1400, 701, 699)
    vectors = all_vectors(opened(data_dir))
    expected = np.stack(
        [encoder.encode_query(f"One title\n{p}") for t in many.values() for p in t.split("\n\n")]
    )
    assert vectors.tobytes() == expected.tobytes()


def test_the_same_input_gives_the_same_bytes(data_dir: Path, source: Path, tmp_path: Path) -> None:
    build(data_dir, source)
    first = content_of(data_dir)
    build(data_dir, source)
    second = content_of(data_dir)
    build(tmp_path / "elsewhere", source)

    assert set(first) >= {"articles.sqlite", "vectors.faiss"}
    assert first == second == content_of(tmp_path / "elsewhere")


archives = st.dictionaries(
    st.sampled_from("abcde"),
    st.lists(st.sampled_from(["One.", "Two two.", "Drei 🎈.", "One. One."]), min_size=1, max_size=3).map(
        "\n\n".join
    ),
    min_size=1,
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(archives, min_size=2, max_size=3))
def test_a_history_of_reindexes_ends_in_the_same_bytes_as_one_from_scratch(
    tmp_path_factory: pytest.TempPathFactory, history: list[dict[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("history")
    for state in history:
        source = write_articles(folder / "articles.jsonl", state, title="T")
        build(folder / "grown", source)
    build(folder / "fresh", source)

    assert content_of(folder / "grown") == content_of(folder / "fresh")
    assert len(generations.generation_ids(folder / "grown")) == 2


# --- sources that are bad


def test_broken_lines_and_doubled_ids_are_named_and_the_rest_goes_on(data_dir: Path, tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": "one", "title": "T", "text": "First."}),
        "{broken",
        json.dumps({"id": "one", "title": "T", "text": "Again."}),
        json.dumps({"id": "two", "title": "T", "text": "Second."}),
    ]
    (tmp_path / "mixed.jsonl").write_text("\n".join(lines))

    report = build(data_dir, tmp_path / "mixed.jsonl")

    assert report.articles == 2
    assert [s.origin for s in report.skipped] == ["mixed.jsonl:2", "mixed.jsonl:3"]
    assert "one" in report.skipped[1].reason
    assert opened(data_dir).store.article("one").text == "First."


def _missing(path: Path) -> None:
    pass


def _empty_file(path: Path) -> None:
    path.write_bytes(b"")


def _empty_folder(path: Path) -> None:
    path.mkdir()


def _binary(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 20)


def _broken_lines(path: Path) -> None:
    path.write_text("{\n[1]\n")


@pytest.mark.parametrize("make", [_missing, _empty_file, _empty_folder, _binary, _broken_lines])
@pytest.mark.parametrize("dry_run", [True, False])
def test_where_no_article_is_found_nothing_is_written(
    data_dir: Path, source: Path, tmp_path: Path, make: Callable[[Path], None], dry_run: bool
) -> None:
    bad = tmp_path / "bad.jsonl"
    make(bad)

    with pytest.raises(SourceError, match=r"bad\.jsonl"):
        build(data_dir, bad, dry_run=dry_run)
    assert not data_dir.exists()

    build(data_dir, source)
    before = bytes_under(data_dir)
    with pytest.raises(SourceError):
        build(data_dir, bad, dry_run=dry_run)
    assert bytes_under(data_dir) == before


def test_a_source_that_is_missing_stops_the_run_before_the_good_ones_are_read(
    data_dir: Path, source: Path
) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        build(data_dir, source, source.parent / "typo")
    assert not data_dir.exists()


# --- dry run


def test_a_dry_run_reports_and_writes_nothing(data_dir: Path, source: Path) -> None:
    report = build(data_dir, source, dry_run=True)
    assert (report.generation, report.articles, report.added, report.encoded) == (None, 3, 3, 5)
    assert not data_dir.exists()

    build(data_dir, source)
    write_articles(source, {"bridge": ARTICLES["bridge"], "new": "New."})
    before = {path: path.stat().st_mtime_ns for path in data_dir.rglob("*")}
    encoder = HashEncoder()

    report = build(data_dir, source, encoder=encoder, dry_run=True)

    assert (report.added, report.removed, report.unchanged) == (1, 2, 1)
    assert (report.encoded, report.reused, encoder.encoded) == (1, 2, [])
    assert {path: path.stat().st_mtime_ns for path in data_dir.rglob("*")} == before


def test_a_dry_run_needs_no_lock(data_dir: Path, source: Path) -> None:
    with writer_lock(data_dir):
        assert build(data_dir, source, dry_run=True).articles == 3


# --- trouble on the way


def test_a_damaged_index_is_told_passed_over_and_kept(
    data_dir: Path, source: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = build(data_dir, source).generation, build(data_dir, source).generation
    assert first is not None
    assert second is not None
    (data_dir / "generations" / second / "vectors.faiss").write_bytes(b"")

    report = build(data_dir, source)

    assert f"Generation {second} is damaged" in caplog.text
    assert (report.encoded, opened(data_dir).manifest.parent) == (0, first)
    assert set(generations.generation_ids(data_dir)) == {first, report.generation}
    assert quarantined(data_dir) == [second]


def test_an_index_that_is_damaged_whole_is_built_from_scratch(data_dir: Path, source: Path) -> None:
    name = build(data_dir, source).generation
    assert name is not None
    (data_dir / "generations" / name / "articles.sqlite").write_bytes(b"")
    encoder = HashEncoder()

    report = build(data_dir, source, encoder=encoder)

    assert (report.added, len(encoder.encoded)) == (3, 5)
    assert opened(data_dir).manifest.parent is None
    assert (data_dir / "quarantine" / name).is_dir()


@pytest.mark.parametrize(
    ("error", "told"),
    [(RuntimeError("out of memory"), GenerationError), (KeyboardInterrupt(), KeyboardInterrupt)],
)
def test_an_encoder_that_fails_leaves_the_index_as_it_was(
    data_dir: Path, source: Path, error: BaseException, told: type[BaseException]
) -> None:
    build(data_dir, source)
    before = bytes_under(data_dir)

    class Failing(HashEncoder):
        def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
            raise error

    with pytest.raises(told):
        build(data_dir, source, encoder=Failing("b" * 64))
    assert bytes_under(data_dir) == before


def test_an_encoder_that_loses_a_text_is_found_out(data_dir: Path, source: Path) -> None:
    class Losing(HashEncoder):
        def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
            return super().encode_documents(texts[1:])

    with pytest.raises(ValueError, match="zip"):
        build(data_dir, source, encoder=Losing())
    assert generations.generation_ids(data_dir) == []


class AlteringVectors:
    """A vector backend on a disk that alters what is written to it."""

    def build(self, blocks: object, dimension: int, path: Path) -> None:
        BACKENDS.vectors.build([next(iter(blocks)) * np.float32(0.5)], dimension, path)  # type: ignore[call-overload]

    def load(self, path: Path) -> object:
        return BACKENDS.vectors.load(path)


def test_vectors_that_read_otherwise_than_they_were_written_are_not_published(
    data_dir: Path, source: Path
) -> None:
    build(data_dir, source)
    before = bytes_under(data_dir)
    backends = type(BACKENDS)(AlteringVectors(), BACKENDS.lexical)  # type: ignore[arg-type]

    with pytest.raises(GenerationDamaged, match="otherwise than it was written"):
        reindex([source], data_dir, encoder=HashEncoder(), chunker=ParagraphChunker(), backends=backends)
    (data_dir / "unfinished.vectors").unlink()  # what was encoded is kept for the next try
    assert bytes_under(data_dir) == before


def test_a_data_folder_that_cannot_be_written_is_said(source: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    with pytest.raises(GenerationError, match=r"Cannot write to the data folder .*Not a directory"):
        build(file / "data", source)


def test_a_new_generation_counts_even_where_an_old_one_cannot_be_removed(
    data_dir: Path, source: Path, caplog: pytest.LogCaptureFixture
) -> None:
    oldest = build(data_dir, source).generation
    build(data_dir, source)

    def in_the_way(stage: str, done: int, total: int | None) -> None:
        (data_dir / "generations" / f".removing-{oldest}" / "file").mkdir(parents=True, exist_ok=True)

    report = build(data_dir, source, progress=in_the_way)

    assert report.generation == generations.current_id(data_dir)
    assert "could not be removed" in caplog.text
    build(data_dir, source)
    assert len(list((data_dir / "generations").iterdir())) == 2


def test_old_generations_go_and_the_number_to_keep_is_kept(data_dir: Path, source: Path) -> None:
    names = [build(data_dir, source, keep=3).generation for _ in range(5)]
    assert set(generations.generation_ids(data_dir)) == set(names[2:])


def test_progress_counts_up_to_what_the_report_says(data_dir: Path, tmp_path: Path) -> None:
    source = write_articles(tmp_path / "many.jsonl", {f"a{n}": f"Story {n}." for n in range(300)})
    told: list[tuple[str, int, int | None]] = []

    report = build(data_dir, source, progress=lambda *step: told.append(step))

    assert [step for step in told if step[0] == "reading"] == [("reading", n, None) for n in range(1, 301)]
    assert [step for step in told if step[0] == "encoding"] == [("encoding", n, 300) for n in (128, 256, 300)]
    assert report.encoded == 300
