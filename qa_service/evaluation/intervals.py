"""How far a figure from few questions can be off: exact and Wilson intervals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LEVEL = 0.95
_Z = 1.959963984540054  # of the normal distribution, 2.5% lie above
_BISECTIONS = 50


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and the interval that holds its true value with 95% confidence.

    Attributes:
        value, low, high: in [0, 1]; all None where nothing can be computed.
        n: what it rests on: questions, or for the precision of citations, citations.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int


NOTHING = Estimate(None, None, None, 0)


def wilson(mean: float, n: float) -> tuple[float, float]:
    """Return the 95% Wilson score interval of a share `mean` of `n`.

    It also holds, on the safe side, for a mean of any values in [0, 1]: they never spread more than
    zeros and ones with the same mean do.

    Source: Wilson (1927), without continuity correction.

    >>> [round(bound, 3) for bound in wilson(0.5, 10)]
    [0.237, 0.763]
    """
    centre = mean + _Z**2 / (2 * n)
    reach = _Z * math.sqrt(mean * (1 - mean) / n + _Z**2 / (4 * n**2))
    scale = 1 + _Z**2 / n
    low, high = (centre - reach) / scale, (centre + reach) / scale
    return max(0.0, min(low, mean)), min(1.0, max(high, mean))


def mean_estimate(values: Sequence[float]) -> Estimate:
    """Return the mean of `values`, each in [0, 1], with its Wilson interval."""
    if not values:
        return NOTHING
    mean = math.fsum(values) / len(values)
    return Estimate(mean, *wilson(mean, len(values)), len(values))


def clopper_pearson(count: int, n: int) -> tuple[float, float]:
    """Return the exact 95% interval of a share of which `count` of `n` were seen.

    Source: Clopper and Pearson (1934).

    >>> [round(bound, 4) for bound in clopper_pearson(0, 10)]
    [0.0, 0.3085]
    """
    tail = (1 - LEVEL) / 2
    return 1 - upper_bound(n - count, n, tail), upper_bound(count, n, tail)


def upper_bound(count: int, n: int, tail: float) -> float:
    """Return the share at which `count` or fewer of `n` would be seen with chance `tail`; 1 when all were.

    >>> round(upper_bound(0, 29, 0.05), 4)
    0.0981
    """
    if count >= n:
        return 1.0
    log_ways = _log_ways(n, count)
    seen = np.arange(count + 1)
    low, high = count / n, 1.0
    for _ in range(_BISECTIONS):
        share = (low + high) / 2
        logs = log_ways + seen * math.log(share) + (n - seen) * math.log1p(-share)
        if np.exp(logs).sum() > tail:
            low = share
        else:
            high = share
    return high


def _log_ways(n: int, count: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the log of the number of ways to choose 0 to `count` of `n`, shape (count + 1,)."""
    steps = np.log(np.arange(n, n - count, -1)) - np.log(np.arange(1, count + 1))
    return np.concatenate([[0.0], np.cumsum(steps)])
