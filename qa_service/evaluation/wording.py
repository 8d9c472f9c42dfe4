"""How figures are written for people."""

from qa_service.evaluation.intervals import Estimate

NONE = "–"


def percent(value: float | None, digits: int = 0) -> str:
    """Return a share as a percentage.

    >>> percent(0.875), percent(None)
    ('88%', '–')
    """
    return NONE if value is None else f"{100 * value:.{digits}f}%"


def decimal(value: float | None, digits: int = 3) -> str:
    """Return a number with a fixed number of digits.

    >>> decimal(0.5)
    '0.500'
    """
    return NONE if value is None else f"{value:.{digits}f}"


def interval(estimate: Estimate) -> str:
    """Return the interval of a share as percentages.

    >>> interval(Estimate(0.5, 0.25, 0.75, 9))
    '25% to 75%'
    """
    if estimate.low is None or estimate.high is None:
        return NONE
    return f"{percent(estimate.low)} to {percent(estimate.high)}"
