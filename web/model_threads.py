"""The few threads in which models run: each thread that calls them gets threads and memory of its own from torch."""

import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
_Task = tuple[Callable[[], Any], "Future[Any]"] | None


class ModelThreads:
    """Runs calls in a fixed number of threads, which end with the object that they belong to.

    They are daemons, unlike those of concurrent.futures: a server that has waited long enough ends without them.
    """

    def __init__(self, number: int) -> None:
        self._tasks: SimpleQueue[_Task] = SimpleQueue()
        for _ in range(number):
            threading.Thread(target=_work, args=(self._tasks,), name="models", daemon=True).start()
        weakref.finalize(self, _end, self._tasks, number)

    def run(
        self, call: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Result:
        """Return what `call` gives, or raise what it raises; it sees the caller's context, as log lines need it."""
        future: Future[Result] = Future()
        context = copy_context()
        self._tasks.put((lambda: context.run(call, *args, **kwargs), future))
        return future.result()


def _work(tasks: "SimpleQueue[_Task]") -> None:
    while (task := tasks.get()) is not None:
        call, future = task
        try:
            future.set_result(call())
        except BaseException as error:  # whoever waits for it raises it
            future.set_exception(error)
        del task, call, future  # or the last answer would live until the next question


def _end(tasks: "SimpleQueue[_Task]", number: int) -> None:
    for _ in range(number):
        tasks.put(None)
