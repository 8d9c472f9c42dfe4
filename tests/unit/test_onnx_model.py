"""Which machines run models with 8-bit products, and what goes into one."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from embeddings import onnx_model
from embeddings.onnx_model import OnnxModel, inputs, obstacle
from embeddings.reader_windows import Window
from embeddings.word_table import WordTable


def test_a_window_goes_in_as_vectors_and_segments(tmp_path: Path) -> None:
    table = np.arange(20, dtype=np.float32).reshape(10, 2)
    save_file({"embeddings.word_embeddings.weight": table}, tmp_path / "words.safetensors")
    given = inputs(WordTable(tmp_path / "words.safetensors"), Window([7, 8, 9], 1, 0, 1))
    np.testing.assert_array_equal(given["words"], table[None, 7:])
    assert given["segments"].tolist() == [[0, 1, 1]]


def test_a_machine_without_the_instructions_is_told_by_name(tmp_path: Path) -> None:
    info = tmp_path / "cpuinfo"
    info.write_text("flags\t\t: fpu sse2 avx\n")
    assert "avx2" in str(obstacle(info, "x86_64"))
    assert obstacle(info, "aarch64") is None
    info.write_text("flags\t\t: fpu avx avx2\n")
    assert obstacle(info, "x86_64") is None
    assert obstacle(tmp_path / "missing", "x86_64") is None


def test_a_machine_without_the_runtime_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_model, "find_spec", lambda name: None)
    assert obstacle() == "ONNX Runtime is not installed"


def test_what_cannot_be_loaded_is_said(tmp_path: Path) -> None:
    save_file({"embeddings.word_embeddings.weight": np.zeros((3, 2), dtype=np.float32)}, tmp_path / "words")
    (tmp_path / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(RuntimeError, match="cannot load"):
        OnnxModel(tmp_path / "model.onnx", WordTable(tmp_path / "words"), 1)
