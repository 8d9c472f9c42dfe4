"""Word vectors read from a safetensors file, row by row."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

from embeddings import word_table
from embeddings.protocols import ModelUnavailable
from embeddings.word_table import WordTable

NAME = "embeddings.word_embeddings.weight"
TABLE = np.random.default_rng(3).normal(size=(50, 8)).astype(np.float32)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backbone") / "model.safetensors"
    save_file({"a.bias": np.zeros(3, dtype=np.float32), NAME: TABLE, "z": np.ones(5, dtype=np.float32)}, path)
    return path


@given(numbers=st.lists(st.lists(st.integers(0, 49), min_size=4, max_size=4), max_size=6))
def test_every_word_has_its_own_vector(path: Path, numbers: list[list[int]]) -> None:
    asked = np.array(numbers, dtype=np.int64).reshape(-1, 4)
    found = WordTable(path).vectors(asked)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, TABLE[asked])


def test_what_is_kept_gives_way_where_room_is_short(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_table, "KEPT", 5)
    table = WordTable(path)
    for asked in ([1, 2, 3], [2, 3, 4, 5], [6, 7, 1, 6], list(range(40)), [41, 0], [3]):
        numbers = np.array(asked)
        np.testing.assert_array_equal(table.vectors(numbers), TABLE[numbers])


def test_a_number_that_is_no_word_is_refused(path: Path) -> None:
    with pytest.raises(IndexError):
        WordTable(path).vectors(np.array([50]))


def test_a_word_beyond_the_file_is_an_error_not_a_made_up_vector(path: Path, tmp_path: Path) -> None:
    cut = tmp_path / "model.safetensors"
    cut.write_bytes(path.read_bytes()[:-900])
    table = WordTable(cut)
    np.testing.assert_array_equal(table.vectors(np.array([0])), TABLE[:1])
    with pytest.raises(OSError, match="ends within its word vectors"):
        table.vectors(np.array([0, 49]))


@pytest.mark.parametrize("content", [b"", b"\x02\x00\x00\x00\x00\x00\x00\x00{}", b"\x00" * 40, b"\xff" * 40])
def test_a_file_without_a_table_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(ModelUnavailable, match="No word vectors"):
        WordTable(tmp_path / "model.safetensors")
    with pytest.raises(ModelUnavailable, match="No word vectors"):
        WordTable(tmp_path / "missing")


def test_half_numbers_are_refused_rather_than_misread(tmp_path: Path) -> None:
    save_file({NAME: TABLE.astype(np.float16)}, tmp_path / "model.safetensors")
    with pytest.raises(ModelUnavailable, match="F16"):
        WordTable(tmp_path / "model.safetensors")
