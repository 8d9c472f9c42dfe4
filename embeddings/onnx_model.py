"""An exported model on ONNX Runtime: whether this machine is fit for it, and texts side by side on its cores."""

import os
import platform
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.cpu_flags import CPU_INFO, cpu_flags
from embeddings.reader_windows import Window
from embeddings.word_table import WordTable

_X86 = ("x86_64", "AMD64")
# Without these instructions ONNX Runtime multiplies bytes more slowly than floats.
_INSTRUCTION = "avx2"


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

    Texts that come together run side by side, each on a thread of its own; one that comes alone is shared by
    all threads. The bits are the same either way.

    Args:
        path: the model, whose hash was checked.
        words: the vectors of all words.
        threads: CPU threads; 0 takes one for each core.
    """

    def __init__(self, path: Path, words: WordTable, threads: int) -> None:
        import onnxruntime  # only where it runs: `doctor` and the PyTorch way do without

        self._threads = threads or len(os.sched_getaffinity(0))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        # The graph is written as it is to run: the runtime would join operators that are faster apart.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        # Threads that wait by turning round take the core that another text could use.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self._words = words
        self._turns = threading.BoundedSemaphore(self._threads)
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="model")

    def run(self, windows: Sequence[Window]) -> list[list[NDArray[np.float32]]]:
        """Return the model's outputs for each window, without the axis of the batch."""
        if len(windows) < 2 or self._threads == 1:
            return [self._run(window) for window in windows]
        longest_first = sorted(range(len(windows)), key=lambda row: (-len(windows[row].ids), row))
        done = self._pool.map(self._run, [windows[row] for row in longest_first])
        found = dict(zip(longest_first, done, strict=True))
        return [found[row] for row in range(len(windows))]

    def _run(self, window: Window) -> list[NDArray[np.float32]]:
        given = inputs(self._words, window)
        with self._turns:
            return [output[0] for output in self._session.run(None, given)]


def inputs(words: WordTable, window: Window) -> dict[str, NDArray[Any]]:
    """Return what a graph takes in for `window`: word vectors (1, L, D) and segments (1, L)."""
    segments = np.zeros((1, len(window.ids)), dtype=np.int64)
    segments[0, window.offset :] = 1
    return {"words": words.vectors(np.array([window.ids], dtype=np.int64)), "segments": segments}
