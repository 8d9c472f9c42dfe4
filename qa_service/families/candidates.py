"""Pairs of articles worth comparing: those whose signatures agree somewhere, found without comparing all with all."""

import numpy as np
from numpy.typing import NDArray

BAND_PLACES = 3
FLOOR = 0.17  # three standard deviations below the least resemblance of two versions
MOST_COMPARED = 16
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9))


def candidate_pairs(signatures: NDArray[np.uint32], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return pairs of places in `rows` (earlier, later), ascending by the later one, then best first; shape (n, 2).

    Texts that agree in a band of their signatures fall into one bucket; there each is paired with the bucket's first
    one and with the one before it, so that a thousand copies make two thousand pairs and not half a million. Of one
    later text's pairs the `MOST_COMPARED` whose signatures agree most are kept.

    Args:
        signatures: shape (texts, PLACES); may be mapped from a file, for no more than a band is held at a time.
        rows: which of the signatures, in which order.

    Source: Broder et al., "Min-wise independent permutations", 1998; Leskovec, Rajaraman and Ullman, "Mining of
    Massive Datasets", chapter 3.
    """
    seen = np.empty(0, dtype=np.int64)
    for start in range(0, signatures.shape[1] - BAND_PLACES + 1, BAND_PLACES):
        found = _in_one_bucket(signatures[rows, start : start + BAND_PLACES])
        seen = np.union1d(seen, found[:, 1] * len(rows) + found[:, 0])
    pairs = np.stack([seen % max(len(rows), 1), seen // max(len(rows), 1)], axis=1)
    agreement = _agreement(signatures, rows[pairs])
    close = agreement >= FLOOR
    pairs, agreement = pairs[close], agreement[close]
    order = np.lexsort((pairs[:, 0], -agreement, pairs[:, 1]))
    pairs = pairs[order]
    return pairs[_place_in_run(pairs[:, 1]) < MOST_COMPARED]


def _in_one_bucket(band: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return (first of the bucket, row) and (row before, row) for the rows that have all places of `band` in common."""
    with np.errstate(over="ignore"):
        keys = np.bitwise_xor.reduce(
            [band[:, place].astype(np.uint64) * mix for place, mix in enumerate(_MIX)], axis=0
        )
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    place = _place_in_run(ordered)
    at = np.flatnonzero(place)
    firsts = np.stack([order[at - place[at]], order[at]], axis=1)
    before = np.stack([order[at - 1], order[at]], axis=1)
    return np.concatenate([firsts, before])


def _place_in_run(values: NDArray[np.generic]) -> NDArray[np.int64]:
    """Return each value's place among the equal values around it, from 0."""
    at = np.arange(len(values))
    begins = np.ones(len(values), dtype=np.bool_)
    begins[1:] = values[1:] != values[:-1]
    return at - np.maximum.accumulate(np.where(begins, at, 0)) if len(values) else at


def _agreement(signatures: NDArray[np.uint32], pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share of places in which each pair's signatures agree, an estimate of their resemblance."""
    found = np.empty(len(pairs))
    for start in range(0, len(pairs), 4096):
        block = pairs[start : start + 4096]
        found[start : start + 4096] = (signatures[block[:, 0]] == signatures[block[:, 1]]).mean(axis=1)
    return found
