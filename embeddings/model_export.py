"""Writes encoder and reader for OpenVINO, by way of ONNX; loads PyTorch, so that it is imported only to export."""

import logging
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import openvino
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from embeddings.quantised_network import EncoderGraph, ReaderGraph, calibrate
from embeddings.reader_network import ReaderNetwork, backbone_state
from embeddings.reader_windows import CLS, PAD, SEP, Window, load_tokenizer, tile, tokenize

_OPSET = 17
_BATCH = 8
_LONGEST = 254
_TEXTS = 32


def export_encoder(backbone: Path, texts: Sequence[str], path: Path, *, eight_bit: bool) -> None:
    """Write the encoder in the folder `backbone` to `path` and its weights beside it.

    Ranges of 8-bit products are fitted on `texts`.
    """
    state = backbone_state(load_file(backbone / "model.safetensors"))
    network = ReaderNetwork(state["words.weight"].shape[0])
    network.load_state_dict(state, strict=False)
    tokenizer = load_tokenizer(backbone)
    shown = _spread(texts)
    asked = [" ".join(text.split()[:9]) for text in shown]
    rows = [[CLS, *tokens.ids[:_LONGEST], SEP] for tokens in tokenize(tokenizer, [*shown, *asked])]
    windows = [Window(ids, len(ids), 0, 0) for ids in rows]
    graph = EncoderGraph(network.eval().requires_grad_(False), eight_bit=eight_bit)
    _export(graph, network, windows, path, eight_bit=eight_bit)


def export_reader(
    network: ReaderNetwork, backbone: Path, texts: Sequence[str], path: Path, *, eight_bit: bool
) -> None:
    """Write the reader's `network` to `path` and its weights beside it.

    Ranges of 8-bit products are fitted on `texts`, each read for two stand-in questions.
    """
    windows = list(_stand_ins(load_tokenizer(backbone), _spread(texts)))
    graph = ReaderGraph(network.eval().requires_grad_(False), eight_bit=eight_bit)
    _export(graph, network, windows, path, eight_bit=eight_bit)


def _spread(texts: Sequence[str]) -> list[str]:
    """Return some of `texts`, evenly spread, the same ones each time."""
    stride = max(1, len(texts) // _TEXTS)
    return list(texts[::stride][:_TEXTS])


def _stand_ins(tokenizer: Tokenizer, texts: Sequence[str]) -> Iterator[Window]:
    """Yield each text as a window, with words of its own and with words of the next text as question."""
    words = [" ".join(text.split()[2:12]) + "?" for text in texts]
    asked, passages = tokenize(tokenizer, words), tokenize(tokenizer, texts)
    for number, passage in enumerate(passages):
        for question in (asked[number], asked[number - 1]):
            yield tile(question, passage)[0]


def _export(
    graph: nn.Module, network: ReaderNetwork, windows: Sequence[Window], path: Path, *, eight_bit: bool
) -> None:
    by_length = sorted(windows, key=lambda window: len(window.ids))
    if eight_bit:
        batches = [by_length[i : i + _BATCH] for i in range(0, len(by_length), _BATCH)]
        calibrate(graph, [_inputs(network, batch) for batch in batches])
    exchanged = path.with_suffix(".onnx")
    names: tuple[str, ...] = graph.inputs  # type: ignore[assignment]
    outputs: tuple[str, ...] = graph.outputs  # type: ignore[assignment]
    axes = {name: {0: "batch", 1: "length"} for name in ("words", "segments")} | {"lengths": {0: "batch"}}
    log = logging.getLogger("torch.onnx")
    level = log.level
    with warnings.catch_warnings():
        # The exporter by TorchScript says of itself that it will go; the other needs two more packages.
        warnings.simplefilter("ignore")
        log.setLevel(logging.ERROR)
        torch.onnx.export(
            graph,
            _inputs(network, by_length[-2:]),
            str(exchanged),
            input_names=list(names),
            output_names=list(outputs),
            dynamic_axes=axes,
            opset_version=_OPSET,
            dynamo=False,
            # Folding would write the 8-bit weights out as float32.
            do_constant_folding=False,
        )
        log.setLevel(level)
    # OpenVINO maps the weights of its own format from the file instead of holding a copy of them.
    openvino.save_model(openvino.Core().read_model(exchanged), path, compress_to_fp16=False)
    exchanged.unlink()


def _inputs(network: ReaderNetwork, windows: Sequence[Window]) -> tuple[Tensor, Tensor, Tensor]:
    """Return the word vectors (B, L, D), segments (B, L) and lengths (B,) of `windows`."""
    lengths = torch.tensor([len(window.ids) for window in windows])
    ids = torch.full((len(windows), int(lengths.max())), PAD, dtype=torch.long)
    segments = torch.zeros_like(ids)
    for row, window in enumerate(windows):
        ids[row, : len(window.ids)] = torch.tensor(window.ids)
        segments[row, window.offset : len(window.ids)] = 1
    return network.words(ids), segments, lengths
