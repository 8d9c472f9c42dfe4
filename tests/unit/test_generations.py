"""Generations on disk: sealed, proved, published in one step, rolled back, pruned, and never lost to damage."""

import hashlib
import json
import os
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service import generations
from qa_service.errors import GenerationDamaged, GenerationError, GenerationMismatch, IndexMissing
from qa_service.manifest import Manifest, generation_id
from qa_service.writer_lock import writer_lock
from tests.unit.index_building import bytes_under

FILES = {
    "articles.sqlite": b"articles" * 40,
    "vectors.faiss": bytes(range(256)),
    "lexical/rows.npy": b"\x01\x02" * 30,
}


def publish(
    data_dir: Path, label: str = "", files: dict[str, bytes] = FILES, parent: str | None = None
) -> str:
    """Publish a generation of `files`; its parent is the current one unless given."""
    with writer_lock(data_dir), generations.building_folder(data_dir) as folder:
        for name, content in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
        try:
            parent = parent or generations.current_id(data_dir)
        except IndexMissing:
            parent = None
        manifest = generations.seal(
            folder, parent=parent, encoder={"name": label}, chunker={}, counts={"articles": 1}
        )
        assert generations.verify(folder) == manifest
        return generations.publish(data_dir, folder, manifest)


def publish_at(data_dir: Path, built_at: str, parent: str | None) -> str:
    """Publish a generation as a clock that stands at `built_at` would."""
    with writer_lock(data_dir), generations.building_folder(data_dir) as folder:
        manifest = Manifest(1, built_at, parent, {"name": "e"}, {}, {"articles": 1}, {})
        (folder / "manifest.json").write_bytes(manifest.to_bytes())
        return generations.publish(data_dir, folder, manifest)


def folder_of(data_dir: Path, name: str) -> Path:
    return data_dir / "generations" / name


def names_under(data_dir: Path) -> set[str]:
    return {path.name for path in (data_dir / "generations").iterdir()}


def flip(path: Path, bit: int) -> None:
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


def damage(data_dir: Path, name: str) -> None:
    flip(folder_of(data_dir, name) / "vectors.faiss", 99)


def test_a_published_generation_is_current_and_proved_by_its_name(tmp_path: Path) -> None:
    name = publish(tmp_path)

    manifest = generations.verify(folder_of(tmp_path, name))

    assert generations.current_id(tmp_path) == name == generation_id(manifest)
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{16}", name)
    assert set(manifest.files) == set(FILES)
    assert generations.generation_ids(tmp_path) == [name]


def test_nothing_published_is_said_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="reindex"):
        generations.current_id(tmp_path)
    assert generations.generation_ids(tmp_path) == []


def _fail_while_building(data_dir: Path) -> None:
    with writer_lock(data_dir), generations.building_folder(data_dir) as folder:
        (folder / "half").write_bytes(b"x")
        raise ZeroDivisionError


def test_the_folder_in_the_making_is_gone_when_building_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        _fail_while_building(tmp_path)
    assert names_under(tmp_path) == set()
    publish(tmp_path)  # and the lock is free


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_every_single_bit_flip_of_any_file_is_refused_and_nothing_is_deleted(
    tmp_path: Path, name: str
) -> None:
    folder = folder_of(tmp_path, publish(tmp_path))
    path = folder / name
    bits = 8 * path.stat().st_size
    for bit in random.Random(7).sample(range(bits), min(bits, 100)):
        flip(path, bit)
        before = bytes_under(tmp_path)
        with pytest.raises(GenerationDamaged, match=f"{re.escape(name)} has"):
            generations.verify(folder)
        assert bytes_under(tmp_path) == before
        flip(path, bit)
    generations.verify(folder)


def _truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _tail(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\x00")


def _missing(path: Path) -> None:
    path.unlink()


def _folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _link_to_the_same_bytes(path: Path) -> None:
    elsewhere = path.parents[3] / "elsewhere"
    shutil.copy(path, elsewhere)
    path.unlink()
    path.symlink_to(elsewhere)


def _pipe_instead(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
@pytest.mark.parametrize("hurt", [_truncate, _empty, _tail, _missing, _folder_instead])
def test_cut_lengthened_or_missing_files_are_refused(
    tmp_path: Path, name: str, hurt: Callable[[Path], None]
) -> None:
    folder = folder_of(tmp_path, publish(tmp_path))
    hurt(folder / name)
    with pytest.raises(GenerationDamaged, match=re.escape(name)):
        generations.verify(folder)


@pytest.mark.parametrize("hurt", [_link_to_the_same_bytes, _pipe_instead])
def test_what_is_no_regular_file_is_refused_without_being_read(
    tmp_path: Path, hurt: Callable[[Path], None]
) -> None:
    folder = folder_of(tmp_path, publish(tmp_path))
    hurt(folder / "vectors.faiss")
    with pytest.raises(GenerationDamaged, match="no regular file"):
        generations.verify(folder)


def test_swapped_files_are_refused(tmp_path: Path) -> None:
    same_size = {"a": b"first..", "b": b"second."}
    folder = folder_of(tmp_path, publish(tmp_path, files=same_size))
    (folder / "a").rename(folder / "c")
    (folder / "b").rename(folder / "a")
    (folder / "c").rename(folder / "b")
    with pytest.raises(GenerationDamaged, match="SHA-256"):
        generations.verify(folder)


@pytest.mark.parametrize(
    "surplus", ["extra", "lexical/extra", ".hidden", "empty_folder/", "lexical/empty_folder/"]
)
def test_surplus_files_and_folders_are_refused(tmp_path: Path, surplus: str) -> None:
    path = folder_of(tmp_path, publish(tmp_path)) / surplus
    if surplus.endswith("/"):
        path.mkdir()
    else:
        path.write_bytes(b"")
    with pytest.raises(GenerationDamaged, match="does not belong"):
        generations.verify(path.parents[surplus.rstrip("/").count("/")])


def test_a_link_to_a_folder_is_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, publish(tmp_path))
    (folder / "lexical").rename(tmp_path / "moved")
    (folder / "lexical").symlink_to(tmp_path / "moved", target_is_directory=True)
    with pytest.raises(GenerationDamaged, match="lexical does not belong"):
        generations.verify(folder)


@pytest.mark.parametrize("rename", [lambda n: "2001" + n[4:], lambda n: n[:-1] + "g", lambda n: "index"])
def test_a_renamed_generation_is_refused(tmp_path: Path, rename: Callable[[str], str]) -> None:
    name = publish(tmp_path)
    renamed = folder_of(tmp_path, name).rename(folder_of(tmp_path, rename(name)))
    with pytest.raises(GenerationDamaged):
        generations.verify(renamed)


def test_the_files_of_another_generation_are_refused(tmp_path: Path) -> None:
    first, second = publish(tmp_path, "first"), publish(tmp_path, "second")
    shutil.copy(folder_of(tmp_path, first) / "manifest.json", folder_of(tmp_path, second) / "manifest.json")
    with pytest.raises(GenerationDamaged, match="has not the checksum"):
        generations.verify(folder_of(tmp_path, second))


def test_an_altered_manifest_that_still_names_every_file_is_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, publish(tmp_path, "all-MiniLM-L6-v2"))
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["encoder"]["name"] = "another"
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    with pytest.raises(GenerationDamaged, match="checksum"):
        generations.verify(folder)


def test_another_schema_version_is_refused_by_name(tmp_path: Path) -> None:
    stored = json.dumps({"schema_version": 2, "new_field": []}).encode()
    folder = folder_of(tmp_path, "20260101T000000Z-" + hashlib.sha256(stored).hexdigest()[:16])
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_bytes(stored)
    with pytest.raises(GenerationMismatch, match="schema version 2, this service reads 1"):
        generations.verify(folder)


@pytest.mark.parametrize("stored", [b"", b"[]", b"null", b"{", b"\xff", b'{"schema_version": 1}', b'"text"'])
def test_a_manifest_that_is_none_is_damage_not_a_crash(tmp_path: Path, stored: bytes) -> None:
    with writer_lock(tmp_path), generations.building_folder(tmp_path) as folder:
        (folder / "manifest.json").write_bytes(stored)
        with pytest.raises(GenerationDamaged):
            generations.verify(folder)


def test_a_manifest_that_the_disk_altered_is_not_published(tmp_path: Path) -> None:
    old = publish(tmp_path)
    with writer_lock(tmp_path), generations.building_folder(tmp_path) as folder:
        manifest = generations.seal(folder, parent=None, encoder={}, chunker={}, counts={})
        stored = (folder / "manifest.json").read_bytes()
        (folder / "manifest.json").write_bytes(stored.replace(b'"counts": {}', b'"counts": {"articles": 1}'))
        with pytest.raises(GenerationDamaged, match="otherwise than it was written"):
            generations.publish(tmp_path, folder, manifest)
    assert generations.current_id(tmp_path) == old


@given(
    st.text(max_size=40),
    st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3),
)
def test_a_manifest_reads_as_it_was_written(label: str, chunker: dict[str, object]) -> None:
    manifest = Manifest(
        1, "2026-01-01T00:00:00.5+00:00", None, {"name": "e"}, chunker, {}, {"f": {"size": 1}}
    )
    again = Manifest.from_bytes(manifest.to_bytes())
    assert again == manifest
    assert generation_id(again) == generation_id(manifest)


def test_two_generations_of_the_same_content_have_different_ids(tmp_path: Path) -> None:
    first = publish(tmp_path)
    shutil.rmtree(folder_of(tmp_path, first))
    (tmp_path / "current").unlink()
    assert publish(tmp_path) != first


@pytest.mark.parametrize("held", ["", "\x00\x00", "../../etc", "20260101T000000Z-0123456789abcdeX", "ä"])
def test_a_pointer_that_holds_no_id_is_damage(tmp_path: Path, held: str) -> None:
    publish(tmp_path)
    (tmp_path / "current").write_text(held)
    with pytest.raises(GenerationDamaged, match="is no generation"):
        generations.current_id(tmp_path)


def test_a_pointer_that_is_missing_beside_generations_is_damage_that_rollback_mends(tmp_path: Path) -> None:
    name = publish(tmp_path)
    (tmp_path / "current").unlink()
    with pytest.raises(GenerationDamaged, match=r"is missing, .* rollback"):
        generations.current_id(tmp_path)
    assert generations.rollback(tmp_path) == ("", name)
    assert generations.current_id(tmp_path) == name


def test_a_data_folder_that_cannot_be_read_or_written_is_said(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("no folder")
    for data_dir in (file, file / "inside"):
        with pytest.raises(GenerationError, match=r"Cannot read .*Not a directory"):
            generations.current_id(data_dir)
        with pytest.raises(GenerationError, match=r"Cannot read .*Not a directory"):
            generations.generation_ids(data_dir)
        with pytest.raises(GenerationError, match="Cannot write to the data folder"), writer_lock(data_dir):
            pass


# --- rollback


def test_rollback_goes_back_one_generation_at_a_time_and_never_forward(tmp_path: Path) -> None:
    first, second, third = (publish(tmp_path, label) for label in "abc")

    assert generations.rollback(tmp_path) == (third, second)
    assert generations.rollback(tmp_path) == (second, first)
    with pytest.raises(GenerationError, match=f"No intact generation before {first}"):
        generations.rollback(tmp_path)
    assert generations.current_id(tmp_path) == first


def test_rollback_passes_over_a_damaged_parent_and_keeps_it(tmp_path: Path) -> None:
    first, second, third = (publish(tmp_path, label) for label in "abc")
    damage(tmp_path, second)

    assert generations.rollback(tmp_path) == (third, first)
    assert folder_of(tmp_path, second).is_dir()


def test_rollback_from_a_damaged_generation_takes_any_intact_one(tmp_path: Path) -> None:
    first, second = publish(tmp_path, "a"), publish(tmp_path, "b")
    generations.rollback(tmp_path)
    damage(tmp_path, first)

    assert generations.rollback(tmp_path) == (first, second)


def test_rollback_mends_a_broken_pointer(tmp_path: Path) -> None:
    name = publish(tmp_path)
    (tmp_path / "current").write_bytes(b"\xff\xfe")

    assert generations.rollback(tmp_path) == ("", name)
    assert generations.current_id(tmp_path) == name


def test_rollback_without_any_other_generation_says_so(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        generations.rollback(tmp_path)
    name = publish(tmp_path)
    with pytest.raises(GenerationError, match=f"before {name}"):
        generations.rollback(tmp_path)
    assert generations.current_id(tmp_path) == name


def test_rollback_follows_parents_where_the_clock_went_backwards(tmp_path: Path) -> None:
    oldest = publish_at(tmp_path, "2026-05-01T00:00:00+00:00", None)
    parent = publish_at(tmp_path, "2026-05-03T00:00:00+00:00", oldest)
    now = publish_at(tmp_path, "2026-05-02T00:00:00+00:00", parent)

    assert generations.lineage(tmp_path, now) == [parent, oldest]
    assert generations.rollback(tmp_path) == (now, parent)


# --- prune


def test_prune_keeps_the_current_generation_and_its_parent(tmp_path: Path) -> None:
    _, _, third, fourth = (publish(tmp_path, label) for label in "abcd")
    with writer_lock(tmp_path):
        assert len(generations.prune(tmp_path, keep=2)) == 2
    assert set(generations.generation_ids(tmp_path)) == {third, fourth}
    assert names_under(tmp_path) == {third, fourth}


def test_prune_keeps_the_parent_where_the_clock_went_backwards(tmp_path: Path) -> None:
    stray = publish_at(tmp_path, "2027-01-01T00:00:00+00:00", None)
    parent = publish_at(tmp_path, "2026-05-03T00:00:00+00:00", stray)
    now = publish_at(tmp_path, "2020-01-01T00:00:00+00:00", parent)
    with writer_lock(tmp_path):
        assert generations.prune(tmp_path, keep=2) == [stray]
    assert generations.current_id(tmp_path) == now


def test_prune_after_a_rollback_removes_what_was_rolled_back_from(tmp_path: Path) -> None:
    first, bad = publish(tmp_path, "a"), publish(tmp_path, "b")
    generations.rollback(tmp_path)
    now = publish(tmp_path, "c")
    with writer_lock(tmp_path):
        assert generations.prune(tmp_path, keep=2) == [bad]
    assert set(generations.generation_ids(tmp_path)) == {first, now}


def test_prune_does_not_count_a_damaged_generation_and_puts_it_into_quarantine(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    names = [publish(tmp_path, label) for label in "abcd"]
    damage(tmp_path, names[2])
    with writer_lock(tmp_path):
        assert generations.prune(tmp_path, keep=2) == [names[0]]
    assert set(generations.generation_ids(tmp_path)) == {names[1], names[3]}
    assert f"Generation {names[2]} is damaged" in caplog.text
    assert (tmp_path / "quarantine" / names[2] / "vectors.faiss").stat().st_size == len(
        FILES["vectors.faiss"]
    )


def test_keeping_one_removes_even_the_parent(tmp_path: Path) -> None:
    first, second = publish(tmp_path, "a"), publish(tmp_path, "b")
    with writer_lock(tmp_path):
        assert generations.prune(tmp_path, keep=1) == [first]
    assert generations.generation_ids(tmp_path) == [second]


def test_what_killed_writers_left_is_removed_by_the_next(tmp_path: Path) -> None:
    name = publish(tmp_path)
    for left in (".building-0badc0de", f".removing-{name}"):
        (folder_of(tmp_path, left) / "lexical").mkdir(parents=True)
    with writer_lock(tmp_path), generations.building_folder(tmp_path) as folder:
        assert names_under(tmp_path) == {name, folder.name}
    assert names_under(tmp_path) == {name}
