"""An exported model on OpenVINO: which numbers this machine runs, and batches without padding for others' sake."""

import ctypes
import mmap
import os
import threading
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.cpu_flags import CPU_INFO, cpu_flags
from embeddings.reader_windows import PAD, Window
from embeddings.word_table import WordTable

# Rows of a batch share their width exactly, so that no text's bits depend on its company.
WIDTH_STEP = 16
BATCH_ROWS = 8
# Without these instructions 8-bit products are slower or saturate.
_INSTRUCTIONS = ("avx512_vnni", "avx_vnni")


def obstacle() -> str | None:
    """Return why OpenVINO cannot run here, None where it can; loads nothing."""
    return "OpenVINO is not installed" if find_spec("openvino") is None else None


def eight_bit_obstacle(cpu_info: Path = CPU_INFO) -> str | None:
    """Return why models run in float32 on OpenVINO here, None where 8-bit products pay; loads nothing."""
    known = cpu_flags(cpu_info)
    if known is None:
        return f"{cpu_info} cannot be read, so the CPU's instructions are not known"
    if not set(_INSTRUCTIONS) & known:
        return f"the CPU has none of the instructions {', '.join(_INSTRUCTIONS)}"
    return None


class OpenVinoModel:
    """A compiled model; safe to use from several threads, one at a time inside.

    Args:
        path: the model, whose hash was checked; its weights lie beside it.
        words: the vectors of all words.
        threads: CPU threads; 0 takes one for each core.
    """

    def __init__(self, path: Path, words: WordTable, threads: int) -> None:
        import openvino  # only where it runs: `doctor` and the PyTorch way do without

        cores = len(os.sched_getaffinity(0))
        options = {
            "INFERENCE_PRECISION_HINT": "f32",  # what is not 8-bit stays float32, whatever the CPU offers
            "INFERENCE_NUM_THREADS": threads or cores,
            "NUM_STREAMS": 1,
            "ENABLE_CPU_PINNING": False,
        }
        self._request = openvino.Core().compile_model(path, "CPU", options).create_infer_request()
        self._words, self._weights = words, path.with_suffix(".bin")
        self._lock = threading.Lock()

    def settle(self) -> None:
        """Give back memory that only the first batches took; call it after some."""
        give_back_mapped(self._weights)

    def run(self, windows: Sequence[Window]) -> Iterator[tuple[list[int], list[NDArray[np.float32]]]]:
        """Yield, batch by batch, the numbers of the windows in it and the model's outputs for them.

        Windows of like length share a batch, the longest come first. The lock is given free between batches.
        """
        for rows in batches_of_one_width([len(window.ids) for window in windows]):
            ids, *others = arrays([windows[row] for row in rows])
            vectors = self._words.vectors(ids)
            with self._lock:
                results = self._request.infer([vectors, *others], share_inputs=True)
                outputs = [np.array(results[place]) for place in range(len(results))]
            yield rows, outputs


def give_back_mapped(path: Path, maps: Path = Path("/proc/self/maps")) -> int:
    """Take the pages of a mapped file out of this process's memory; return of how many bytes.

    The first products put the weights into an order of their own. What is needed of the file later comes back
    by itself.
    Where the system shows no mappings, as macOS does, nothing happens.
    """
    try:
        lines, libc = maps.read_text(encoding="utf-8", errors="replace").splitlines(), ctypes.CDLL(None)
    except OSError:
        return 0
    size, wanted = 0, str(path.resolve())
    for line in lines:
        place, rights, *others = line.split(maxsplit=5)
        if rights.startswith("r--") and others[-1] == wanted:
            begin, end = (int(number, 16) for number in place.split("-"))
            libc.madvise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), mmap.MADV_DONTNEED)
            size += end - begin
    return size


def batches_of_one_width(lengths: Sequence[int]) -> list[list[int]]:
    """Return the rows in batches whose lengths round up to the same width, longest first.

    >>> batches_of_one_width([3, 40, 16, 17])
    [[1], [3], [0, 2]]
    """
    by_width: dict[int, list[int]] = {}
    for row, length in enumerate(lengths):
        by_width.setdefault(-(-length // WIDTH_STEP), []).append(row)
    return [
        rows[begin : begin + BATCH_ROWS]
        for _, rows in sorted(by_width.items(), reverse=True)
        for begin in range(0, len(rows), BATCH_ROWS)
    ]


def arrays(windows: Sequence[Window]) -> list[NDArray[np.int64]]:
    """Return ids and segments, both of shape (B, L), and lengths, shape (B,), of windows for one batch."""
    lengths = np.array([len(window.ids) for window in windows], dtype=np.int64)
    width = -(-int(lengths.max()) // WIDTH_STEP) * WIDTH_STEP
    ids = np.full((len(windows), width), PAD, dtype=np.int64)
    segments = np.zeros_like(ids)
    for row, window in enumerate(windows):
        ids[row, : len(window.ids)] = window.ids
        segments[row, window.offset : len(window.ids)] = 1
    return [ids, segments, lengths]
