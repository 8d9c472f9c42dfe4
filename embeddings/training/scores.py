"""Exact match and F1 of short answers, and the area under the ROC curve."""

import re
import string
from collections import Counter
from collections.abc import Sequence

import numpy as np

_PUNCTUATION = str.maketrans("", "", string.punctuation + "“”‘’–—")


def normalised(text: str) -> str:
    """Return `text` in lower case without punctuation, articles and extra space.

    Source: the evaluation script of SQuAD (Rajpurkar et al., 2016).

    >>> normalised("The “Yuan” dynasty.")
    'yuan dynasty'
    """
    bare = text.lower().replace("’", "'").translate(_PUNCTUATION)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", bare).split())


def f1(answer: str, accepted: Sequence[str]) -> float:
    """Return the best word-overlap F1 of `answer` with one of `accepted`, in [0, 1]."""
    return max((_f1(normalised(answer).split(), normalised(gold).split()) for gold in accepted), default=0.0)


def _f1(found: list[str], gold: list[str]) -> float:
    common = sum((Counter(found) & Counter(gold)).values())
    return 2 * common / (len(found) + len(gold)) if common else float(found == gold)


def exact(answer: str, accepted: Sequence[str]) -> bool:
    """Return whether `answer` equals one of `accepted`, both normalised."""
    return any(normalised(answer) == normalised(gold) for gold in accepted)


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return the chance that a random positive scores above a random negative, ties counting half.

    >>> auroc([2, 3], [1, 2])
    0.875
    """
    low = np.sort(np.asarray(negative))
    below = np.searchsorted(low, positive, "left") + np.searchsorted(low, positive, "right")
    return float(below.mean() / (2 * len(low)))


def calibration_error(probabilities: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """Return the expected calibration error over `bins` bins of equal width, in [0, 1]."""
    p, y = np.asarray(probabilities), np.asarray(right, dtype=float)
    numbers = np.minimum((p * bins).astype(int), bins - 1)
    gaps = [
        abs(p[numbers == b].mean() - y[numbers == b].mean()) * (numbers == b).mean()
        for b in set(numbers.tolist())
    ]
    return float(sum(gaps))
