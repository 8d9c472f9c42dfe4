"""The reader on OpenVINO, in 8-bit products or float32; loads PyTorch only to export it once."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from embeddings.encoder import DEFAULT_WEIGHTS_SHA256, packaged_model
from embeddings.exported_models import ensure_exported, export_key
from embeddings.openvino_model import OpenVinoModel
from embeddings.reader_card import WEIGHTS_FOLDER, checked_bytes, read_card
from embeddings.reader_windows import Window, load_tokenizer
from embeddings.window_readings import PassageReader, RelevanceMix, WindowReading, window_reading
from embeddings.word_table import word_table


class OpenVinoReader(PassageReader):
    """A `Reader` whose readings are near those of `CrossEncoderReader`.

    Args:
        models: folder of exported models; the reader's is made there when it is missing or damaged.
        calibration: texts to fit 8-bit ranges on; asked for only to export.
        number_format: int8 or float32.
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
        number_format: str = "int8",
        threads: int = 0,
        folder: Path = WEIGHTS_FOLDER,
    ) -> None:
        backbone, card = packaged_model(), read_card(folder)
        exported = ensure_reader_exported(
            models, calibration, backbone, number_format=number_format, folder=folder
        )
        self._model = OpenVinoModel(exported, word_table(backbone), threads)
        suffix = "-int8" if number_format == "int8" else ""
        name = f"{card['name']}-{card['sha256'][:8]}{suffix}"
        super().__init__(
            name, load_tokenizer(backbone), RelevanceMix(**card["relevance_mix"]), self._readings
        )
        self.read("Who?", ["Nobody."])
        self._model.settle()

    def _readings(self, windows: Sequence[Window]) -> list[WindowReading]:
        """Return one reading a window, in their order."""
        found: dict[int, WindowReading] = {}
        for rows, (starts, ends, relevance, no_answer) in self._model.run(windows):
            for place, row in enumerate(rows):
                scores = (float(relevance[place]), float(no_answer[place]))
                found[row] = window_reading(windows[row], starts[place], ends[place], *scores)
        return [found[row] for row in range(len(windows))]


def ensure_reader_exported(
    models: Path,
    calibration: Callable[[], Iterable[str]],
    backbone: Path,
    *,
    number_format: str,
    folder: Path = WEIGHTS_FOLDER,
) -> Path:
    """Return the checked file of the reader in the folder `models`, made where it is missing or damaged.

    The other arguments are those of `OpenVinoReader`, and so are the errors.

    Args:
        backbone: the folder of the model, whose weights were checked.
    """
    card = read_card(folder)
    checked_bytes(folder / card["file"], card["sha256"])

    def make(path: Path) -> None:
        from embeddings.model_export import export_reader  # PyTorch, once
        from embeddings.reader import load_network

        network, eight_bit = load_network(folder, backbone), number_format == "int8"
        export_reader(network, backbone, list(calibration()), path, eight_bit=eight_bit)

    return ensure_exported(models, reader_key(number_format, card["sha256"]), make)


def reader_key(number_format: str, weights_sha256: str) -> str:
    """Return the name of the folder for the export of the reader with these weights, in these numbers."""
    return export_key("reader", number_format, DEFAULT_WEIGHTS_SHA256, weights_sha256)
