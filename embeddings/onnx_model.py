"""An exported model on ONNX Runtime: whether this machine is fit for it, and texts side by side on its cores."""

import os
import platform
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embeddings.cpu_flags import CPU_INFO, cpu_flags
from embeddings.reader_windows import Window
from embeddings.word_table import WordTable

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_X86 = ("x86_64", "AMD64")
# Without these instructions ONNX Runtime multiplies bytes more slowly than floats.
_INSTRUCTION = "avx2"
_SPIN_US = "200"


def obstacle(cpu_info: Path = CPU_INFO, machine: str = platform.machine()) -> str | None:
    """Return why models with 8-bit products cannot run or would not pay here, None where they do; loads nothing."""
    if find_spec("onnxruntime") is None:
        return "ONNX Runtime is not installed"
    known = cpu_flags(cpu_info) if machine in _X86 else None
    if known is not None and _INSTRUCTION not in known:
        return f"the CPU lacks the instructions {_INSTRUCTION}"
    return None


class OnnxModel:
    """A model that takes one text; safe to use from several threads.

    Texts that come together run side by side, each on a thread of its own; one that comes while nothing else
    runs has all threads to itself, which costs more of the CPU and less time. The bits are the same either way.

    Args:
        path: the model, whose hash was checked.
        words: the vectors of all words.
        threads: CPU threads; 0 takes one for each core.

    Raises:
        RuntimeError: the model cannot be loaded.
    """

    def __init__(self, path: Path, words: WordTable, threads: int) -> None:
        self._threads = threads or len(os.sched_getaffinity(0))
        self._beside = _session(path, 1)
        self._alone = _session(path, self._threads) if self._threads > 1 else self._beside
        self._words = words
        self._turns = threading.BoundedSemaphore(self._threads)
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="model")

    def run(self, windows: Sequence[Window]) -> list[list[NDArray[np.float32]]]:
        """Return the model's outputs for each window, without the axis of the batch."""
        longest_first = sorted(range(len(windows)), key=lambda row: (-len(windows[row].ids), row))
        # Where one is left over, it comes last and has all threads.
        together = len(windows) - (len(windows) % self._threads == 1 or self._threads == 1)
        rows, last = longest_first[:together], longest_first[together:]
        done = [*self._pool.map(self._run_beside, [windows[row] for row in rows])]
        done += [self._run_alone(windows[row]) for row in last]
        found = dict(zip(longest_first, done, strict=True))
        return [found[row] for row in range(len(windows))]

    def _run_alone(self, window: Window) -> list[NDArray[np.float32]]:
        taken = 0
        try:
            while taken < self._threads and self._turns.acquire(blocking=False):
                taken += 1
            if taken == self._threads:
                return self._outputs(self._alone, window)
        finally:
            if taken:
                self._turns.release(taken)
        return self._run_beside(window)

    def _run_beside(self, window: Window) -> list[NDArray[np.float32]]:
        with self._turns:
            return self._outputs(self._beside, window)

    def _outputs(self, session: "InferenceSession", window: Window) -> list[NDArray[np.float32]]:
        return [output[0] for output in session.run(None, inputs(self._words, window))]


def _session(path: Path, threads: int) -> "InferenceSession":
    import onnxruntime  # only where it runs: `doctor` and the PyTorch way do without

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # The graph is written as it is to run: the runtime would join operators that are faster apart.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    # Threads wait for the next operator turning round, but not so long that they keep a core from the next text.
    options.add_session_config_entry("session.intra_op.spin_duration_us", _SPIN_US)
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's errors have no class in common
        raise RuntimeError(f"ONNX Runtime cannot load {path}: {error}") from error


def inputs(words: WordTable, window: Window) -> dict[str, NDArray[Any]]:
    """Return what a graph takes in for `window`: word vectors (1, L, D) and segments (1, L)."""
    segments = np.zeros((1, len(window.ids)), dtype=np.int64)
    segments[0, window.offset :] = 1
    return {"words": words.vectors(np.array([window.ids], dtype=np.int64)), "segments": segments}
