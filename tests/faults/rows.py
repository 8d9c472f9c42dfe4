"""A promise, and what is done to break it."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

from tests import faults

BUSY_MACHINE_S = 10.0
"""What takes this long is stuck; quick trials run beside other tests, where less means nothing."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a row went; `seen` gives the figures in a few words."""

    held: bool
    seen: str


@dataclass(frozen=True, slots=True)
class Row:
    """A promise and its trial.

    Attributes:
        name: short and stable; `--only` takes it.
        promise: what has to hold, with its figure.
        try_it: runs the trial, in full or, when its argument is true, quickly.
    """

    name: str
    promise: str
    try_it: Callable[[bool], Result]


def all_rows() -> list[Row]:
    """Return the rows of every module of this package that has `ROWS`, one family a module."""
    found: list[Row] = []
    for module in sorted(pkgutil.iter_modules(faults.__path__), key=lambda module: module.name):
        if not module.name.startswith(("__", "test_")):
            found += getattr(importlib.import_module(f"{faults.__name__}.{module.name}"), "ROWS", [])
    return found
