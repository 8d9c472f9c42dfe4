"""Fits the ranges of 8-bit products on texts, by way of the same graph in float32."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import ModelProto

from embeddings.transformer_graph import WIDE_CHANNELS, Range, TransformerGraph

# How far activations are evened out between channels, the weights taking up the rest.
EVENING = 0.65
_EVENED = ("qkv", "up")
_LEVELS = 255

Inputs = Mapping[str, NDArray[Any]]


def fit_ranges(
    state: Mapping[str, NDArray[Any]],
    write: Callable[[TransformerGraph], ModelProto],
    texts: Iterable[Inputs],
) -> dict[str, Range]:
    """Return the ranges of all products.

    Args:
        state: weights by the reader network's names.
        write: which graph.
        texts: its inputs for each text.

    Source: Xiao et al., "SmoothQuant", ICML 2023, for the evening out of channels.
    """
    graph = TransformerGraph(state, None)
    session = onnxruntime.InferenceSession(
        write(graph).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    seen: dict[str, list[NDArray[np.float32]]] = {name: [] for name in graph.looked_at}
    for inputs in texts:
        for name, values in zip(seen, session.run(list(graph.looked_at.values()), dict(inputs)), strict=True):
            seen[name].append(values[0])
    return {name: _range(name, state[f"{name}.weight"], values) for name, values in seen.items()}


def _range(name: str, weight: NDArray[np.float32], values: Sequence[NDArray[np.float32]]) -> Range:
    reach = np.max([np.abs(rows).max(0) for rows in values], axis=0)
    kind = name.rpartition(".")[2]
    widths, wide = None, np.zeros(0, dtype=np.int64)
    if kind in _EVENED:
        rows = np.maximum(np.abs(weight).max(0), 1e-4)
        widths = _short(np.maximum(np.maximum(reach, 1e-4) ** EVENING / rows ** (1 - EVENING), 1e-3)).astype(
            np.float32
        )
    elif kind == "down":
        wide = np.sort(np.argsort(-reach, kind="stable")[:WIDE_CHANNELS])
    low = high = 0.0
    for rows in values:
        inside = rows / widths if widths is not None else np.delete(rows, wide, axis=1)
        low, high = min(low, float(inside.min())), max(high, float(inside.max()))
    step = float(_short(np.array(max(high - low, 1e-6) / _LEVELS)))
    return Range(step, min(_LEVELS, max(0, round(-low / step))), widths, wide)


def _short(values: NDArray[Any]) -> NDArray[Any]:
    """Return `values` with 8 bits after the point, so that another machine's last bits change nothing."""
    mantissa, exponent = np.frexp(values)
    return np.asarray(np.ldexp(np.round(mantissa * 256) / 256, exponent))
