"""What goes into a batch, and in which numbers this machine runs models."""

import mmap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings import openvino_model
from embeddings.openvino_model import (
    BATCH_ROWS,
    WIDTH_STEP,
    arrays,
    batches_of_one_width,
    eight_bit_obstacle,
    give_back_mapped,
    obstacle,
)
from embeddings.reader_windows import Window


@given(st.lists(st.integers(1, 256), max_size=60))
def test_every_row_is_in_one_batch_with_rows_of_its_own_width(lengths: list[int]) -> None:
    batches = batches_of_one_width(lengths)
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    for batch in batches:
        assert 1 <= len(batch) <= BATCH_ROWS
        assert len({-(-lengths[row] // WIDTH_STEP) for row in batch}) == 1


def test_arrays_are_padded_to_the_step_and_know_what_is_padding() -> None:
    ids, segments, lengths = arrays([Window([7] * 18, 16, 0, 2), Window([8] * 20, 20, 0, 0)])
    assert ids.shape == segments.shape == (2, 2 * WIDTH_STEP)
    assert lengths.tolist() == [18, 20]
    assert ids.sum(axis=1).tolist() == [7 * 18, 8 * 20]
    assert np.flatnonzero(segments[0]).tolist() == [16, 17]
    assert not segments[1].any()


def test_a_machine_without_the_instructions_is_told_by_name(tmp_path: Path) -> None:
    info = tmp_path / "cpuinfo"
    info.write_text("flags\t\t: fpu sse2 avx2\n")
    assert "avx512_vnni" in str(eight_bit_obstacle(info))
    info.write_text("flags\t\t: fpu avx2 avx_vnni\n")
    assert eight_bit_obstacle(info) is None
    assert "cannot be read" in str(eight_bit_obstacle(tmp_path / "missing"))


def test_a_machine_without_the_runtime_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openvino_model, "find_spec", lambda name: None)
    assert obstacle() == "OpenVINO is not installed"


def resident(path: Path) -> int:
    """Return how many KiB of a mapped file are in this process's memory."""
    told = Path("/proc/self/smaps").read_text().partition(str(path))[2]
    return int(told.partition("Rss:")[2].split()[0])


def test_a_mapped_file_is_given_back_and_still_there(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(bytes(range(256)) * 4096)
    assert give_back_mapped(path) == 0
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert sum(mapped[::4096]) == 0
        assert resident(path) == 1024
        assert give_back_mapped(path) == 1 << 20
        assert resident(path) == 0
        assert mapped[:256] == bytes(range(256))


def test_where_mappings_are_not_shown_nothing_is_given_back(tmp_path: Path) -> None:
    assert give_back_mapped(tmp_path / "model.bin", maps=tmp_path / "missing") == 0
