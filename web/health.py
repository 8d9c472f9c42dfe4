"""For whoever watches the server: is it alive, is it ready to answer."""

from flask import Blueprint, Response

from qa_service.errors import StateUnavailable
from qa_service.service import Check
from web import serialize
from web.current import has_state, service, state
from web.problems import Problem
from web.responses import json_response

blueprint = Blueprint("health", __name__)


@blueprint.get("/livez")
def livez() -> Response:
    """Say that the process answers at all."""
    return _fresh(json_response({"status": "alive"}))


@blueprint.get("/readyz")
def readyz() -> Response:
    """Say whether questions can be answered, part by part; 503 when not."""
    checks = [*service().checks(), *_state_checks()]
    listed = [serialize.check(check) for check in checks]
    failed = [check for check in checks if not check.ok]
    if failed:
        detail = " ".join(f"{check.name}: {check.detail}" for check in failed)
        raise Problem(503, "not_ready", detail, more={"checks": listed})
    return _fresh(json_response({"status": "ready", "checks": listed}))


def _state_checks() -> list[Check]:
    if not has_state():
        return []
    try:
        return [Check("state", True, state().check())]
    except StateUnavailable as error:
        return [Check("state", False, str(error))]


def _fresh(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
