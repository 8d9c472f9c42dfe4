"""The reader on ONNX Runtime, its products in 8 bits."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from embeddings.encoder import DEFAULT_WEIGHTS_SHA256, packaged_model
from embeddings.exported_models import ensure_exported, export_key
from embeddings.onnx_model import OnnxModel
from embeddings.reader_card import WEIGHTS_FOLDER, checked_bytes, read_card
from embeddings.reader_windows import Window, load_tokenizer
from embeddings.window_readings import PassageReader, RelevanceMix, WindowReading, window_reading
from embeddings.word_table import word_table


class OnnxReader(PassageReader):
    """A `Reader` whose readings are near those of `CrossEncoderReader`.

    Args:
        models: folder of exported models; the reader's is made there when it is missing or damaged.
        calibration: texts to fit 8-bit ranges on; asked for only to export.
        threads: CPU threads of the model; 0 takes one for each core.
        folder: the shipped weights.

    Raises:
        ModelUnavailable: weights or backbone are missing or are not those that belong together.
        OSError: the export cannot be written.
    """

    def __init__(
        self,
        models: Path,
        calibration: Callable[[], Iterable[str]],
        *,
        threads: int = 0,
        folder: Path = WEIGHTS_FOLDER,
    ) -> None:
        backbone, card = packaged_model(), read_card(folder)
        exported = ensure_reader_exported(models, calibration, backbone, folder)
        self._model = OnnxModel(exported, word_table(backbone), threads)
        name = f"{card['name']}-{card['sha256'][:8]}-int8"
        super().__init__(
            name, load_tokenizer(backbone), RelevanceMix(**card["relevance_mix"]), self._readings
        )
        self.read("Who?", ["Nobody."])

    def _readings(self, windows: Sequence[Window]) -> list[WindowReading]:
        """Return one reading a window, in their order."""
        return [
            window_reading(window, start, end, float(relevance), float(no_answer))
            for window, (start, end, relevance, no_answer) in zip(
                windows, self._model.run(windows), strict=True
            )
        ]


def ensure_reader_exported(
    models: Path,
    calibration: Callable[[], Iterable[str]],
    backbone: Path,
    folder: Path = WEIGHTS_FOLDER,
) -> Path:
    """Return the checked file of the reader in the folder `models`, made where it is missing or damaged.

    The other arguments are those of `OnnxReader`, and so are the errors.

    Args:
        backbone: the folder of the model, whose weights were checked.
    """
    card = read_card(folder)
    checked_bytes(folder / card["file"], card["sha256"])

    def make(path: Path) -> None:
        from embeddings.model_export import export_reader  # what writes models loads once

        export_reader(folder, backbone, list(calibration()), path)

    return ensure_exported(models, reader_key(card["sha256"]), make)


def reader_key(weights_sha256: str) -> str:
    """Return the name of the folder for the export of the reader with these weights."""
    return export_key("reader", DEFAULT_WEIGHTS_SHA256, weights_sha256)
