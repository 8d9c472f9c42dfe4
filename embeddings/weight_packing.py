"""Weights as 8-bit integers with one scale a row: a quarter of the size, for files that ship."""

import torch
from torch import Tensor

SCALE_SUFFIX = ".scale"


def pack(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return `weights` with each matrix as int8 rows and their float32 scales, everything else as float16.

    Symmetric, per output channel: a row's largest magnitude becomes 127.
    """
    packed: dict[str, Tensor] = {}
    for name, tensor in weights.items():
        if tensor.dim() != 2:
            packed[name] = tensor.to(torch.float16).contiguous()
            continue
        scale = tensor.abs().amax(1).clamp_min(1e-12) / 127
        packed[name] = torch.round(tensor / scale[:, None]).clamp(-127, 127).to(torch.int8).contiguous()
        packed[name + SCALE_SUFFIX] = scale.to(torch.float32)
    return packed


def unpack(packed: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the float32 weights that `pack` was given, rounding aside."""
    weights: dict[str, Tensor] = {}
    for name, tensor in packed.items():
        if name.endswith(SCALE_SUFFIX):
            continue
        scale = packed.get(name + SCALE_SUFFIX)
        weights[name] = tensor.float() if scale is None else tensor.float() * scale[:, None]
    return weights
