"""Weights as 8-bit integers with one scale a row: a quarter of the size, for files that ship."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

SCALE_SUFFIX = ".scale"


def pack(weights: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[Any]]:
    """Return `weights` with each matrix as int8 rows and their float32 scales, everything else as float16.

    Symmetric, per output channel: a row's largest magnitude becomes 127.
    """
    packed: dict[str, NDArray[Any]] = {}
    for name, array in weights.items():
        if array.ndim != 2:
            packed[name] = array.astype(np.float16)
            continue
        scale = (np.maximum(np.abs(array).max(1), 1e-12) / 127).astype(np.float32)
        packed[name] = np.rint(array / scale[:, None]).clip(-127, 127).astype(np.int8)
        packed[name + SCALE_SUFFIX] = scale
    return packed


def unpack(packed: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the float32 weights that `pack` was given, rounding aside."""
    weights: dict[str, NDArray[Any]] = {}
    for name, array in packed.items():
        if name.endswith(SCALE_SUFFIX):
            continue
        scale = packed.get(name + SCALE_SUFFIX)
        weights[name] = (
            array.astype(np.float32) if scale is None else array.astype(np.float32) * scale[:, None]
        )
    return weights
