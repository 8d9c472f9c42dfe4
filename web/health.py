"""For whoever watches the server: is it alive, is it ready to answer."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import cast

from flask import Blueprint, Flask, Response, current_app

from qa_service.errors import StateUnavailable
from qa_service.service import Check
from qa_service.state.database import Database
from web import serialize
from web.current import service
from web.problems import Problem
from web.responses import json_response

FRESH_S = 1.0
PATIENCE_S = 1.5  # whoever watches gives up after a few seconds, and would learn nothing

blueprint = Blueprint("health", __name__)


class StateProbe:
    """Whether state.db can be written: looked at once a second at most, by one thread, and never waited for for long.

    /readyz is open to everybody, and each look takes the lock that writes take.
    """

    def __init__(
        self,
        look: Callable[[], str],
        *,
        fresh_s: float = FRESH_S,
        patience_s: float = PATIENCE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Look with `look`, which returns what it saw or raises `StateUnavailable`."""
        self._look, self._fresh_s, self._patience_s, self._clock = look, fresh_s, patience_s, clock
        self._deciding = threading.Lock()
        self._latest: Future[Check] | None = None
        self._ended_at = 0.0

    def check(self) -> Check:
        """Return what the latest look saw; one that takes too long counts as a failure."""
        with self._deciding:
            latest = self._latest
            if latest is None or (latest.done() and self._clock() - self._ended_at >= self._fresh_s):
                latest = self._latest = Future()
                threading.Thread(target=self._run, args=(latest,), name="state-probe", daemon=True).start()
        try:
            return latest.result(self._patience_s)
        except TimeoutError:
            return Check("state", False, f"state.db has not answered within {self._patience_s:g} s.")

    def _run(self, future: Future[Check]) -> None:
        try:
            seen = Check("state", True, self._look())
        except StateUnavailable as error:
            seen = Check("state", False, str(error))
        except Exception as error:  # whoever waits for it has to learn of it
            self._ended_at = self._clock()
            future.set_exception(error)
            return
        self._ended_at = self._clock()
        future.set_result(seen)


def install(app: Flask, state: Database | None) -> None:
    """Add the addresses; what is written to the disk is checked where there is such a thing."""
    app.extensions["qa_state_probe"] = StateProbe(state.check) if state is not None else None
    app.register_blueprint(blueprint)


@blueprint.get("/livez")
def livez() -> Response:
    """Say that the process answers at all."""
    return _fresh(json_response({"status": "alive"}))


@blueprint.get("/readyz")
def readyz() -> Response:
    """Say whether questions can be answered, part by part; 503 when not."""
    checks = [*service().checks(), *state_checks()]
    listed = [serialize.check(check) for check in checks]
    failed = [check for check in checks if not check.ok]
    if failed:
        detail = " ".join(f"{check.name}: {check.detail}" for check in failed)
        raise Problem(503, "not_ready", detail, more={"checks": listed})
    return _fresh(json_response({"status": "ready", "checks": listed}))


def state_checks() -> list[Check]:
    """Return how state.db stands, where this application has one."""
    probe = cast("StateProbe | None", current_app.extensions["qa_state_probe"])
    return [probe.check()] if probe else []


def _fresh(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
