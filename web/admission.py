"""How many questions are worked on at once, how many may wait, and the refusal of all beyond."""

import os
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from qa_service.errors import Overloaded
from qa_service.settings import Settings
from web.model_threads import ModelThreads

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class Admission:
    """Lets `at_once` calls run and `waiting` more wait for at most `wait_s`; safe in many threads."""

    def __init__(self, at_once: int, waiting: int, wait_s: float) -> None:
        self._places = threading.BoundedSemaphore(at_once + waiting)
        self._running = threading.BoundedSemaphore(at_once)
        self._threads = ModelThreads(at_once)
        self._wait_s = wait_s

    def enter(self) -> "Place":
        """Take a place, without waiting for it.

        Raises:
            Overloaded: all places are taken.
        """
        if not self._places.acquire(blocking=False):
            raise Overloaded(
                "The service has as many questions as it can answer; ask again in a few seconds."
            )
        return Place(self._running, self._places, self._threads, self._wait_s)


class Place:
    """A place among the questions that run or wait, held until all that comes of a question is done.

    Attributes:
        handed_over: somebody else than the request that took it will leave it.
    """

    def __init__(
        self,
        running: threading.BoundedSemaphore,
        places: threading.BoundedSemaphore,
        threads: ModelThreads,
        wait_s: float,
    ) -> None:
        self._running, self._places, self._threads, self._wait_s = running, places, threads, wait_s
        self._left = threading.Lock()
        self._begun = self.handed_over = False

    def run(
        self, call: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Result:
        """Return what `call` gives, once its turn has come.

        Raises:
            Overloaded: its turn did not come in time.
        """
        if not self._running.acquire(timeout=self._wait_s):
            raise Overloaded(
                f"Other questions took longer than {self._wait_s:g} s; ask again in a few seconds."
            )
        try:
            return self._threads.run(call, *args, **kwargs)
        finally:
            self._running.release()

    def hand_over(self, call: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        """Return `call` as one that leaves this place when it is done."""
        self.handed_over = True

        def leaving(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            self._begun = True
            try:
                return call(*args, **kwargs)
            finally:
                self.leave()

        return leaving

    def abandon(self) -> None:
        """Give the place back if nothing was begun in it; what was handed over leaves when it is done."""
        if not self._begun:
            self.leave()

    def leave(self) -> None:
        """Give the place back; once is enough, more does no harm."""
        if self._left.acquire(blocking=False):
            self._places.release()


def for_settings(settings: Settings) -> Admission:
    """Return an admission that leaves a quarter of the server's threads to pages and health checks."""
    room = settings.threads - max(1, settings.threads // 4)
    at_once = min(room, settings.asks_at_once or os.cpu_count() or 1)
    return Admission(at_once, room - at_once, settings.ask_wait_s)
