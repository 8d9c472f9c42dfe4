"""The reader's network: a BERT encoder with heads for relevance, no-answer and the answer span."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

HIDDEN = 384
HEADS = 12
FEED_FORWARD = 1536
LAYERS = 6
MAX_POSITIONS = 512


@dataclass(frozen=True, slots=True)
class Logits:
    """Raw scores of a batch of windows.

    Attributes:
        start: shape (B, L), the score of each token as first of the answer.
        end: shape (B, L), the score of each token as last of the answer.
        relevance: shape (B,), comparable between the windows of one question.
        no_answer: shape (B,), log-odds that the window does not answer.
    """

    start: Tensor
    end: Tensor
    relevance: Tensor
    no_answer: Tensor


class EncoderLayer(nn.Module):
    """One transformer layer, post-norm as in BERT, with query, key and value in one product."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(HIDDEN, 3 * HIDDEN)
        self.attended = nn.Linear(HIDDEN, HIDDEN)
        self.attention_norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.up = nn.Linear(HIDDEN, FEED_FORWARD)
        self.down = nn.Linear(FEED_FORWARD, HIDDEN)
        self.output_norm = nn.LayerNorm(HIDDEN, eps=1e-12)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Return the next states (B, L, D); `mask` (B * H, 1, L) is added to the attention scores."""
        batch, length, _ = x.shape
        size = HIDDEN // HEADS
        qkv = self.qkv(x).view(batch, length, 3, HEADS, size).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.reshape(3, batch * HEADS, length, size).unbind(0)
        scores = torch.bmm(q, k.transpose(1, 2))
        # Written out and kept in the scores' own type: on CPUs with bfloat16 the fused kernel's backward
        # pass takes a quarter of a training step, this a tenth.
        with torch.autocast(x.device.type, enabled=False):
            weights = torch.softmax(torch.add(mask.to(scores.dtype), scores, alpha=1 / math.sqrt(size)), -1)
        mixed = torch.bmm(weights, v).view(batch, HEADS, length, size).transpose(1, 2)
        x = self.attention_norm(x + self.attended(mixed.reshape(batch, length, HIDDEN)))
        return self.output_norm(x + self.down(functional.gelu(self.up(x))))  # type: ignore[no-any-return]


class ReaderNetwork(nn.Module):
    """Reads (question, passage window) pairs: one pass gives relevance, no-answer and span scores."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary, HIDDEN)
        self.positions = nn.Embedding(MAX_POSITIONS, HIDDEN)
        self.segments = nn.Embedding(2, HIDDEN)
        self.embedding_norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.layers = nn.ModuleList(EncoderLayer() for _ in range(LAYERS))
        self.pool = nn.Linear(HIDDEN, HIDDEN)
        self.judge = nn.Linear(HIDDEN, 2)
        self.span = nn.Linear(HIDDEN, 2)

    def embeddings_parameters(self) -> list[nn.Parameter]:
        """Return the parameters that stay those of the backbone."""
        stages = (self.words, self.positions, self.segments, self.embedding_norm)
        return [p for stage in stages for p in stage.parameters()]

    def forward(self, ids: Tensor, segments: Tensor, real: Tensor) -> Logits:
        """Score a batch.

        Args:
            ids: shape (B, L), token numbers: [CLS] question [SEP] window [SEP], padded.
            segments: shape (B, L), 1 for the window's tokens and the last [SEP].
            real: shape (B, L), False for padding.
        """
        length = ids.shape[1]
        x = self.words(ids) + self.positions.weight[:length] + self.segments(segments)
        x = self.embedding_norm(x)
        mask = torch.zeros(real.shape, dtype=x.dtype, device=x.device).masked_fill_(~real, -1e4)
        mask = mask.repeat_interleave(HEADS, 0).unsqueeze(1)
        for layer in self.layers:
            x = layer(x, mask)
        start, end = self.span(x).float().unbind(-1)
        relevance, no_answer = self.judge(torch.tanh(self.pool(x[:, 0]))).float().unbind(-1)
        return Logits(start, end, relevance, no_answer)


def network_with(state: Mapping[str, NDArray[Any]], *, whole: bool = True) -> ReaderNetwork:
    """Return the network with the weights in `state`; what it lacks stays as drawn unless it must be `whole`.

    Raises:
        ValueError: the network does not know some weights.
        RuntimeError: a weight has another shape, or is lacking though the state must be whole.
    """
    network = ReaderNetwork(len(state["words.weight"]))
    tensors = {name: torch.tensor(array) for name, array in state.items()}
    unknown = network.load_state_dict(tensors, strict=whole).unexpected_keys
    if unknown:
        raise ValueError(f"The reader does not know these weights: {unknown}.")
    return network.eval()
