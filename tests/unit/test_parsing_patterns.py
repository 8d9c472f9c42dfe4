"""No regular expression of parsing takes long on a hostile string."""

import importlib
import pkgutil
import re
import time

import pytest

from qa_service import parsing

LENGTH = 100_000
LIMIT_S = 0.1
SEEDS = [
    "a", "A", " ", "-", "=", "1", "(", "[", "“", "“a” ", "\n", "A b ", "A/", "/ ", "., ", "(a", "a)", "May ", "May 1, ",
    "12 May ", "By A ", "share ", "follow a on ", "on a ", "copyright ", "<", "<a", "<script", "<!--", "a.",
    "U.S.", "| ", "at 1", "1:", "Updated: ", "a :", "\u00a0", "– ", "editor's note: a ", "== ", "===a", "photo by ",
    "© ", "more: ", "2020-01-01T", "Photo: A ", "\u0301", "https://", "Q: ", "Mon ", "UTC+1",
]  # fmt: skip


def patterns():
    for module in pkgutil.iter_modules(parsing.__path__):
        for name, value in vars(importlib.import_module(f"qa_service.parsing.{module.name}")).items():
            if isinstance(value, re.Pattern):
                yield pytest.param(value, id=f"{module.name}.{name}")


def seconds(call, text):
    started = time.process_time()
    call(text)
    return time.process_time() - started


@pytest.mark.parametrize("pattern", list(patterns()))
def test_hostile_strings_are_answered_in_time(pattern):
    for seed in SEEDS:
        for text in (seed * (LENGTH // len(seed)), "(" + seed * (LENGTH // len(seed)) + "\x01"):
            for call in (pattern.search, pattern.match, pattern.fullmatch):
                # A busy machine may slow one run; a slow pattern is slow each time.
                assert seconds(call, text) < LIMIT_S or seconds(call, text) < LIMIT_S
