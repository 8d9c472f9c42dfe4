"""The networks of encoder and reader as exported, in 8-bit products or float32; loads PyTorch, only to export."""

import math
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from embeddings.reader_network import HEADS, HIDDEN, EncoderLayer, ReaderNetwork

# Channels after GELU that are computed in float32: their outliers would cost all others their precision
# (docs/SPEED.md).
WIDE_CHANNELS = 16
# How far activations are evened out between channels, the weights taking up the rest.
EVENING = 0.65


class QuantisedLinear(nn.Module):
    """A linear layer whose product is of 8-bit integers, with one range for what goes in and one scale a row.

    Args:
        even: even out the channels of what goes in.
        wide: so many channels, those that reach farthest, are left out of range and product.

    Source: Xiao et al., "SmoothQuant", ICML 2023, for the evening out of channels.
    """

    inverse: Tensor
    scales: Tensor
    integers: Tensor

    def __init__(self, linear: nn.Linear, *, even: bool = False, wide: int = 0) -> None:
        super().__init__()
        self.weight, self.bias = linear.weight.detach().clone(), linear.bias.detach().clone()
        self.even, self.wide, self.stage = even, wide, "widths"
        self.left_out = torch.zeros(0, dtype=torch.long)
        self.widths = torch.zeros(linear.in_features)
        self.low = self.high = 0.0
        self.step, self.zero = 1.0, 0

    def forward(self, x: Tensor) -> Tensor:
        """Return the product; before `freeze` exactly, and what goes in is looked at."""
        if self.stage == "frozen":
            if self.even:
                x = x * self.inverse
            x = torch.fake_quantize_per_tensor_affine(x, self.step, self.zero, 0, 255)
            return torch.matmul(x, self.integers.float() * self.scales) + self.bias
        if self.stage == "widths":
            self.widths = torch.maximum(self.widths, x.abs().flatten(0, -2).amax(0))
            return functional.linear(x, self.weight, self.bias)
        if self.even:
            x = x * self.inverse
        inside = x.index_fill(-1, self.left_out, 0.0)
        self.low, self.high = min(self.low, float(inside.min())), max(self.high, float(inside.max()))
        return functional.linear(x, self.weight, self.bias)

    def even_out(self) -> None:
        """Move part of the channels' different widths from the activations to the weights."""
        if self.even:
            widths, rows = self.widths.clamp_min(1e-4), self.weight.abs().amax(0).clamp_min(1e-4)
            factor = _short((widths**EVENING / rows ** (1 - EVENING)).clamp_min(1e-3))
            self.weight = self.weight * factor
            self.register_buffer("inverse", 1 / factor)
        self.left_out = self.widths.topk(self.wide).indices.sort().values
        self.stage = "ranges"

    def freeze(self) -> None:
        """Fix range and weights."""
        self.step = float(_short(torch.tensor(max(self.high - self.low, 1e-6) / 255)))
        self.zero = min(255, max(0, round(-self.low / self.step)))
        self.weight[:, self.left_out] = 0
        scales = self.weight.abs().amax(1).clamp_min(1e-12) / 127
        integers = torch.round(self.weight / scales[:, None]).clamp(-127, 127).to(torch.int8)
        self.register_buffer("scales", scales)
        self.register_buffer("integers", integers.t().contiguous())
        self.weight = torch.zeros(0)
        self.stage = "frozen"


def _short(values: Tensor) -> Tensor:
    """Return `values` with 8 bits after the point, so that another machine's last bits change nothing."""
    mantissa, exponent = torch.frexp(values)
    return torch.ldexp(torch.round(mantissa * 256) / 256, exponent)


class WideChannels(nn.Module):
    """The few channels between `up` and `down` that `down` leaves out, in float32 all the way.

    They are computed from what goes into `up`, so that the 8-bit products beside them stay one chain.

    Source: Dettmers et al., "LLM.int8()", NeurIPS 2022, for keeping outliers out of 8-bit products.
    """

    inner: Tensor
    bias: Tensor
    outer: Tensor

    def __init__(self, up: nn.Linear, down: nn.Linear) -> None:
        super().__init__()
        self._weights = up.weight.detach(), up.bias.detach(), down.weight.detach()

    def choose(self, channels: Tensor) -> None:
        """Keep the weights of `channels` alone."""
        inner, bias, outer = self._weights
        self.register_buffer("inner", inner[channels].t().contiguous())
        self.register_buffer("bias", bias[channels].clone())
        self.register_buffer("outer", outer[:, channels].t().contiguous())
        self._weights = ()  # type: ignore[assignment]

    def forward(self, x: Tensor) -> Tensor:
        """Return what the channels add to the layer's output for `x` (B, L, D)."""
        return torch.matmul(functional.gelu(torch.matmul(x, self.inner) + self.bias), self.outer)


class ExportedLayer(nn.Module):
    """An `EncoderLayer`, its products quantised where `eight_bit` says so; attention itself stays in float32."""

    def __init__(self, layer: EncoderLayer, *, eight_bit: bool) -> None:
        super().__init__()
        self.qkv = QuantisedLinear(layer.qkv, even=True) if eight_bit else layer.qkv
        self.attended = QuantisedLinear(layer.attended) if eight_bit else layer.attended
        self.up = QuantisedLinear(layer.up, even=True) if eight_bit else layer.up
        self.down = QuantisedLinear(layer.down, wide=WIDE_CHANNELS) if eight_bit else layer.down
        self.wide = WideChannels(layer.up, layer.down) if eight_bit else None
        self.attention_norm, self.output_norm = layer.attention_norm, layer.output_norm

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Return the next states (B, L, D); `mask` (B, 1, 1, L) is added to the attention scores."""
        batch, length, _ = x.shape
        size = HIDDEN // HEADS
        qkv = self.qkv(x).reshape(batch, length, 3, HEADS, size).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        scores = torch.matmul(q, k.transpose(2, 3)) * (1 / math.sqrt(size)) + mask
        mixed = torch.matmul(torch.softmax(scores, -1), v).transpose(1, 2).reshape(batch, length, HIDDEN)
        x = self.attention_norm(x + self.attended(mixed))
        fed = self.down(functional.gelu(self.up(x)))
        if self.wide and isinstance(self.down, QuantisedLinear) and self.down.stage == "frozen":
            fed = fed + self.wide(x)
        return self.output_norm(x + fed)  # type: ignore[no-any-return]


class Backbone(nn.Module):
    """The layers of a `ReaderNetwork` and what they take in, but for the table of word vectors.

    That table is half of the model. It stays in the backbone's file, and whoever runs the graph looks words up.
    """

    positions: Tensor
    segments: Tensor

    def __init__(self, network: ReaderNetwork, *, eight_bit: bool) -> None:
        super().__init__()
        self.register_buffer("positions", network.positions.weight.detach())
        self.register_buffer("segments", network.segments.weight.detach())
        self.norm = network.embedding_norm
        self.layers = nn.ModuleList(
            ExportedLayer(layer, eight_bit=eight_bit)  # type: ignore[arg-type]
            for layer in network.layers
        )

    def forward(self, words: Tensor, segments: Tensor, real: Tensor) -> Tensor:
        """Return the states (B, L, D) of `words` (B, L, D); `real` (B, L) is 1.0 for tokens, 0.0 for padding."""
        x = words + self.positions[torch.arange(words.shape[1], device=words.device)]
        x = self.norm(x + functional.embedding(segments, self.segments))
        mask = ((1.0 - real) * -1e4)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, mask)
        return x  # type: ignore[no-any-return]


class EncoderGraph(nn.Module):
    """Word vectors to L2-normalised mean vectors, as all-MiniLM-L6-v2 makes them."""

    inputs, outputs = ("words", "segments", "lengths"), ("vectors",)

    def __init__(self, network: ReaderNetwork, *, eight_bit: bool) -> None:
        super().__init__()
        self.backbone = Backbone(network, eight_bit=eight_bit)

    def forward(self, words: Tensor, segments: Tensor, lengths: Tensor) -> Tensor:
        """Return vectors (B, D) of `words` (B, L, D), padded beyond `lengths` (B,); `segments` (B, L) are 0."""
        real = _real(segments, lengths)
        states: Tensor = self.backbone(words, segments, real) * real[:, :, None]
        mean = states.sum(1) / real.sum(1, keepdim=True)
        return mean / mean.square().sum(1, keepdim=True).sqrt().clamp_min(1e-12)


class ReaderGraph(nn.Module):
    """Windows to scores, as `ReaderNetwork` makes them."""

    inputs, outputs = ("words", "segments", "lengths"), ("start", "end", "relevance", "no_answer")

    def __init__(self, network: ReaderNetwork, *, eight_bit: bool) -> None:
        super().__init__()
        self.backbone = Backbone(network, eight_bit=eight_bit)
        self.pool, self.judge, self.span = network.pool, network.judge, network.span

    def forward(self, words: Tensor, segments: Tensor, lengths: Tensor) -> tuple[Tensor, ...]:
        """Return start and end scores (B, L), relevance and no-answer (B,)."""
        x = self.backbone(words, segments, _real(segments, lengths))
        judged = self.judge(torch.tanh(self.pool(x[:, 0])))
        marked = self.span(x)
        return marked[:, :, 0], marked[:, :, 1], judged[:, 0], judged[:, 1]


def _real(segments: Tensor, lengths: Tensor) -> Tensor:
    return (torch.arange(segments.shape[1], device=segments.device)[None, :] < lengths[:, None]).float()


def calibrate(graph: nn.Module, batches: Iterable[Sequence[Tensor]]) -> None:
    """Fit the ranges of all products of `graph` on `batches` of its inputs and freeze them."""
    kept = list(batches)
    products = [part for part in graph.modules() if isinstance(part, QuantisedLinear)]
    for finish in (QuantisedLinear.even_out, QuantisedLinear.freeze):
        with torch.inference_mode():
            for inputs in kept:
                graph(*inputs)
        for product in products:
            finish(product)
    for layer in graph.modules():
        if isinstance(layer, ExportedLayer) and layer.wide and isinstance(layer.down, QuantisedLinear):
            layer.wide.choose(layer.down.left_out)
