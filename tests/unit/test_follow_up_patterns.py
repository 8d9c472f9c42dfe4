"""No regular expression of the follow-up rules takes long on a hostile string."""

import importlib
import pkgutil
import re
import time

import pytest

from qa_service import follow_ups

LENGTH = 100_000
LIMIT_S = 0.1
SEEDS = [
    "a", "A", " ", "'", "’s", "s' ", "a-", "a.", "a’", "1/", "&", "mr ", "Mr. ", "he ", "she", "“", "\u0301", "何",
    "_", "\n", "👩",
]  # fmt: skip


def patterns():
    for module in pkgutil.iter_modules(follow_ups.__path__):
        for name, value in vars(importlib.import_module(f"qa_service.follow_ups.{module.name}")).items():
            if isinstance(value, re.Pattern):
                yield pytest.param(value, id=f"{module.name}.{name}")


def seconds(call, text):
    started = time.process_time()
    for _ in call(text) or ():
        pass
    return time.process_time() - started


def test_there_are_patterns_to_look_at() -> None:
    assert len(list(patterns())) >= 3


@pytest.mark.parametrize("pattern", list(patterns()))
def test_hostile_strings_are_answered_in_time(pattern):
    def searched(text):
        pattern.search(text)

    for seed in SEEDS:
        for text in (seed * (LENGTH // len(seed)), seed * (LENGTH // len(seed)) + "\x01"):
            # A busy machine may slow one run; a slow pattern is slow each time.
            assert min(seconds(searched, text) for _ in range(2)) < LIMIT_S
            if pattern.pattern.startswith("[’']"):
                assert min(seconds(pattern.finditer, text) for _ in range(3)) < 3 * LIMIT_S
