"""What was encoded before an interruption is not encoded again, and what a kill cut off is never taken for a vector."""

import multiprocessing
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from qa_service.archive import open_current
from qa_service.vector_journal import FILE_NAME, VectorJournal
from tests.unit.index_building import BACKENDS, HashEncoder, build, write_articles

KEYS = [bytes([n]) * 16 for n in range(5)]
VECTORS = np.arange(20, dtype=np.float32).reshape(5, 4)


def filled(folder: Path, *, full: bool = False) -> Path:
    with VectorJournal.opened(folder, 4, full=full) as journal:
        journal.append(KEYS[:2], VECTORS[:2])
        journal.append(KEYS[2:], VECTORS[2:])
    return folder / FILE_NAME


def held(folder: Path, dimension: int = 4, *, full: bool = False) -> list[bytes]:
    with VectorJournal.opened(folder, dimension, full=full, read_only=True) as journal:
        found = [key for key in KEYS if journal.holds(key)]
        rows = [KEYS.index(key) for key in found]
        assert journal.vectors(found).tobytes() == VECTORS[rows].tobytes() or not found
        return found


def test_what_was_appended_is_there_again_bit_for_bit(tmp_path: Path) -> None:
    filled(tmp_path)
    assert held(tmp_path) == KEYS


def test_a_journal_begins_with_its_first_vector(tmp_path: Path) -> None:
    with VectorJournal.opened(tmp_path, 4, full=False):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lost", range(1, 3 * 40, 7))
def test_a_record_that_was_cut_off_is_not_read_and_is_written_over(tmp_path: Path, lost: int) -> None:
    path = filled(tmp_path)
    path.write_bytes(path.read_bytes()[:-lost])
    left = held(tmp_path)
    assert left == KEYS[: len(left)]
    assert len(left) == 5 - -(-lost // 40)
    with VectorJournal.opened(tmp_path, 4, full=False) as journal:
        journal.append(KEYS[len(left) :], VECTORS[len(left) :])
    assert held(tmp_path) == KEYS


def test_an_altered_record_ends_what_is_read(tmp_path: Path) -> None:
    path = filled(tmp_path)
    content = bytearray(path.read_bytes())
    content[128 + 40 * 3 + 20] ^= 1
    path.write_bytes(content)
    assert held(tmp_path) == KEYS[:3]


@pytest.mark.parametrize("head", [b"", b"\0" * 400, b"x" * 127])
def test_a_file_that_is_no_journal_is_begun_anew(tmp_path: Path, head: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(head)
    assert held(tmp_path) == []
    filled(tmp_path)
    assert held(tmp_path) == KEYS


def test_another_dimension_begins_anew(tmp_path: Path) -> None:
    filled(tmp_path)
    with VectorJournal.opened(tmp_path, 8, full=False) as journal:
        assert not any(journal.holds(key) for key in KEYS)


def test_a_full_run_goes_on_with_a_full_run_alone(tmp_path: Path) -> None:
    filled(tmp_path)
    assert held(tmp_path, full=True) == []
    filled(tmp_path, full=True)
    assert held(tmp_path, full=True) == held(tmp_path) == KEYS


# --- in a reindex


STORIES = {f"a{n}": f"Story {n}." for n in range(400)}


class Stopping(HashEncoder):
    """Fails when it is asked for more than two batches."""

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if len(self.encoded) >= 256:
            raise KeyboardInterrupt
        return super().encode_documents(texts)


@pytest.mark.parametrize("full", [False, True])
def test_a_reindex_goes_on_where_the_last_one_stopped(tmp_path: Path, full: bool) -> None:
    source, data_dir = write_articles(tmp_path / "a.jsonl", STORIES), tmp_path / "data"
    with pytest.raises(KeyboardInterrupt):
        build(data_dir, source, encoder=Stopping(), full=full)
    assert build(data_dir, source, dry_run=True, full=full).encoded == 144
    encoder, told = HashEncoder(), []

    report = build(data_dir, source, encoder=encoder, full=full, progress=lambda *step: told.append(step))

    assert len(encoder.encoded) == report.encoded == 144
    assert [step for step in told if step[0].startswith("encod")] == [
        ("encoded before", 256, None), ("encoding", 384, 400), ("encoding", 400, 400)
    ]  # fmt: skip
    assert (
        "(144 to encode, 256 with a vector already, 256 of them from a run that was cut off)" in report.text()
    )
    assert not (data_dir / FILE_NAME).exists()
    build(tmp_path / "fresh", source)
    resumed, fresh = (open_current(folder, BACKENDS, None) for folder in (data_dir, tmp_path / "fresh"))
    rows = np.arange(400)
    assert resumed.vectors.vectors(rows).tobytes() == fresh.vectors.vectors(rows).tobytes()


def test_another_encoder_takes_nothing_over(tmp_path: Path) -> None:
    source = write_articles(tmp_path / "a.jsonl", STORIES)
    with pytest.raises(KeyboardInterrupt):
        build(tmp_path / "data", source, encoder=Stopping())
    assert build(tmp_path / "data", source, encoder=HashEncoder("b" * 64)).encoded == 400


def reindex_slowly(data_dir: Path, source: Path) -> None:
    build(data_dir, source, encoder=HashEncoder(delay_s=0.3))


def test_what_was_encoded_before_a_kill_is_not_encoded_again(tmp_path: Path) -> None:
    source, data_dir = write_articles(tmp_path / "a.jsonl", STORIES), tmp_path / "data"
    process = multiprocessing.get_context("forkserver").Process(
        target=reindex_slowly, args=(data_dir, source)
    )
    process.start()
    ends = time.monotonic() + 30
    journal = data_dir / FILE_NAME
    while not (journal.exists() and journal.stat().st_size > 128 + 128 * 56) and time.monotonic() < ends:
        time.sleep(0.005)
    process.kill()
    process.join()
    encoder = HashEncoder()

    build(data_dir, source, encoder=encoder)

    assert 0 < len(encoder.encoded) <= 400 - 128
