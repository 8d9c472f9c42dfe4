"""Reindexing costs what changed, gives the same bytes each time, and keeps ids, links and dates."""

import json
from pathlib import Path

from qa_service import bootstrap, generations
from qa_service.archive import open_current
from qa_service.chunking import ParagraphChunker
from qa_service.indexing import reindex
from tests.unit.index_building import BACKENDS, HashEncoder, build, bytes_under, write_articles
from tests.unit.shared_folder import needs_shared, shared_folder

MANY = {f"a{n}": f"Story {n}.\n\nPlace {n}.\n\nTime {n}." for n in range(300)}


def content_of(data_dir: Path) -> dict[str, bytes]:
    """Return the files of the current generation but its manifest, which holds times and ids."""
    files = bytes_under(data_dir / "generations" / generations.current_id(data_dir))
    del files["manifest.json"]
    return files


def test_one_changed_article_takes_at_most_a_hundredth_of_the_encoders_work(tmp_path: Path) -> None:
    source, data_dir, whole, one = tmp_path / "a.jsonl", tmp_path / "data", HashEncoder(), HashEncoder()
    build(data_dir, write_articles(source, MANY), encoder=whole)
    build(
        data_dir,
        write_articles(source, MANY | {"a150": "Story 150.\n\nAnother place.\n\nTime 150."}),
        encoder=one,
    )
    assert one.encoded == ["Title of a150\nAnother place."]
    assert len(one.encoded) <= 0.01 * len(whole.encoded)


def reindexed(data_dir: Path, *sources: Path) -> dict[str, bytes]:
    reindex(sources, data_dir, encoder=HashEncoder(), chunker=ParagraphChunker(), backends=BACKENDS)
    return content_of(data_dir)


def test_reindexing_the_samples_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    once = reindexed(tmp_path / "data", bootstrap.sample_folder())
    assert reindexed(tmp_path / "data", bootstrap.sample_folder()) == once
    assert reindexed(tmp_path / "elsewhere", bootstrap.sample_folder()) == once


@needs_shared
def test_reindexing_the_seed_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    seed = shared_folder() / "seed"
    once = reindexed(tmp_path / "data", seed)
    assert reindexed(tmp_path / "data", seed) == once
    assert reindexed(tmp_path / "elsewhere", seed) == once


def test_ids_and_paragraphs_of_an_unchanged_article_outlive_every_change_around_it(tmp_path: Path) -> None:
    folder, data_dir = tmp_path / "articles", tmp_path / "data"
    (folder / "2026").mkdir(parents=True)
    story = "# The Ferry Sank\n\nIt sank at night.\n\nNobody was hurt.\n"
    (folder / "2026" / "ferry.md").write_text(story)
    line = {"id": "given/id 1", "title": "T", "text": "One.\n\nTwo.", "updated_at": "2026-05-04T10:00:00Z"}
    (folder / "wire.jsonl").write_text(json.dumps(line))
    build(data_dir, folder)
    before = open_current(data_dir, BACKENDS, None).store
    kept = [before.article(article_id) for article_id in ("2026-ferry", "given/id 1")]

    (folder / "2026" / "a-first.md").write_text("# Another\n\nNew.\n")
    (folder / "2025").mkdir()
    (folder / "2025" / "ferry.md").write_text(story)
    build(data_dir, folder)

    after = open_current(data_dir, BACKENDS, None).store
    assert [after.article(article.article_id) for article in kept] == kept
    assert [p.index for p in kept[0].paragraphs] == [None, 0, 1]
    assert kept[1].updated_at == "2026-05-04T10:00:00+00:00"


def test_articles_that_are_added_and_moved_about_leave_the_ids_of_others_alone(tmp_path: Path) -> None:
    source, data_dir = tmp_path / "wire.jsonl", tmp_path / "data"
    lines = [json.dumps({"title": "Weather", "text": f"Day {n}."}) for n in range(4)]
    source.write_text("\n".join(lines[:3]))
    build(data_dir, source)
    before = {a.article_id for a in open_current(data_dir, BACKENDS, None).store.articles(9)}
    source.write_text("\n".join(lines[::-1]))
    report = build(data_dir, source)
    after = {a.article_id for a in open_current(data_dir, BACKENDS, None).store.articles(9)}
    assert before < after
    assert (report.added, report.renamed, report.removed, report.encoded) == (1, 0, 0, 1)
