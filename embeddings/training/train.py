"""The training loop: batches, losses, optimiser, checkpoints."""

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from embeddings.cpu_flags import CPU_INFO, cpu_flags
from embeddings.reader_network import Logits, ReaderNetwork
from embeddings.training.group_parts import Group

FAR_BELOW = -1e4


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a run is made of.

    Attributes:
        steps: how many batches in all.
        windows: windows in a batch, about.
        rate: highest learning rate of the encoder's layers; the new heads learn `head_factor` times as fast.
        warmup: steps of rising rate.
        decay_share: share of the steps, at the end, over which the rate falls to zero.
        average: decay of the running average of the weights, which is what is exported.
    """

    steps: int = 4000
    windows: int = 32
    rate: float = 2e-4
    head_factor: float = 4.0
    warmup: int = 150
    decay_share: float = 0.35
    average: float = 0.998
    span_weight: float = 1.0
    ranking_weight: float = 1.0
    no_answer_weight: float = 0.6
    frozen_layers: int = 0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows of whole groups, padded.

    Attributes:
        ids, segments, real: the network's input, each (B, L).
        starts, ends: target shares of each token, (B, L).
        passage: whether a token belongs to the passage, (B, L).
        members: (G, B), which ranked windows each group with more than one has.
        first: (G,), the row of each group's positive.
        span_groups: (G,), which groups have a span to learn.
        no_answer: (B,), the target, or -1 where it is not known.
    """

    ids: Tensor
    segments: Tensor
    real: Tensor
    starts: Tensor
    ends: Tensor
    passage: Tensor
    members: Tensor
    first: Tensor
    span_groups: Tensor
    no_answer: Tensor


def collate(groups: Sequence[Group], device: torch.device) -> Batch:
    """Return the groups' windows as one padded batch."""
    examples = [example for group in groups for example in group]
    width = -(-max(len(e.window.ids) for e in examples) // 8) * 8
    shape = (len(examples), width)
    ids, segments = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
    real, passage = torch.zeros(shape, dtype=torch.bool), torch.zeros(shape, dtype=torch.bool)
    starts, ends = torch.zeros(shape), torch.zeros(shape)
    for row, example in enumerate(examples):
        window = example.window
        length = len(window.ids)
        ids[row, :length] = torch.tensor(window.ids)
        real[row, :length] = True
        segments[row, window.offset : length] = 1
        passage[row, window.offset : window.offset + window.count] = True
        for target, shares in ((starts, example.starts), (ends, example.ends)):
            for token, share in shares.items():
                target[row, token] = share
    members, first, spans = _memberships(groups)
    no_answer = torch.tensor([-1.0 if e.no_answer is None else e.no_answer for e in examples])
    tensors = (ids, segments, real, starts, ends, passage, members, first, spans, no_answer)
    return Batch(*(t.to(device) for t in tensors))


def _memberships(groups: Sequence[Group]) -> tuple[Tensor, Tensor, Tensor]:
    total = sum(map(len, groups))
    members, first, spans = [], [], []
    row = 0
    for group in groups:
        ranked = [i for i, example in enumerate(group) if example.ranked]
        if ranked:
            mask = torch.zeros(total, dtype=torch.bool)
            mask[torch.tensor(ranked) + row] = True
            members.append(mask)
            first.append(row)
            spans.append(bool(group[0].starts))
        row += len(group)
    stacked = torch.stack(members) if members else torch.zeros((0, total), dtype=torch.bool)
    return stacked, torch.tensor(first, dtype=torch.long), torch.tensor(spans, dtype=torch.bool)


def losses(logits: Logits, batch: Batch) -> dict[str, Tensor]:
    """Return the span, ranking and no-answer losses.

    The span's softmax runs over the tokens of all windows of the question, so that scores of different
    passages can be compared (shared normalisation).

    Source: C. Clark, M. Gardner, Simple and Effective Multi-Paragraph Reading Comprehension, ACL 2018.
    """
    zero = logits.relevance.sum() * 0
    found: dict[str, Tensor] = {"span": zero, "ranking": zero, "no_answer": zero}
    if batch.span_groups.any():
        members, first = batch.members[batch.span_groups], batch.first[batch.span_groups]
        parts = []
        for scores, target in ((logits.start, batch.starts), (logits.end, batch.ends)):
            scores = scores.masked_fill(~batch.passage, FAR_BELOW)
            window_mass = torch.logsumexp(scores, 1)
            mass = torch.logsumexp(window_mass.expand(len(first), -1).masked_fill(~members, FAR_BELOW), 1)
            parts.append((mass - (scores * target).sum(1)[first]).mean())
        found["span"] = (parts[0] + parts[1]) / 2
    contested = batch.members.sum(1) > 1
    if contested.any():
        members, first = batch.members[contested], batch.first[contested]
        scores = logits.relevance.expand(len(first), -1).masked_fill(~members, FAR_BELOW)
        found["ranking"] = (torch.logsumexp(scores, 1) - logits.relevance[first]).mean()
    known = batch.no_answer >= 0
    if known.any():
        found["no_answer"] = functional.binary_cross_entropy_with_logits(
            logits.no_answer[known], batch.no_answer[known]
        )
    return found


Objective = Callable[[Logits, Batch], dict[str, Tensor]]


def plan_batches(groups: list[Group], windows: int, seed: int) -> list[list[Group]]:
    """Return batches of about `windows` windows of like length, in random order."""
    chance = random.Random(seed)  # noqa: S311 (a seeded order, no secret)
    batches: list[list[Group]] = []
    stretch = 2048
    for begin in range(0, len(groups), stretch):
        block = sorted(groups[begin : begin + stretch], key=lambda g: max(len(e.window.ids) for e in g))
        batch: list[Group] = []
        for group in block:
            batch.append(group)
            if sum(map(len, batch)) >= windows:
                batches.append(batch)
                batch = []
        if batch:
            batches.append(batch)
    chance.shuffle(batches)
    return batches


def rate_factor(step: int, recipe: Recipe) -> float:
    """Return the share of the highest rate at `step`: rising, flat, falling.

    >>> recipe = Recipe(steps=100, warmup=10, decay_share=0.5)
    >>> [rate_factor(step, recipe) for step in (4, 30, 75, 99)]
    [0.5, 1.0, 0.5, 0.02]
    """
    decay = max(1, int(recipe.steps * recipe.decay_share))
    return min(1.0, (step + 1) / recipe.warmup, (recipe.steps - step) / decay)


def half_precision(device: torch.device, cpu_info: Path = CPU_INFO) -> AbstractContextManager[object]:
    """Return the context in which products run in bfloat16; in float32 on a CPU that would have to imitate it.

    Imitating cost a minute and more for a step that takes seconds.
    """
    slow = device.type == "cpu" and not {"avx512_bf16", "amx_bf16"} & (cpu_flags(cpu_info) or set())
    return nullcontext() if slow else torch.autocast(device.type, torch.bfloat16)


class Trainer:
    """Trains a network; can stop and go on at any checkpoint with the same result."""

    def __init__(
        self,
        network: ReaderNetwork,
        recipe: Recipe,
        device: torch.device,
        folder: Path,
        objective: Objective = losses,
    ) -> None:
        self.network = network.to(device)
        self._objective = objective
        self.recipe = recipe
        self.device = device
        self.folder = folder
        self.step = 0
        for parameter in network.embeddings_parameters():
            parameter.requires_grad_(False)
        # Frozen layers stand in checkpoints too: they may have been trained in an earlier part of a run.
        self._kept = [(name, p) for name, p in network.named_parameters() if p.requires_grad]
        for layer in list(network.layers)[: recipe.frozen_layers]:
            layer.requires_grad_(False)
        self._named = [(name, p) for name, p in network.named_parameters() if p.requires_grad]
        self.averaged = {name: p.detach().clone() for name, p in self._named}
        self._optimizer = torch.optim.AdamW(self._parameter_sets(), betas=(0.9, 0.98), eps=1e-6, fused=True)

    def _parameter_sets(self) -> list[dict[str, object]]:
        sets = []
        for head in (False, True):
            for decayed in (False, True):
                chosen = [
                    p
                    for name, p in self._named
                    if name.startswith(("judge", "span", "pool")) == head and (p.dim() > 1) == decayed
                ]
                factor = self.recipe.head_factor if head else 1.0
                sets.append({"params": chosen, "weight_decay": 0.01 if decayed else 0.0, "factor": factor})
        return sets

    def train_step(self, groups: Sequence[Group]) -> dict[str, float]:
        """Take one step on `groups` and return the losses."""
        self.network.train()
        batch = collate(groups, self.device)
        with half_precision(self.device):
            logits = self.network(batch.ids, batch.segments, batch.real)
        found = self._objective(logits, batch)
        recipe = self.recipe
        total = (
            recipe.span_weight * found["span"]
            + recipe.ranking_weight * found["ranking"]
            + recipe.no_answer_weight * found["no_answer"]
        )
        total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([p for _, p in self._named], 1.0)
        for settings in self._optimizer.param_groups:
            settings["lr"] = recipe.rate * settings["factor"] * rate_factor(self.step, recipe)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=False)
        self.step += 1
        share = max(1 - recipe.average, 1 / (self.step + 1))
        with torch.no_grad():
            for name, parameter in self._named:
                self.averaged[name].lerp_(parameter, share)
        return {name: float(loss.detach()) for name, loss in found.items()}

    def run(
        self, epoch: Callable[[int], list[Group]], on_step: Callable[[int, dict[str, float]], None]
    ) -> None:
        """Train to the recipe's last step; `epoch` makes the groups of the epoch with a given number."""
        for batch in self._batches_from(epoch, self.step):
            if self.step >= self.recipe.steps:
                return
            on_step(self.step + 1, self.train_step(batch))

    def _batches_from(self, epoch: Callable[[int], list[Group]], done: int) -> Iterator[list[Group]]:
        number = 0
        while True:
            batches = plan_batches(epoch(number), self.recipe.windows, self.recipe.seed * 1000 + number)
            yield from batches[done:]
            done = max(0, done - len(batches))
            number += 1

    def save(self, name: str = "latest") -> None:
        """Write a checkpoint that `load` goes on from; an interrupted write leaves the old one."""
        tensors: dict[str, Tensor] = {}
        for key, parameter in self._kept:
            tensors[f"weight.{key}"] = parameter.detach()
            tensors[f"average.{key}"] = self.averaged.get(key, parameter.detach()).clone()
            for part, value in self._optimizer.state.get(parameter, {}).items():
                tensors[f"{part}.{key}"] = value.reshape(1) if value.dim() == 0 else value
        path = self.folder / f"{name}.safetensors"
        save_file(tensors, path.with_suffix(".part"), {"step": str(self.step), "saved_at": str(time.time())})
        path.with_suffix(".part").replace(path)
        progress = {"step": self.step, "seed": self.recipe.seed, "windows": self.recipe.windows}
        path.with_suffix(".json").write_text(json.dumps(progress), encoding="utf-8")

    def load(self, path: Path) -> None:
        """Go on from the checkpoint at `path`."""
        tensors = load_file(path)
        self.step = int(json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["step"])
        with torch.no_grad():
            for key, parameter in self._kept:
                parameter.copy_(tensors[f"weight.{key}"])
            for key, parameter in self._named:
                self.averaged[key].copy_(tensors[f"average.{key}"])
                self._optimizer.state[parameter] = {
                    part: tensors[f"{part}.{key}"].reshape(()) if part == "step" else tensors[f"{part}.{key}"]
                    for part in ("step", "exp_avg", "exp_avg_sq")
                    if f"{part}.{key}" in tensors
                }
