"""The reader on PyTorch: for a question and passages, how well each fits, which words answer, or that none do."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch

from embeddings.encoder import packaged_model
from embeddings.reader_card import WEIGHTS_FOLDER, read_card
from embeddings.reader_network import ReaderNetwork, network_with
from embeddings.reader_state import reader_state
from embeddings.reader_windows import PAD, Tokens, Window, load_tokenizer
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
    "NOTHING", "WEIGHTS_FOLDER", "CrossEncoderReader", "RelevanceMix", "WindowReading", "load_network", "read_card",
    "read_windows", "whole_words",
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
    return network_with(reader_state(folder, backbone))


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
