"""Ways of training the reader, compared: `python -m tests.bench.reader_recipes --shared ../shared --work DIR`.

Each variant starts from the backbone and takes the same number of steps over the same groups (another seed's where
it says so). Figures are on groups of the calibration articles, which no variant trains on. The distilled variant is
taught by the shipped reader and the checkpoints that are named.
"""

import argparse
import copy
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrize

from embeddings.encoder import packaged_model
from embeddings.reader import WEIGHTS_FOLDER, load_network
from embeddings.reader_network import Logits, ReaderNetwork
from embeddings.reader_windows import load_tokenizer, tokenize
from embeddings.training.__main__ import fresh_network
from embeddings.training.examples import Collection, add_squad_open, load_examples, read_splits
from embeddings.training.group_parts import Group, TokenisedCollection
from embeddings.training.groups import GroupMaker, QuestionSwapper
from embeddings.training.negatives import mine_negatives
from embeddings.training.train import (
    FAR_BELOW,
    Batch,
    Objective,
    Recipe,
    Trainer,
    collate,
    half_precision,
    losses,
    plan_batches,
)
from qa_service.evaluation.confidence_measures import auroc

CPU = torch.device("cpu")
LINEAR = ("qkv", "attended", "up", "down")


class LowRank(nn.Module):
    """What is added to a frozen matrix: the product of two thin ones.

    Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", ICLR 2022.
    """

    def __init__(self, weight: Tensor, rank: int) -> None:
        super().__init__()
        self.inner = nn.Parameter(torch.randn(rank, weight.shape[1]) * 0.02)
        self.outer = nn.Parameter(torch.zeros(weight.shape[0], rank))

    def forward(self, weight: Tensor) -> Tensor:
        return weight + self.outer @ self.inner


@dataclass(frozen=True, slots=True)
class Data:
    """Training groups by seed, and held-out batches."""

    groups: Callable[[int], list[Group]]
    held: list[list[Group]]


def main() -> None:
    """Train and measure every variant; one line of JSON each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="folder for the mined negatives")
    parser.add_argument("--steps", type=int, default=250)
    parser.add_argument("--windows", type=int, default=24, help="windows a step, about")
    parser.add_argument("--held", type=int, default=400, help="groups to measure on")
    parser.add_argument("--only", default="", help="the variants that have this in their names")
    parser.add_argument(
        "--teacher", type=Path, action="append", default=[], help="checkpoint that teaches as well"
    )
    given = parser.parse_args()
    torch.set_flush_denormal(True)
    data = read(given.shared, given.work, given.held)
    base = Recipe(
        steps=given.steps,
        windows=given.windows,
        warmup=max(1, given.steps // 10),
        decay_share=0.5,
        average=0.98,
        no_answer_weight=1.0,
    )
    teacher = Ensemble([load_network(WEIGHTS_FOLDER, packaged_model()), *map(checkpoint, given.teacher)])
    variants: dict[str, Callable[[str], object]] = {
        "two seeds": lambda name: two_seeds(data, base),
        "two upper layers only": lambda name: train(name, data, replace(base, frozen_layers=4)),
        "low-rank adapters (16) on all layers, rate 2e-3": lambda name: train(
            name, data, replace(base, rate=2e-3, head_factor=0.4), adapt
        ),
        "pairwise ranking": lambda name: train(name, data, base, objective=pairwise),
        f"distilled from {len(teacher.networks)} readers": lambda name: train(
            name, data, base, objective=distilled(teacher)
        ),
    }
    for part in ("ranking", "no_answer"):
        for weight in (0.3, 3.0):
            recipe = replace(base, **{f"{part}_weight": weight})
            variants[f"{part} weight {weight}"] = lambda name, recipe=recipe: train(name, data, recipe)
    for name, run in variants.items():
        if given.only in name:
            run(name)


def two_seeds(data: Data, base: Recipe) -> None:
    """Train two seeds; report each, the mean of their weights and the mean of their scores."""
    first = train("all layers, listwise ranking", data, base)
    second = train("the same, second seed", data, replace(base, seed=1))
    report("the two seeds' weights averaged", mean_network(first, second), data)
    report("the two seeds' scores averaged", Ensemble([first, second]), data)


def checkpoint(path: Path) -> ReaderNetwork:
    """Return the network of a training checkpoint, with its averaged weights."""
    network, stored = fresh_network(0), load_file(path)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if (average := stored.get(f"average.{name}")) is not None:
                parameter.copy_(average)
    return network


def read(shared: Path, work: Path, held: int) -> Data:
    """Return groups of the training sets and of the calibration articles; negatives are mined by BM25."""
    work.mkdir(parents=True, exist_ok=True)
    collection, apart = load_examples(shared), Collection()
    add_squad_open(apart, shared, read_splits()["calibrate"])
    tokenizer = load_tokenizer(packaged_model())

    def groups_of(items: Collection, cache: str) -> Callable[[int], list[Group]]:
        negatives = mine_negatives(items, None, work / cache)
        questions = tokenize(tokenizer, [q.text for q in items.questions])
        tokenised = TokenisedCollection(items, questions, tokenize(tokenizer, items.passages), negatives)
        swap = QuestionSwapper(items, lambda text: tokenize(tokenizer, [text])[0])
        return lambda seed: GroupMaker(tokenised, swap, seed).epoch()

    kept = groups_of(apart, "held_negatives.json")(5)[:held]
    return Data(groups_of(collection, "negatives.json"), plan_batches(kept, 48, 1))


def train(
    name: str,
    data: Data,
    recipe: Recipe,
    prepare: Callable[[ReaderNetwork], None] = lambda network: None,
    objective: Objective = losses,
) -> ReaderNetwork:
    """Train one variant, print its figures and return the network with its averaged weights."""
    began, network = time.monotonic(), fresh_network(0)
    prepare(network)
    trainer = Trainer(network, recipe, CPU, Path(), objective)
    for batch in plan_batches(data.groups(recipe.seed), recipe.windows, recipe.seed)[: recipe.steps]:
        trainer.train_step(batch)
    with torch.no_grad():
        for key, parameter in network.named_parameters():
            if key in trainer.averaged:
                parameter.copy_(trainer.averaged[key])
    report(name, network, data, time.monotonic() - began)
    return network


def report(name: str, network: nn.Module, data: Data, seconds: float = 0.0) -> None:
    """Print the losses and shares of right choices on the held-out groups."""
    network.eval()
    sums: dict[str, float] = {}
    counts: dict[str, int] = {}
    no_answer: list[tuple[float, float]] = []
    for groups in data.held:
        batch = collate(groups, CPU)
        with torch.inference_mode(), half_precision(CPU):
            logits = network(batch.ids, batch.segments, batch.real)
        for key, value in losses(logits, batch).items():
            sums[key] = sums.get(key, 0.0) + float(value) * len(groups)
            counts[key] = counts.get(key, 0) + len(groups)
        for key, hits in choices(logits, batch).items():
            sums[key] = sums.get(key, 0.0) + float(hits.sum())
            counts[key] = counts.get(key, 0) + len(hits)
        known = batch.no_answer >= 0
        no_answer += zip(batch.no_answer[known].tolist(), logits.no_answer[known].tolist(), strict=True)
    figures = {key: round(sums[key] / counts[key], 3) for key in sums}
    apart = auroc([s for t, s in no_answer if t == 1], [s for t, s in no_answer if t == 0]).value
    print(
        json.dumps({"name": name} | figures | {"auroc": round(apart, 3), "seconds": round(seconds)}),
        flush=True,
    )


def choices(logits: Logits, batch: Batch) -> dict[str, Tensor]:
    """Return, for each group with a choice, whether the best window and the best span were the right ones."""
    contested = batch.members.sum(1) > 1
    members, first = batch.members[contested], batch.first[contested]
    best = logits.relevance.expand(len(first), -1).masked_fill(~members, FAR_BELOW).argmax(1)
    members, asked = batch.members[batch.span_groups], batch.first[batch.span_groups]
    right = torch.ones(len(asked), dtype=torch.bool)
    for scores, target in ((logits.start, batch.starts), (logits.end, batch.ends)):
        inside = scores.masked_fill(~batch.passage, FAR_BELOW)
        everywhere = inside.expand(len(asked), *inside.shape).masked_fill(~members[:, :, None], FAR_BELOW)
        chosen = everywhere.flatten(1).argmax(1)
        row, token = chosen // inside.shape[1], chosen % inside.shape[1]
        right &= (row == asked) & (target[row, token] > 0)
    return {"first": best == first, "exact": right}


class Ensemble(nn.Module):
    """Several networks, whose scores are averaged."""

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, ids: Tensor, segments: Tensor, real: Tensor) -> Logits:
        every = [network(ids, segments, real) for network in self.networks]
        parts = ("start", "end", "relevance", "no_answer")
        return Logits(*(torch.stack([getattr(logits, part) for logits in every]).mean(0) for part in parts))


def mean_network(first: ReaderNetwork, second: ReaderNetwork) -> ReaderNetwork:
    """Return a network whose weights are the mean of both."""
    merged = copy.deepcopy(first)
    with torch.no_grad():
        for mine, theirs in zip(merged.parameters(), second.parameters(), strict=True):
            mine.lerp_(theirs, 0.5)
    return merged


def adapt(network: ReaderNetwork) -> None:
    """Freeze the layers' matrices and put a low-rank change beside each."""
    for layer in network.layers:
        layer.requires_grad_(False)
        for part in LINEAR:
            matrix = getattr(layer, part)
            parametrize.register_parametrization(matrix, "weight", LowRank(matrix.weight, 16))


def pairwise(logits: Logits, batch: Batch) -> dict[str, Tensor]:
    """Return the losses with the ranking's as the mean over pairs of the positive and one other window."""
    found = losses(logits, batch)
    contested = batch.members.sum(1) > 1
    if contested.any():
        members, first = batch.members[contested].clone(), batch.first[contested]
        members[torch.arange(len(first)), first] = False
        ahead = logits.relevance[first][:, None] - logits.relevance[None, :]
        found["ranking"] = (functional.softplus(-ahead) * members).sum() / members.sum()
    return found


def distilled(teacher: nn.Module) -> Objective:
    """Return an objective: half the labels, half the teacher's shares of start and end, and its relevance.

    Source: Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015.
    """
    teacher.eval()

    def objective(logits: Logits, batch: Batch) -> dict[str, Tensor]:
        found = losses(logits, batch)
        with torch.no_grad(), half_precision(CPU):
            taught: Logits = teacher(batch.ids, batch.segments, batch.real)
        members, outside = batch.members[batch.span_groups], ~batch.passage
        if len(members):
            parts = []
            for mine, theirs in ((logits.start, taught.start), (logits.end, taught.end)):
                barred = (outside | ~members[:, :, None]).flatten(1)
                shape = (len(members), *mine.shape)
                shares = theirs.expand(shape).flatten(1).masked_fill(barred, FAR_BELOW).softmax(1)
                logs = mine.expand(shape).flatten(1).masked_fill(barred, FAR_BELOW).log_softmax(1)
                parts.append(-(shares * logs).sum(1).mean())
            found["span"] = 0.5 * found["span"] + 0.25 * (parts[0] + parts[1])
        contested = batch.members[batch.members.sum(1) > 1]
        if len(contested):
            shares = taught.relevance.expand(contested.shape).masked_fill(~contested, FAR_BELOW).softmax(1)
            logs = logits.relevance.expand(contested.shape).masked_fill(~contested, FAR_BELOW).log_softmax(1)
            found["ranking"] = 0.5 * found["ranking"] - 0.5 * (shares * logs).sum(1).mean()
        soft = functional.binary_cross_entropy_with_logits(logits.no_answer, taught.no_answer.sigmoid())
        found["no_answer"] = 0.5 * found["no_answer"] + 0.5 * soft
        return found

    return objective


if __name__ == "__main__":
    main()
