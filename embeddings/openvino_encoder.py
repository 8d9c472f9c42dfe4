"""The default bi-encoder on OpenVINO, in 8-bit products or float32; loads PyTorch only to export it once."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.encoder import DEFAULT_ENCODER, DEFAULT_WEIGHTS_SHA256, packaged_model
from embeddings.exported_models import ensure_exported, export_key
from embeddings.openvino_model import OpenVinoModel
from embeddings.reader_windows import CLS, SEP, Window, load_tokenizer
from embeddings.word_table import word_table

# Words beyond are not read, as sentence-transformers does with this model.
LONGEST = 254
# Texts that are tokenized at a time: enough to find company of one width, little memory.
_AT_ONCE = 256


class OpenVinoEncoder:
    """An `Encoder` on the CPU whose vectors are near those of `SentenceTransformerEncoder`.

    Args:
        models: folder of exported models; the encoder's is made there when it is missing or damaged.
        calibration: texts to fit 8-bit ranges on; asked for only to export.
        number_format: int8 or float32.
        threads: CPU threads of the model; 0 takes one for each core.

    Raises:
        ModelUnavailable: the model is missing, or its weights are not the expected ones.
        OSError: the export cannot be written.
    """

    name = DEFAULT_ENCODER
    weight_hash = DEFAULT_WEIGHTS_SHA256
    dimension = 384

    def __init__(
        self,
        models: Path,
        calibration: Callable[[], Iterable[str]],
        *,
        number_format: str = "int8",
        threads: int = 0,
    ) -> None:
        backbone = packaged_model()
        self.number_format = number_format

        def make(path: Path) -> None:
            from embeddings.model_export import export_encoder  # PyTorch, once

            export_encoder(backbone, list(calibration()), path, eight_bit=number_format == "int8")

        exported = ensure_exported(models, encoder_key(number_format), make)
        self._model = OpenVinoModel(exported, word_table(backbone), threads)
        self._tokenizer = load_tokenizer(backbone)
        self.encode_query("Who said what about whom?")
        self._model.settle()

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
            for rows, (block,) in self._model.run(windows):
                vectors[[begin + row for row in rows]] = block
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, special tokens not counted."""
        return [len(ids) for ids in self._token_numbers(texts)]

    def _token_numbers(self, texts: Sequence[str]) -> list[list[int]]:
        # No tokenizer takes lone surrogates.
        whole = [text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in texts]
        return [one.ids for one in self._tokenizer.encode_batch(whole, add_special_tokens=False)]


def encoder_key(number_format: str) -> str:
    """Return the name of the folder for the export of the encoder in these numbers."""
    return export_key("encoder", number_format, DEFAULT_WEIGHTS_SHA256)
