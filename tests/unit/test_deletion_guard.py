"""A reindex that would drop much of the archive is refused until somebody says that this is meant."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qa_service import bootstrap, generations
from qa_service.cli import main
from qa_service.errors import InvalidSetting, TooMuchDeleted
from qa_service.settings import Settings, parse_share
from tests.unit.index_building import HashEncoder, build, bytes_under, write_articles

TEN = {f"a{n}": f"Story {n}." for n in range(10)}


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def source_of(tmp_path: Path, articles: dict[str, str], name: str = "a.jsonl") -> Path:
    return write_articles(tmp_path / name, articles, title="T")


def first(count: int) -> dict[str, str]:
    return dict(list(TEN.items())[:count])


@pytest.mark.parametrize(("left", "refused"), [(8, False), (7, True), (1, True)])
def test_more_than_the_share_is_refused_and_nothing_changes(
    tmp_path: Path, data_dir: Path, left: int, refused: bool
) -> None:
    build(data_dir, source_of(tmp_path, TEN), max_deleted=0.2)
    before = bytes_under(data_dir)
    source_of(tmp_path, first(left))
    if not refused:
        assert build(data_dir, tmp_path / "a.jsonl", max_deleted=0.2).removed == 10 - left
        return
    with pytest.raises(
        TooMuchDeleted, match=rf"{10 - left} of 10 articles .*--max-deleted {10 * (10 - left)}%"
    ):
        build(data_dir, tmp_path / "a.jsonl", max_deleted=0.2)
    assert bytes_under(data_dir) == before


def test_the_share_that_the_message_names_is_enough(tmp_path: Path, data_dir: Path) -> None:
    build(data_dir, source_of(tmp_path, first(3)))
    source_of(tmp_path, first(2))
    with pytest.raises(TooMuchDeleted, match=r"--max-deleted 34%"):
        build(data_dir, tmp_path / "a.jsonl", max_deleted=0.2)
    assert build(data_dir, tmp_path / "a.jsonl", max_deleted=0.34).removed == 1


def test_articles_that_go_on_under_another_name_are_not_dropped(tmp_path: Path, data_dir: Path) -> None:
    build(data_dir, source_of(tmp_path, TEN))
    source_of(tmp_path, {f"moved-{i}": text for i, text in TEN.items()})
    report = build(data_dir, tmp_path / "a.jsonl", max_deleted=0.2)
    assert (report.renamed, report.removed, report.added) == (10, 0, 0)


def test_expendable_articles_make_room_and_are_not_counted(tmp_path: Path, data_dir: Path) -> None:
    samples = frozenset({f"s{n}" for n in range(20)})
    mixed = TEN | {i: f"Sample {i}." for i in samples}
    build(data_dir, source_of(tmp_path, mixed))
    source_of(tmp_path, first(7))
    with pytest.raises(TooMuchDeleted, match="3 of 10 articles"):
        build(data_dir, tmp_path / "a.jsonl", max_deleted=0.2, expendable=lambda: samples)
    source_of(tmp_path, first(8))
    report = build(data_dir, tmp_path / "a.jsonl", max_deleted=0.2, expendable=lambda: samples)
    assert report.removed == 22


def test_a_dry_run_says_that_it_would_be_refused(tmp_path: Path, data_dir: Path) -> None:
    build(data_dir, source_of(tmp_path, TEN))
    source_of(tmp_path, first(1))
    report = build(data_dir, tmp_path / "a.jsonl", max_deleted=0.2, dry_run=True)
    assert report.refused is not None
    assert "It would be refused: This would drop 9 of 10 articles" in report.text()


@pytest.mark.parametrize("text", ["", "many", "-1%", "101%", "nan", "20%%"])
def test_what_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(InvalidSetting, match="--max-deleted"):
        parse_share(text)


def test_the_default_is_a_fifth() -> None:
    assert parse_share(Settings().max_deleted) == 0.2
    with pytest.raises(InvalidSetting, match="QA_MAX_DELETED"):
        Settings.from_env({"QA_MAX_DELETED": "lots"})


# --- as people use it


@pytest.fixture
def _hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands encode by hash, so that no model loads."""
    monkeypatch.setattr(bootstrap, "load_encoder", lambda settings: HashEncoder())


def reindex(data_dir: Path, *words: str | Path) -> Result:
    return CliRunner().invoke(main, ["reindex", "--data-dir", str(data_dir), *map(str, words)])


@pytest.mark.usefixtures("_hashing")
def test_ones_own_articles_take_the_place_of_the_samples_unasked(tmp_path: Path, data_dir: Path) -> None:
    assert reindex(data_dir, "--samples").exit_code == 0
    result = reindex(data_dir, source_of(tmp_path, TEN))
    assert result.exit_code == 0, result.output
    assert "10 new" in result.stdout


@pytest.mark.usefixtures("_hashing")
def test_an_emptied_or_forgotten_folder_does_not_empty_the_archive(tmp_path: Path, data_dir: Path) -> None:
    folder = tmp_path / "mount"
    folder.mkdir()
    source_of(folder, TEN)
    other = source_of(tmp_path, {"other": "Other."}, "other.jsonl")
    assert reindex(data_dir, folder, other).exit_code == 0
    name = generations.current_id(data_dir)

    (folder / "a.jsonl").unlink()
    unmounted, forgotten = reindex(data_dir, folder, other), reindex(data_dir, other)
    samples = reindex(data_dir, "--samples")

    for result in (unmounted, forgotten, samples):
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: This would drop ")
        assert "confirm with --max-deleted" in result.stderr
    assert generations.current_id(data_dir) == name
    assert reindex(data_dir, other, "--max-deleted", "100%").exit_code == 0
    assert generations.current_id(data_dir) != name
