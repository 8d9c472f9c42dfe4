"""Fits the ranges of 8-bit products on texts, by way of the same graph in float32."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import ModelProto

from embeddings.transformer_graph import Range, TransformerGraph

# How far activations are evened out between channels, the weights taking up the rest.
EVENING = 0.65
_EVENED = ("qkv", "up")
_LEVELS = 255

Inputs = Mapping[str, NDArray[Any]]


def fit_ranges(
    state: Mapping[str, NDArray[Any]],
    write: Callable[[TransformerGraph], ModelProto],
    texts: Iterable[Inputs],
    wide: Mapping[str, int],
) -> dict[str, Range]:
    """Return the ranges of all products.

    Args:
        state: weights by the reader network's names.
        write: which graph.
        texts: its inputs for each text.
        wide: by product, how many of the channels that go in stay float32, those that reach farthest: their
            outliers would cost all others their precision.

    Source: Xiao et al., "SmoothQuant", ICML 2023, for the evening out of channels.
    """
    graph = TransformerGraph(state, None)
    options = onnxruntime.SessionOptions()
    options.enable_cpu_mem_arena = False  # it would keep what the longest text took
    session = onnxruntime.InferenceSession(
        write(graph).SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    outputs, kept = list(graph.looked_at.values()), list(texts)

    def flowing() -> Iterator[Iterator[tuple[str, NDArray[np.float32]]]]:
        for inputs in kept:
            values = session.run(outputs, dict(inputs))
            yield ((name, value[0]) for name, value in zip(graph.looked_at, values, strict=True))

    reach: dict[str, NDArray[np.float32]] = {}
    for text in flowing():
        for name, values in text:
            reach[name] = np.maximum(reach.get(name, 0), np.abs(values).max(0))
    chosen = {name: _channels(name, state[f"{name}.weight"], widest, wide) for name, widest in reach.items()}
    ends = dict.fromkeys(chosen, (0.0, 0.0))
    for text in flowing():
        for name, values in text:
            widths, left_out = chosen[name]
            inside = np.delete(values if widths is None else values / widths, left_out, axis=1)
            low, high = ends[name]
            ends[name] = min(low, float(inside.min())), max(high, float(inside.max()))
    return {name: _range(*ends[name], *chosen[name]) for name in chosen}


def _channels(
    name: str, weight: NDArray[np.float32], reach: NDArray[np.float32], wide: Mapping[str, int]
) -> tuple[NDArray[np.float32] | None, NDArray[np.int64]]:
    """Return what the channels that go into a product are divided by, and which are left out of it."""
    kind, widths = name.rpartition(".")[2], None
    if kind in _EVENED:
        rows = np.maximum(np.abs(weight).max(0), 1e-4)
        widths = np.maximum(reach, 1e-4) ** EVENING / rows ** (1 - EVENING)
        widths = _short(np.maximum(widths, 1e-3)).astype(np.float32)
        reach = reach / widths
    return widths, np.sort(np.argsort(-reach, kind="stable")[: wide.get(kind, 0)])


def _range(low: float, high: float, widths: NDArray[np.float32] | None, wide: NDArray[np.int64]) -> Range:
    step = float(_short(np.array(max(high - low, 1e-6) / _LEVELS)))
    return Range(step, min(_LEVELS, max(0, round(-low / step))), widths, wide)


def _short(values: NDArray[Any]) -> NDArray[Any]:
    """Return `values` with 8 bits after the point, so that another machine's last bits change nothing."""
    mantissa, exponent = np.frexp(values)
    return np.asarray(np.ldexp(np.round(mantissa * 256) / 256, exponent))
