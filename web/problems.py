"""Errors at the edge as problem details: one value for the API's JSON and the error page.

Source: RFC 9457, Problem Details for HTTP APIs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import Response, request

from web.request_ids import request_id
from web.responses import json_response

PROBLEM_TYPE = "application/problem+json"
RETRY_AFTER_S = 5
# RFC 9110's; older Pythons have older words.
_PHRASES = {413: "Content Too Large", 422: "Unprocessable Content"}
RETRYABLE = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; `pointer` is a JSON pointer as URI fragment, `#/question`."""

    pointer: str
    detail: str


@dataclass(eq=False)
class Problem(Exception):
    """A request that gets no result.

    Attributes:
        code: stable word that programs can tell problems apart by.
        detail: what happened, the value seen, what to do next.
        more: further members of the problem object.
    """

    status: int
    code: str
    detail: str
    errors: tuple[FieldError, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The status in words."""
        return _PHRASES.get(self.status) or HTTPStatus(self.status).phrase


def misfit(errors: tuple[FieldError, ...]) -> Problem:
    """Return the problem of fields that do not fit; the first one is told at length."""
    first = errors[0]
    more = f" {len(errors) - 1} more do not fit either." if len(errors) > 1 else ""
    detail = f"{first.pointer.removeprefix('#/').removeprefix('#') or 'The request'}: {first.detail}.{more}"
    code = "invalid_question" if first.pointer in ("#/question", "#/q") else "invalid_request"
    return Problem(422, code, detail, errors)


def problem_object(problem: Problem) -> dict[str, Any]:
    """Return the members that `problem` has on the wire, for the running request."""
    return {
        "type": f"urn:qa-service:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": quote(request.path, safe="/"),
        "code": problem.code,
        "request_id": request_id(),
        "errors": [{"pointer": error.pointer, "detail": error.detail} for error in problem.errors],
        **problem.more,
    }


def problem_response(problem: Problem) -> Response:
    """Return `problem` as application/problem+json."""
    response = json_response(problem_object(problem), status=problem.status, mimetype=PROBLEM_TYPE)
    response.headers["Cache-Control"] = "no-store"
    add_problem_headers(response, problem)
    return response


def add_problem_headers(response: Response, problem: Problem) -> None:
    """Set the headers that `problem` brings along, `Retry-After` where another try may help included."""
    if problem.status in RETRYABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    response.headers.update(problem.headers)
