"""The machine's arithmetic peak, and what the encoder reaches of it: `python -m tests.bench.peers.machine_peak`."""

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from onnx import TensorProto, helper

from embeddings.protocols import Encoder
from qa_service import bootstrap
from qa_service.settings import Settings

SIZE = 1024
TRIALS = 15
HIDDEN, INNER, LAYERS = 384, 1536, 6


def operations(tokens: int) -> float:
    """Return the multiplications and additions that MiniLM-L6 spends on a text of `tokens`.

    Each layer has four projections of (384, 384), two of (384, 1536), and attention's two products over all
    pairs of tokens. (W. Wang et al., MiniLM, NeurIPS 2020, gives the shapes.)
    """
    weights = 4 * HIDDEN * HIDDEN + 2 * HIDDEN * INNER
    return 2.0 * LAYERS * tokens * (weights + 2 * tokens * HIDDEN)


def rate(work: Callable[[], object], amount: float) -> float:
    """Return the median of `amount` per second over some trials of `work`; over one where that takes half a second."""
    work()
    rates: list[float] = []
    while len(rates) < TRIALS and (not rates or rates[0] > 2 * amount):
        began = time.perf_counter()
        work()
        rates.append(amount / (time.perf_counter() - began))
    return statistics.median(rates)


def peaks() -> dict[str, float]:
    """Return billions of operations a second of a square matrix product in fp32 and in int8.

    PyTorch has a fast product of bytes for CPUs that have dot products of bytes, ONNX Runtime for others too: the
    better of both counts.
    """
    amount = 2.0 * SIZE**3
    single = torch.rand(SIZE, SIZE)
    whole = torch.randint(-127, 127, (SIZE, SIZE), dtype=torch.int8)
    multiply_whole = torch._int_mm
    return {
        "fp32": rate(lambda: single @ single, amount) / 1e9,
        "int8": max(rate(lambda: multiply_whole(whole, whole), amount), rate(byte_product(), amount)) / 1e9,
    }


def byte_product() -> Callable[[], object]:
    """Return a call that multiplies two square matrices of bytes in ONNX Runtime."""
    weights = np.random.default_rng(1).integers(-63, 64, (SIZE, SIZE), dtype=np.int8)
    given, result = (
        helper.make_tensor_value_info(name, kind, [SIZE, SIZE])
        for name, kind in (("x", TensorProto.UINT8), ("y", TensorProto.INT32))
    )
    constant = helper.make_tensor("w", TensorProto.INT8, weights.shape, weights.tobytes(), raw=True)
    node = helper.make_node("MatMulInteger", ["x", "w"], ["y"])
    model = helper.make_model(
        helper.make_graph([node], "product", [given], [result], [constant]),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=9,
    )
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    left = {"x": np.random.default_rng(2).integers(0, 256, (SIZE, SIZE), dtype=np.uint8)}
    return lambda: session.run(None, left)


def encoder_rate(encoder: Encoder, texts: list[str]) -> float:
    """Return billions of operations a second that encoding `texts` comes to."""
    amount = sum(operations(count + 2) for count in encoder.count_tokens(texts))
    encoder.encode_documents(texts[:32])
    began = time.perf_counter()
    encoder.encode_documents(texts)
    return amount / (time.perf_counter() - began) / 1e9


def main() -> None:
    """Print peaks before and after, and the encoder's rates on texts of about 150 tokens, as JSON."""
    texts = [f"The harbour of Marsk, article {n}. " + "Boats lay idle on Tuesday. " * 22 for n in range(160)]
    rates = {}
    with tempfile.TemporaryDirectory() as folder:
        for inference in ("torch", "auto"):
            encoder = bootstrap.load_encoder(Settings(data_dir=Path(folder), inference=inference))
            before = peaks()
            rate_here = encoder_rate(encoder, texts)
            after = peaks()
            mean = {name: (before[name] + after[name]) / 2 for name in before}
            rates[encoder.number_format] = {"reached": rate_here, "peaks": mean}
    print(json.dumps({"rates": rates}))


if __name__ == "__main__":
    main()
