"""Builds the postings of BM25 in bounded memory: sorted runs on the disk, merged a stretch of features at a time."""

import tempfile
from array import array
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from embeddings.terms import terms

# Anserini's defaults. Source: Lin et al., "Pyserini", SIGIR 2021.
K1, B = 0.9, 0.4
ARRAYS = ("pairs", "starts", "rows", "impacts")

_TERMS_AT_ONCE = 1 << 20  # terms that are sorted together
_POSTINGS_AT_ONCE = 1 << 21  # postings that are merged together; one feature's stay together
_SAMPLES = 8192  # keys that say where to cut, for each such stretch


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Which key stands in which row how often, ascending by key, then by row; each of shape (n,)."""

    keys: NDArray[np.int64]
    rows: NDArray[np.int32]
    repeats: NDArray[np.int32]


def write_postings(
    texts: Iterable[str],
    path: Path,
    pair_weight: float,
    *,
    terms_at_once: int = _TERMS_AT_ONCE,
    postings_at_once: int = _POSTINGS_AT_ONCE,
) -> tuple[list[str], int]:
    """Write the arrays of `lexical_index.Postings` into the folder `path`; return the terms and the number of texts.

    Texts are read once, one after another; in memory stay the terms, a length for each text, and one block of
    postings. Equal texts give equal bytes, however much is held at once.

    Raises:
        OSError: the disk refuses.
    """
    numbers: dict[str, int] = {}
    lengths = array("i")
    with ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile(dir=path)) for _ in range(2)]
        words, pairs = (_Runs(file, postings_at_once) for file in files)
        for found, sizes in _blocks(texts, numbers, terms_at_once):
            rows = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
            words.add(found, rows, len(lengths), len(sizes))
            together = (rows[:-1] == rows[1:]) & (pair_weight > 0)
            keys = (found[:-1][together] << 32) | found[1:][together]
            pairs.add(keys, rows[:-1][together], len(lengths), len(sizes))
            lengths.extend(sizes.tolist())
        arrays = {name: stack.enter_context(_ArrayFile(path / f"{name}.npy", kind)) for name, kind in _KINDS}
        written = _Writer(arrays, np.array(lengths, dtype=np.int64))
        written.add(words, 1.0, 0)
        written.add(pairs, pair_weight, 1, len(numbers))
    return list(numbers), len(lengths)


def inverse_frequency(frequencies: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """Return Lucene's inverse document frequency, above 0 even for a term that every text has."""
    weights: NDArray[np.float64] = np.log1p((size - frequencies + 0.5) / (frequencies + 0.5))
    return weights


_KINDS = (("pairs", np.int64), ("starts", np.int64), ("rows", np.int32), ("impacts", np.float32))


def _blocks(
    texts: Iterable[str], numbers: dict[str, int], terms_at_once: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield the term numbers of some texts, one text after another, and the texts' lengths."""
    found, sizes = array("i"), array("i")
    for text in texts:
        words = [numbers.setdefault(term, len(numbers)) for term in terms(text)]
        found.extend(words)
        sizes.append(len(words))
        if len(found) >= terms_at_once:
            yield np.array(found, dtype=np.int64), np.array(sizes, dtype=np.int64)
            found, sizes = array("i"), array("i")
    if sizes:
        yield np.array(found, dtype=np.int64), np.array(sizes, dtype=np.int64)


class _Runs:
    """Occurrences in a file without a name, a sorted run for each block of texts."""

    def __init__(self, file: IO[bytes], at_once: int) -> None:
        self._file, self._at_once = file, at_once
        self._runs: list[tuple[int, int]] = []  # where each begins, and how many occurrences it has

    def add(self, keys: NDArray[np.int64], rows: NDArray[np.int64], first: int, count: int) -> None:
        """Add a block: `keys[i]` stands in row `first + rows[i]`, which is one of `count`."""
        if not len(keys):
            return
        distinct, features = np.unique(keys, return_inverse=True)
        places, repeats = np.unique(features * count + rows, return_counts=True)
        feature, row = np.divmod(places, count)
        self._runs.append((self._file.tell(), len(places)))
        self._file.write(distinct[feature].tobytes())
        self._file.write((row + first).astype(np.int32).tobytes())
        self._file.write(repeats.astype(np.int32).tobytes())

    def merged(self) -> Iterator[Occurrences]:
        """Yield the occurrences of all blocks in order; no key is parted."""
        self._file.flush()
        runs = [self._open(*run) for run in self._runs]
        apart = max(1, self._at_once // _SAMPLES)
        sample = np.sort(np.concatenate([np.empty(0, np.int64), *(run.keys[::apart] for run in runs)]))
        cuts = np.unique(sample[:: max(1, self._at_once // apart)])[1:]
        ends = [np.append(np.searchsorted(run.keys, cuts), len(run.keys)).tolist() for run in runs]
        begins = [0] * len(runs)
        for stretch in range(len(cuts) + 1 if runs else 0):
            slices = [slice(begin, end[stretch]) for begin, end in zip(begins, ends, strict=True)]
            begins = [one.stop for one in slices]
            cut = [(r.keys[s], r.rows[s], r.repeats[s]) for r, s in zip(runs, slices, strict=True)]
            keys, rows, repeats = (np.concatenate(column) for column in zip(*cut, strict=True))
            order = np.argsort(keys, kind="stable")  # blocks follow each other as rows do
            yield Occurrences(keys[order], rows[order], repeats[order])

    def _open(self, begin: int, count: int) -> Occurrences:
        def column(kind: type, offset: int) -> NDArray[Any]:
            return np.memmap(self._file, kind, "r", begin + offset * count, (count,))

        return Occurrences(column(np.int64, 0), column(np.int32, 8), column(np.int32, 12))


class _Writer:
    """Turns occurrences into postings at the end of the files."""

    def __init__(self, files: dict[str, "_ArrayFile"], lengths: NDArray[np.int64]) -> None:
        self._files, self._lengths, self._postings = files, lengths, 0
        files["starts"].append(np.zeros(1, dtype=np.int64))

    def add(self, runs: _Runs, weight: float, shorter: int, term_count: int = 0) -> None:
        """Write the features of `runs`.

        Args:
            shorter: by how much fewer features a text has than terms.
            term_count: number of terms where the keys are pairs, 0 where they are terms.
        """
        lengths = np.maximum(self._lengths - shorter, 0)
        average = max(1.0, float(lengths.mean())) if len(lengths) else 1.0
        damping = K1 * (1 - B + B * lengths / average)
        for found in runs.merged():
            keys, counts = np.unique(found.keys, return_counts=True)
            weights = np.repeat(inverse_frequency(counts, len(lengths)), counts)
            impacts = weight * (weights * found.repeats / (found.repeats + damping[found.rows]))
            if term_count:
                self._files["pairs"].append((keys >> 32) * term_count + (keys & 0xFFFFFFFF))
            self._files["starts"].append(self._postings + np.cumsum(counts))
            self._files["rows"].append(found.rows)
            self._files["impacts"].append(impacts.astype(np.float32))
            self._postings += len(found.rows)


class _ArrayFile:
    """An .npy file of one dimension that is written from front to back, as `np.save` would write it."""

    def __init__(self, path: Path, kind: type) -> None:
        self._file = path.open("wb")
        self._kind: np.dtype[Any] = np.dtype(kind)
        self._count = 0
        self._write_head()

    def __enter__(self) -> "_ArrayFile":
        return self

    def __exit__(self, *error: object) -> None:
        with self._file:
            self._file.seek(0)
            self._write_head()

    def append(self, values: NDArray[Any]) -> None:
        """Write `values` behind what there is."""
        self._file.write(values.astype(self._kind, copy=False).tobytes())
        self._count += len(values)

    def _write_head(self) -> None:
        # The head keeps room for any number of values, so that it is as long at the end as at the start.
        descr = np.lib.format.dtype_to_descr(self._kind)
        head = {"descr": descr, "fortran_order": False, "shape": (self._count,)}
        np.lib.format.write_array_header_1_0(self._file, head)
