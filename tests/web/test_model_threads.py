"""Calls run in a few threads, bring back what they give or raise, and the threads end with their owner."""

import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

import pytest

from web.model_threads import ModelThreads


def test_many_callers_share_few_threads() -> None:
    threads = ModelThreads(2)
    with ThreadPoolExecutor(12) as callers:
        names = list(callers.map(lambda _: threads.run(threading.get_ident), range(60)))
    assert len(set(names)) <= 2
    assert threading.get_ident() not in names


def test_results_arguments_and_errors_come_back() -> None:
    threads = ModelThreads(1)
    assert threads.run(divmod, 7, 2) == (3, 1)
    assert threads.run(sorted, [1, 2], reverse=True) == [2, 1]
    with pytest.raises(ZeroDivisionError):
        threads.run(divmod, 1, 0)
    assert threads.run(divmod, 8, 2) == (4, 0)


def test_a_call_sees_the_context_of_its_caller() -> None:
    name: ContextVar[str] = ContextVar("name")
    threads = ModelThreads(1)
    for value in ("first", "second"):
        token = name.set(value)
        assert threads.run(name.get) == value
        name.reset(token)


def test_the_threads_end_with_their_owner() -> None:
    before = set(threading.enumerate())
    threads = ModelThreads(3)
    own = set(threading.enumerate()) - before
    assert len(own) == 3
    del threads
    gc.collect()
    for thread in own:
        thread.join(timeout=5)
        assert not thread.is_alive()
