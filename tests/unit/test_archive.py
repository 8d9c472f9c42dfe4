"""What answers: one intact generation at a time, swapped while requests go on, whatever happens on the disk."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from qa_service import generations
from qa_service.archive import Archive, Backends, LiveArchive, open_current, open_generation
from qa_service.errors import (
    GenerationDamaged,
    GenerationError,
    GenerationMismatch,
    IndexMissing,
    InvalidQuestion,
    StaleCursor,
)
from qa_service.manifest import Manifest, generation_id
from qa_service.quarantine import quarantine, quarantined
from qa_service.writer_lock import writer_lock
from tests.unit.index_building import BACKENDS, HashEncoder, build, bytes_under, write_articles

HASH = "a" * 64


def publish(data_dir: Path, word: str, articles: int = 3, **options: object) -> str:
    """Publish an archive all of whose texts hold `word`."""
    data_dir.mkdir(exist_ok=True)
    texts = {f"{word}-{n}": f"{word} number {n}." for n in range(articles)}
    source = write_articles(data_dir.parent / f"{word}.jsonl", texts, published_at="2026-09-01")
    name = build(data_dir, source, **options).generation
    assert name is not None
    return name


def damage(data_dir: Path, name: str, file: str = "vectors.faiss") -> None:
    path = data_dir / "generations" / name / file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def remove(data_dir: Path, name: str) -> None:
    shutil.rmtree(data_dir / "generations" / name)


def wait_until(true: Callable[[], bool], timeout_s: float = 30.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


# --- opening


def test_an_opened_generation_says_what_it_is(data_dir: Path) -> None:
    name = publish(data_dir, "alpha")
    archive = open_current(data_dir, BACKENDS, HASH)

    assert archive.info.generation == name
    assert archive.info.built_at == archive.manifest.built_at
    assert (archive.info.articles, archive.info.passages, archive.info.embedding_model) == (3, 3, "hash-8")
    assert (archive.info.first_date, archive.info.last_date) == ("2026-09-01", "2026-09-01")
    assert archive.warnings == ()


@pytest.mark.parametrize("file", ["articles.sqlite", "vectors.faiss", "manifest.json"])
def test_a_damaged_generation_gives_way_to_its_parent_with_a_warning_and_stays(
    data_dir: Path, file: str
) -> None:
    old, new = publish(data_dir, "alpha"), publish(data_dir, "beta")
    damage(data_dir, new, file)
    before = bytes_under(data_dir)

    archive = open_current(data_dir, BACKENDS, HASH)

    assert archive.info.generation == old
    assert archive.store.find("alpha-0")
    assert f"Generation {new} is damaged: {file}" in archive.warnings[0]
    assert f"Answers come from generation {old}." in archive.warnings[0]
    assert bytes_under(data_dir) == before


def test_a_pointer_that_is_broken_or_leads_nowhere_gives_way_to_what_is_intact(data_dir: Path) -> None:
    name = publish(data_dir, "alpha")
    for pointer in ("", "20260101T000000Z-0123456789abcdef", None):
        (data_dir / "current").unlink()
        if pointer is not None:
            (data_dir / "current").write_text(pointer)
        archive = open_current(data_dir, BACKENDS, HASH)
        assert archive.info.generation == name
        assert len(archive.warnings) == 1


def test_where_every_generation_is_damaged_the_current_ones_damage_is_told(data_dir: Path) -> None:
    for name in (publish(data_dir, "alpha"), publish(data_dir, "beta")):
        damage(data_dir, name)
    with pytest.raises(GenerationDamaged, match=generations.current_id(data_dir)):
        open_current(data_dir, BACKENDS, HASH)


def test_no_index_and_another_encoder_are_told_apart(data_dir: Path) -> None:
    with pytest.raises(IndexMissing):
        open_current(data_dir, BACKENDS, HASH)
    publish(data_dir, "alpha")
    with pytest.raises(GenerationMismatch, match=r"made with the encoder hash-8 .*but bbbbbbbbbbbb… is set"):
        open_current(data_dir, BACKENDS, "b" * 64)
    assert open_current(data_dir, BACKENDS, None).info.articles == 3


def reseal(data_dir: Path, name: str, change: Callable[[Path], object], counts: dict[str, int]) -> Path:
    """Alter a generation and prove it anew, as a faulty writer would."""
    folder = data_dir / "generations" / name
    change(folder)
    before = Manifest.from_bytes((folder / "manifest.json").read_bytes())
    (folder / "manifest.json").unlink()
    manifest = generations.seal(
        folder,
        parent=None,
        encoder=before.encoder,
        chunker=before.chunker,
        counts={**before.counts, **counts},
    )
    return folder.rename(folder.with_name(generation_id(manifest)))


@pytest.mark.parametrize(
    ("change", "counts", "said"),
    [
        (lambda f: (f / "vectors.faiss").write_bytes(b"no index"), {}, "cannot be opened"),
        (lambda f: (f / "vectors.faiss").unlink(), {}, "cannot be opened"),
        (lambda f: (f / "articles.sqlite").write_bytes(b"no database"), {}, "cannot be read"),
        (lambda f: shutil.rmtree(f / "lexical"), {}, "cannot be opened"),
        (lambda f: None, {"passages": 4}, "4 passages, 3 vectors and 3 lexical rows"),
        (
            lambda f: BACKENDS.vectors.build([np.zeros((3, 5), np.float32)], 5, f / "vectors.faiss"),
            {},
            "dimension 5 instead of 8",
        ),
    ],
)
def test_a_proved_generation_whose_parts_do_not_fit_is_damage_not_a_crash(
    data_dir: Path, change: Callable[[Path], object], counts: dict[str, int], said: str
) -> None:
    folder = reseal(data_dir, publish(data_dir, "alpha"), change, counts)
    with pytest.raises(GenerationDamaged, match=said):
        open_generation(folder, BACKENDS, HASH)


# --- live


@pytest.fixture
def live(data_dir: Path) -> Iterator[LiveArchive]:
    """Looks for new generations only when a test calls `refresh`."""
    archive = LiveArchive(data_dir, BACKENDS, HASH, refresh_s=3600)
    yield archive
    archive.stop()


def start(live: LiveArchive) -> list[str]:
    """Start and return the list of generations that were swapped in."""
    swapped: list[str] = []
    live.start(lambda archive: swapped.append(archive.info.generation))
    return swapped


def test_a_service_without_an_index_says_so_until_one_is_published(data_dir: Path, live: LiveArchive) -> None:
    swapped = start(live)
    for ask in (live.current, lambda: live.at("20260101T000000Z-0123456789abcdef")):
        with pytest.raises(IndexMissing, match="reindex"):
            ask()

    name = publish(data_dir, "alpha")
    live.refresh()

    assert live.current().info.generation == name
    assert (live.trouble(), swapped) == (None, [name])


def test_an_error_that_is_raised_for_every_request_does_not_grow(live: LiveArchive) -> None:
    start(live)
    depths = []
    for _ in range(3):
        with pytest.raises(IndexMissing) as caught:
            live.current()
        depths.append(len(caught.traceback))
    assert len(set(depths)) == 1


def test_a_new_generation_is_seen_once_warmed_up_and_a_rollback_too(
    data_dir: Path, live: LiveArchive
) -> None:
    old = publish(data_dir, "alpha")
    swapped = start(live)
    new = publish(data_dir, "beta")
    assert live.current().info.generation == old

    live.refresh()
    live.refresh()
    assert live.current().info.generation == new

    generations.rollback(data_dir)
    live.refresh()
    assert live.current().info.generation == old
    assert swapped == [old, new, old]


def test_the_watch_finds_a_new_generation_by_itself(data_dir: Path) -> None:
    publish(data_dir, "alpha")
    live = LiveArchive(data_dir, BACKENDS, HASH, refresh_s=0.05)
    start(live)
    try:
        new = publish(data_dir, "beta")
        wait_until(lambda: live.current().info.generation == new)
    finally:
        live.stop()
    assert not any(t.name == "generation-watch" for t in threading.enumerate())


def test_a_damaged_new_generation_keeps_the_old_one_answering_and_says_so(
    data_dir: Path, live: LiveArchive, caplog: pytest.LogCaptureFixture
) -> None:
    old = publish(data_dir, "alpha")
    swapped = start(live)
    new = publish(data_dir, "beta")
    damage(data_dir, new)

    for _ in range(3):
        live.refresh()

    assert live.current().info.generation == old
    assert live.current().store.find("alpha-0")
    assert live.current().warnings == (f"{live.trouble()} Answers come from generation {old}.",)
    assert isinstance(live.trouble(), GenerationDamaged)
    assert caplog.text.count(f"Generation {new} is damaged") == 1
    assert swapped == [old]

    newest = publish(data_dir, "gamma")
    live.refresh()
    assert (live.current().info.generation, live.current().warnings, live.trouble()) == (newest, (), None)


def test_those_who_ask_are_not_told_where_the_data_folder_is(
    data_dir: Path, live: LiveArchive, caplog: pytest.LogCaptureFixture
) -> None:
    start(live)
    with pytest.raises(IndexMissing, match="There is no index in the data folder"):
        live.current()
    assert str(data_dir) in caplog.text

    publish(data_dir, "alpha")
    live.refresh()
    (data_dir / "current").write_text("nonsense")
    live.refresh()
    (warning,) = live.current().warnings
    assert warning.startswith("the data folder/current holds 'nonsense'")

    restarted = LiveArchive(data_dir, BACKENDS, HASH, refresh_s=3600)
    start(restarted)
    restarted.stop()
    assert restarted.current().warnings == (warning,)
    assert str(data_dir) not in warning


def test_the_old_generation_answers_on_even_when_its_own_files_are_damaged(
    data_dir: Path, live: LiveArchive
) -> None:
    names = [publish(data_dir, "alpha")]
    start(live)
    names.append(publish(data_dir, "beta"))
    for name in names:
        remove(data_dir, name)
    live.refresh()

    archive = live.current()
    assert archive.info.generation == names[0]
    assert archive.store.article("alpha-1").text == "alpha number 1."
    assert archive.lexical.search("alpha", 5).rows.size == 3


def test_a_rollback_from_a_damaged_generation_clears_the_warning(data_dir: Path, live: LiveArchive) -> None:
    old = publish(data_dir, "alpha")
    start(live)
    damage(data_dir, publish(data_dir, "beta"))
    live.refresh()
    assert live.current().warnings

    generations.rollback(data_dir)
    live.refresh()

    assert (live.current().info.generation, live.current().warnings, live.trouble()) == (old, (), None)


def test_a_start_on_a_damaged_generation_answers_from_the_one_before(
    data_dir: Path, live: LiveArchive, caplog: pytest.LogCaptureFixture
) -> None:
    old, new = publish(data_dir, "alpha"), publish(data_dir, "beta")
    damage(data_dir, new)
    swapped = start(live)
    live.refresh()

    assert live.current().info.generation == old
    assert f"Generation {new} is damaged" in live.current().warnings[0]
    assert f"Generation {new} is damaged" in caplog.text
    assert swapped == [old]


def quarantine_damaged(data_dir: Path, name: str) -> None:
    damage(data_dir, name)
    with pytest.raises(GenerationDamaged) as caught:
        generations.verify(data_dir / "generations" / name)
    with writer_lock(data_dir):
        quarantine(data_dir, name, caught.value)


def test_a_generation_that_goes_to_quarantine_while_it_answers_gives_way_to_the_one_before(
    data_dir: Path, live: LiveArchive
) -> None:
    old = publish(data_dir, "alpha")
    new = publish(data_dir, "beta")
    start(live)
    quarantine_damaged(data_dir, new)

    live.refresh()
    live.refresh()

    assert live.current().info.generation == old
    assert live.current().warnings == (
        f"Generation {new} was damaged and is kept in quarantine/. Run `qa-service generations rollback` for the one"
        f" before, or reindex. Answers come from generation {old}.",
    )
    assert open_current(data_dir, BACKENDS, HASH).info.generation == old
    assert generations.lineage(data_dir, new) == [old]


def test_the_only_generation_goes_on_answering_from_quarantine_with_a_warning(
    data_dir: Path, live: LiveArchive
) -> None:
    name = publish(data_dir, "alpha")
    start(live)
    quarantine_damaged(data_dir, name)

    live.refresh()

    assert live.current().info.generation == name
    assert "is kept in quarantine/" in live.current().warnings[0]
    assert quarantined(data_dir) == [name]
    newest = publish(data_dir, "beta")
    live.refresh()
    assert (live.current().info.generation, live.current().warnings) == (newest, ())


@pytest.mark.parametrize("retry_s", [0.0, 3600.0])
def test_a_damaged_generation_that_is_mended_is_taken_up_on_the_next_try(
    data_dir: Path, retry_s: float
) -> None:
    old = publish(data_dir, "alpha")
    live = LiveArchive(data_dir, BACKENDS, HASH, 3600, retry_s)
    live.refresh()
    new = publish(data_dir, "beta")
    damage(data_dir, new)
    live.refresh()
    assert live.current().info.generation == old
    damage(data_dir, new)  # the same bit again: it is whole

    live.refresh()

    assert live.current().info.generation == (old if retry_s else new)
    assert bool(live.current().warnings) == bool(live.trouble()) == bool(retry_s)


def test_a_generation_of_another_encoder_is_not_taken_up(data_dir: Path, live: LiveArchive) -> None:
    old = publish(data_dir, "alpha")
    start(live)
    publish(data_dir, "beta", encoder=HashEncoder("b" * 64))
    live.refresh()

    assert live.current().info.generation == old
    assert isinstance(live.trouble(), GenerationMismatch)
    assert "another" not in live.current().warnings[0]
    assert "Set QA_ENCODER back, or reindex" in live.current().warnings[0]


def test_a_data_folder_that_vanishes_and_comes_back_does_not_stop_the_answers(
    data_dir: Path, live: LiveArchive
) -> None:
    name = publish(data_dir, "alpha")
    start(live)
    data_dir.rename(data_dir.with_name("unmounted"))
    live.refresh()
    assert live.current().info.generation == name
    assert isinstance(live.trouble(), IndexMissing)

    data_dir.with_name("unmounted").rename(data_dir)
    live.refresh()
    assert (live.current().info.generation, live.trouble()) == (name, None)


def test_a_file_in_place_of_the_data_folder_is_told(data_dir: Path, live: LiveArchive) -> None:
    data_dir.write_text("no folder")
    start(live)
    with pytest.raises(GenerationError, match="Not a directory"):
        live.current()


def test_a_generation_whose_warm_up_fails_is_not_taken_up(data_dir: Path, live: LiveArchive) -> None:
    old = publish(data_dir, "alpha")

    def warm_up(archive: Archive) -> None:
        if archive.info.generation != old:
            raise InvalidQuestion("The warm-up question does not fit.")

    live.start(warm_up)
    publish(data_dir, "beta")
    live.refresh()

    assert live.current().info.generation == old
    assert "warm-up" in str(live.trouble())


class CrashingBackend:
    """A lexical backend that meets what nobody thought of, once told to."""

    crashing = False

    def build(self, texts: object, path: Path) -> None:
        BACKENDS.lexical.build(texts, path)  # type: ignore[arg-type]

    def load(self, path: Path) -> object:
        if self.crashing:
            raise ZeroDivisionError
        return BACKENDS.lexical.load(path)


def test_the_watch_outlives_what_nobody_thought_of(data_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    old = publish(data_dir, "alpha")
    backend = CrashingBackend()
    live = LiveArchive(data_dir, Backends(BACKENDS.vectors, backend), HASH, refresh_s=0.05)  # type: ignore[arg-type]
    start(live)
    try:
        backend.crashing = True
        publish(data_dir, "beta")
        failure = "Looking for a new generation failed"
        wait_until(lambda: failure in caplog.text)
        time.sleep(0.2)  # some more looks
        assert live.current().info.generation == old
        assert caplog.text.count(failure) == 1
        backend.crashing = False
        newest = publish(data_dir, "gamma")
        wait_until(lambda: live.current().info.generation == newest)
    finally:
        live.stop()


# --- pinned generations


def test_a_named_generation_is_served_while_it_is_there(data_dir: Path, live: LiveArchive) -> None:
    old = publish(data_dir, "alpha")
    start(live)
    assert live.at(None) is live.at(old) is live.current()
    new = publish(data_dir, "beta")
    live.refresh()

    assert live.at(None).info.generation == new
    assert live.at(old).store.find("alpha-0")
    assert live.at(old) is live.at(old), "a generation is opened once for all pages of a list"

    remove(data_dir, old)
    assert live.at(old).store.find("alpha-0"), "what is open goes on"
    publish(data_dir, "gamma")
    live.refresh()
    with pytest.raises(StaleCursor, match="is gone") as caught:
        live.at(old)
    assert caught.value.gone


def test_a_named_generation_that_is_gone_damaged_or_nonsense_is_a_stale_cursor(
    data_dir: Path, live: LiveArchive
) -> None:
    old = publish(data_dir, "alpha")
    start(live)
    publish(data_dir, "beta")
    live.refresh()
    damage(data_dir, old)
    for name in (old, "20260101T000000Z-0123456789abcdef", "../../etc", "", "\x00", "x" * 10_000):
        with pytest.raises(StaleCursor) as caught:
            live.at(name)
        assert caught.value.gone
        assert len(str(caught.value)) < 200


# --- many at once


def test_every_request_during_swaps_is_answered_whole_by_one_generation(data_dir: Path) -> None:
    """Eight threads ask while generations are published, pruned at once (keep=1) and rolled over."""
    words = {publish(data_dir, "alpha", 20): "alpha"}
    live = LiveArchive(data_dir, BACKENDS, HASH, refresh_s=0.05)
    start(live)
    failed: list[object] = []
    answered: set[str] = set()
    stop = threading.Event()
    query = HashEncoder().encode_query("number")

    def ask() -> None:
        while not stop.is_set():
            try:
                archive = live.current()
                rows = archive.vectors.search(query, 5).rows.tolist()
                rows += archive.lexical.search("number", 5).rows.tolist()
                seen = {stored.passage.text.split()[0] for stored in archive.store.passages(rows)}
                seen |= {summary.article_id.split("-")[0] for summary in archive.store.articles(50)}
                answered.add(archive.info.generation)
                if len(seen) != 1 or len(rows) != 10:
                    failed.append((archive.info.generation, seen))
                words.setdefault(archive.info.generation, *seen)
                if words[archive.info.generation] not in seen:
                    failed.append((archive.info.generation, seen, words))
            except Exception as error:
                failed.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    try:
        for n, word in enumerate(["beta", "gamma", "delta", "epsilon", "zeta"]):
            name = publish(data_dir, word, 20 - n, keep=1)
            if n % 2:
                wait_until(lambda: name in answered)  # noqa: B023 - it is called at once
        wait_until(lambda: live.current().info.generation == name)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        live.stop()

    assert failed == []
    assert len(answered) >= 3
    assert live.current().store.find("zeta-0")


def test_a_generation_that_is_removed_while_it_is_opened_gives_way_to_its_successor(data_dir: Path) -> None:
    """Publishing twice while a reader opens the first of them must not look like damage."""
    publish(data_dir, "alpha")
    hooked: list[str] = []

    class Slow:
        build = BACKENDS.lexical.build

        def load(self, path: Path) -> object:
            if not hooked:
                hooked.append("published meanwhile")
                publish(data_dir, "beta", keep=1)
            return BACKENDS.lexical.load(path)

    archive = open_current(data_dir, Backends(BACKENDS.vectors, Slow()), HASH)  # type: ignore[arg-type]

    assert archive.store.find("beta-0")
    assert archive.warnings == ()
