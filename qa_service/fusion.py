"""Make one ranking of two: cosines and BM25 scores on a common scale."""

import numpy as np
from numpy.typing import NDArray

# Chosen on one half of the development articles and confirmed on the other; docs/RETRIEVAL.md has the table.
DENSE_WEIGHT = 0.6


def fuse(dense: NDArray[np.float32], lexical: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return one score for each candidate from its cosine and its BM25 score; higher is better.

    Each list is brought to mean 0 and deviation 1 over the candidates, then both are added with weights.
    Unlike a fusion of ranks this keeps how far ahead a candidate is, and unlike raw scores it needs no
    common unit.

    Args:
        dense: shape (n,), the cosine of every candidate.
        lexical: shape (n,), the BM25 score of every candidate, 0 for one that shares no word.

    Returns:
        Shape (n,). Comparable within one question only.

    Source: Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", ACM TOIS 42(1), 2023,
    for convex combinations against reciprocal rank fusion.
    """
    if dense.shape != lexical.shape:
        raise ValueError(
            f"{dense.shape} cosines but {lexical.shape} BM25 scores: give one of each for a candidate."
        )
    fused = DENSE_WEIGHT * _standardised(dense) + (1 - DENSE_WEIGHT) * _standardised(lexical)
    return np.asarray(fused, dtype=np.float32)


def _standardised(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    if not scores.size:
        return np.zeros(0)
    precise = scores.astype(np.float64)
    deviation = precise.std()
    # Scores that differ by rounding alone are equal: dividing would blow the rounding up.
    return (precise - precise.mean()) / deviation if deviation > 1e-6 else np.zeros_like(precise)
