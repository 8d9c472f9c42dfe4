"""The default bi-encoder on ONNX Runtime with 8-bit products."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.encoder import DEFAULT_ENCODER, DEFAULT_WEIGHTS_SHA256, packaged_model
from embeddings.exported_models import ensure_exported, export_key
from embeddings.onnx_model import OnnxModel
from embeddings.reader_windows import CLS, SEP, Window, load_tokenizer
from embeddings.word_table import word_table

# Words beyond are not read, as sentence-transformers does with this model.
LONGEST = 254
# Texts that are tokenized at a time: enough to keep all cores busy, little memory.
_AT_ONCE = 256


class OnnxEncoder:
    """An `Encoder` on the CPU whose vectors are near those of `SentenceTransformerEncoder`.

    Args:
        models: folder of exported models; the encoder's is made there when it is missing or damaged.
        calibration: texts to fit 8-bit ranges on; asked for only to export.
        threads: CPU threads of the model; 0 takes one for each core.

    Raises:
        ModelUnavailable: the model is missing, or its weights are not the expected ones.
        OSError: the export cannot be written.
    """

    name = DEFAULT_ENCODER
    weight_hash = DEFAULT_WEIGHTS_SHA256
    dimension = 384
    number_format = "int8"

    def __init__(
        self,
        models: Path,
        calibration: Callable[[], Iterable[str]],
        *,
        threads: int = 0,
    ) -> None:
        backbone = packaged_model()

        def make(path: Path) -> None:
            from embeddings.model_export import export_encoder  # what writes models loads once

            export_encoder(backbone, list(calibration()), path)

        exported = ensure_exported(models, encoder_key(), make)
        self._model = OnnxModel(exported, word_table(backbone), threads)
        self._tokenizer = load_tokenizer(backbone)
        self.encode_query("Who said what about whom?")

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the L2-normalised vector of a question, shape (dimension,)."""
        vector: NDArray[np.float32] = self.encode_documents([text])[0]
        return vector

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the L2-normalised vectors of `texts` in their order, shape (len(texts), dimension).

        A text's bits do not depend on the texts beside it.
        """
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for begin in range(0, len(texts), _AT_ONCE):
            windows = [
                Window([CLS, *ids[:LONGEST], SEP], LONGEST + 2, 0, 0)
                for ids in self._token_numbers(texts[begin : begin + _AT_ONCE])
            ]
            for row, (vector,) in enumerate(self._model.run(windows), begin):
                vectors[row] = vector
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, special tokens not counted."""
        return [len(ids) for ids in self._token_numbers(texts)]

    def _token_numbers(self, texts: Sequence[str]) -> list[list[int]]:
        # No tokenizer takes lone surrogates.
        whole = [text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in texts]
        return [one.ids for one in self._tokenizer.encode_batch(whole, add_special_tokens=False)]


def encoder_key() -> str:
    """Return the name of the folder for the encoder's export."""
    return export_key("encoder", DEFAULT_WEIGHTS_SHA256)
