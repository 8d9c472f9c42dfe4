"""Weights as 8-bit integers, and what ONNX Runtime makes of them on the machine that runs this."""

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto

from embeddings.onnx_model import obstacle
from embeddings.transformer_graph import GraphWriter, eight_bit


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(1, 200))
def test_neighbours_are_small_together_and_weights_are_kept(seed: int, outlier: float) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((6, 32)).astype(np.float32)
    rows[rng.random(rows.shape) < 0.03] *= outlier
    rows[5] = 0
    matrix, steps = eight_bit(rows)
    assert (matrix.shape, matrix.dtype, steps.dtype) == ((32, 6), np.int8, np.float32)
    assert np.abs(matrix.astype(int)).reshape(16, 2, 6).sum(1).max() <= 128
    assert (np.abs(matrix.T * steps[:, None] - rows) <= steps[:, None] * 0.5001).all()


@pytest.mark.skipif(obstacle() is not None, reason=f"{obstacle()}")
@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_weights_and_activations_do_not_overflow_here(sign: int) -> None:
    rows = np.repeat(np.float32([[127, 1] * 192, [64, 64] * 192, [0, 127] * 192]) * sign, 16, axis=0)
    matrix, _ = eight_bit(rows)
    reached = np.abs(matrix.astype(int)).reshape(192, 2, 48).sum(1)
    assert reached.min() >= 126  # so near the limit that a product of more would not fit
    g = GraphWriter()
    one, zero = g.constant(np.float32(1)), g.constant(np.uint8(0))
    ones = g.constant(np.ones(48, dtype=np.float32))
    operands = ("x", g.constant(matrix), one, ones, zero)
    g.name(g.one("MatMulIntegerToFloat", *operands, own=True), "y")
    model = g.model({"x": (TensorProto.UINT8, ["rows", 384])}, ["y"])
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    for count in (1, 7):
        activations = np.full((count, 384), 255, dtype=np.uint8)
        (found,) = session.run(None, {"x": activations})
        np.testing.assert_array_equal(found, activations.astype(int) @ matrix.astype(int))
