"""Trains the reader: `python -m embeddings.training --shared ../shared --out DIR`."""

import argparse
import json
import time
from dataclasses import fields, replace
from pathlib import Path

import torch

from embeddings.encoder import SentenceTransformerEncoder, packaged_model
from embeddings.reader_network import ReaderNetwork, network_with
from embeddings.reader_state import backbone_state
from embeddings.reader_windows import load_tokenizer, tokenize
from embeddings.training.examples import load_examples
from embeddings.training.group_parts import Group, TokenisedCollection
from embeddings.training.groups import GroupMaker, QuestionSwapper
from embeddings.training.negatives import mine_negatives
from embeddings.training.train import Recipe, Trainer


def fresh_network(seed: int) -> ReaderNetwork:
    """Return the network with the backbone's weights and new heads."""
    torch.manual_seed(seed)
    return network_with(backbone_state(packaged_model()), whole=False).train()


def parse_arguments() -> argparse.Namespace:
    """Return the command line's options; each field of `Recipe` has one."""
    parser = argparse.ArgumentParser(prog="python -m embeddings.training", description=__doc__)
    parser.add_argument("--shared", type=Path, required=True, help="folder that holds data/reader_train")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the log")
    parser.add_argument(
        "--resume", type=Path, help="checkpoint to go on from (default: OUT/latest.safetensors if there)"
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, help="CPU threads")
    parser.add_argument(
        "--lexical-negatives", action="store_true", help="mine by BM25 alone, which is faster"
    )
    parser.add_argument("--minutes-between-checkpoints", type=float, default=4.0)
    for each in fields(Recipe):
        parser.add_argument(f"--{each.name.replace('_', '-')}", type=type(each.default), default=each.default)
    return parser.parse_args()


class Log:
    """Prints and writes the mean losses, and saves checkpoints in time."""

    def __init__(self, trainer: Trainer, minutes: float, every: int = 50) -> None:
        self._trainer, self._every, self._pause_s = trainer, every, minutes * 60
        self._sums: dict[str, float] = {}
        self._began = self._saved = time.monotonic()

    def __call__(self, step: int, losses: dict[str, float]) -> None:
        """Take note of the losses of `step`."""
        for name, value in losses.items():
            self._sums[name] = self._sums.get(name, 0.0) + value / self._every
        now = time.monotonic()
        if step % self._every == 0:
            line = {"step": step, "seconds": round(now - self._began, 1)}
            line |= {name: round(value, 4) for name, value in self._sums.items()}
            print(json.dumps(line), flush=True)
            with (self._trainer.folder / "log.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps(line) + "\n")
            self._sums = {}
        if now - self._saved > self._pause_s:
            self._trainer.save()
            self._saved = now


def main() -> None:
    """Read the data, mine negatives, train, save."""
    options = parse_arguments()
    recipe = replace(Recipe(), **{each.name: getattr(options, each.name) for each in fields(Recipe)})
    options.out.mkdir(parents=True, exist_ok=True)
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    collection = load_examples(options.shared)
    encoder = None if options.lexical_negatives else SentenceTransformerEncoder()
    negatives = mine_negatives(collection, encoder, options.out / "negatives.json")
    tokenizer = load_tokenizer(packaged_model())
    questions = tokenize(tokenizer, [q.text for q in collection.questions])
    data = TokenisedCollection(collection, questions, tokenize(tokenizer, collection.passages), negatives)
    swap = QuestionSwapper(collection, lambda text: tokenize(tokenizer, [text])[0])
    trainer = Trainer(fresh_network(recipe.seed), recipe, torch.device(options.device), options.out)
    checkpoint = options.resume or options.out / "latest.safetensors"
    if checkpoint.exists():
        trainer.load(checkpoint)
        print(f"Going on from step {trainer.step} of {checkpoint}.", flush=True)

    def epoch(number: int) -> list[Group]:
        return GroupMaker(data, swap, recipe.seed * 1000 + number).epoch()

    trainer.run(epoch, Log(trainer, options.minutes_between_checkpoints))
    trainer.save()
    trainer.save(f"step{trainer.step}")


if __name__ == "__main__":
    main()
