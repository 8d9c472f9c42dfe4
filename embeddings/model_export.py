"""Writes encoder and reader for ONNX Runtime; imported only to export."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from onnx import ModelProto
from tokenizers import Tokenizer

from embeddings.onnx_encoder import LONGEST
from embeddings.onnx_model import inputs
from embeddings.range_fitting import fit_ranges
from embeddings.reader_state import Weights, backbone_state, reader_state
from embeddings.reader_windows import CLS, SEP, Window, load_tokenizer, tile, tokenize
from embeddings.transformer_graph import TransformerGraph
from embeddings.word_table import word_table

_TEXTS = 32
# Channels that stay float32; how many was measured (docs/SPEED.md).
_ENCODER_WIDE = {"down": 16}
_READER_WIDE = {"qkv": 8, "attended": 8, "up": 8, "down": 64}


def export_encoder(backbone: Path, texts: Sequence[str], path: Path) -> None:
    """Write the encoder in the folder `backbone` to `path`, its ranges fitted on `texts`."""
    shown = ["", *_spread(texts)]  # a text without words reaches farther than any other
    asked = [" ".join(text.split()[:9]) for text in shown]
    tokens = tokenize(load_tokenizer(backbone), [*shown, *asked])
    rows = [[CLS, *one.ids[:LONGEST], SEP] for one in tokens]
    windows = [Window(ids, len(ids), 0, 0) for ids in rows]
    _export(backbone_state(backbone), TransformerGraph.encoder, backbone, windows, path, _ENCODER_WIDE)


def export_reader(folder: Path, backbone: Path, texts: Sequence[str], path: Path) -> None:
    """Write the reader of the weights in `folder` to `path`, its ranges fitted on `texts`.

    Each is read for two stand-in questions.

    Raises:
        ModelUnavailable: weights or backbone are missing or are not those that belong together.
    """
    windows = list(_stand_ins(load_tokenizer(backbone), _spread(texts)))
    _export(reader_state(folder, backbone), TransformerGraph.reader, backbone, windows, path, _READER_WIDE)


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
    state: Weights,
    write: Callable[[TransformerGraph], ModelProto],
    backbone: Path,
    windows: Sequence[Window],
    path: Path,
    wide: Mapping[str, int],
) -> None:
    words = word_table(backbone)
    ranges = fit_ranges(state, write, (inputs(words, window) for window in windows), wide)
    path.write_bytes(write(TransformerGraph(state, ranges)).SerializeToString())
