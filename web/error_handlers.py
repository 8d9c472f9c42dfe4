"""Every error becomes a problem object for programs and a page for people, here and nowhere else."""

import logging
from http import HTTPStatus

from flask import Flask, Response, make_response, render_template, request
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException

from qa_service.errors import (
    AnswerNotFound,
    ArticleNotFound,
    ConversationNotFound,
    GenerationError,
    IndexMissing,
    InputError,
    InvalidFilter,
    InvalidQuestion,
    ModelMissing,
    Overloaded,
    QAError,
    StaleCursor,
    StateUnavailable,
)
from web import error_wording
from web.problems import FieldError, Problem, add_problem_headers, problem_response
from web.request_ids import request_id

logger = logging.getLogger(__name__)

_CODES = {400: "malformed_request", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
_DETAILS = {
    404: "There is nothing at this address.",
    405: "This address does not take this method; the header Allow names those that it takes.",
}
API_PATHS = ("/api/", "/livez", "/readyz", "/metrics", "/openapi.json")


def install(app: Flask) -> None:
    """Translate every exception that leaves a view of `app`."""
    app.register_error_handler(Exception, answer_error)


def answer_error(error: Exception) -> Response:
    """Return the response for `error`; what nobody foresaw is logged and told apart from people's mistakes."""
    problem = problem_of(error)
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("Unexpected error, request_id=%s", request_id(), exc_info=error)
    if wants_json():
        return problem_response(problem)
    if isinstance(error, IndexMissing):
        return _page("no_index.html", problem)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        return _page("login.html", problem, visitor=None)
    said = {
        "headline": error_wording.headline(problem),
        "explanation": error_wording.explanation(problem),
    }
    return _page("error.html", problem, **said)


def problem_of(error: Exception) -> Problem:
    """Return what `error` means to a client."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, QAError):
        return _problem_of_qa_error(error)
    if isinstance(error, HTTPException) and error.code is not None and error.code >= HTTPStatus.BAD_REQUEST:
        return _problem_of_http_exception(error, error.code)
    return Problem(
        500, "internal_error", "Something went wrong on the server. The log has it under the request id."
    )


def wants_json() -> bool:
    """Whether the running request comes from a program: an API path, or one that asks for JSON and not HTML."""
    if request.path.startswith(API_PATHS):
        return True
    if request_ctx.url_adapter is None:  # the host makes no sense, so that no page can name its own addresses
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return best is not None and best != "text/html"


def _problem_of_qa_error(error: QAError) -> Problem:
    detail = str(error)
    if isinstance(error, InvalidQuestion):
        return Problem(422, error.code, detail, (FieldError("#/question", detail),))
    if isinstance(error, InvalidFilter):
        return Problem(422, error.code, detail, (FieldError("#/filters", detail),))
    if isinstance(error, StaleCursor):
        return Problem(410 if error.gone else 400, error.code, detail, (FieldError("#/cursor", detail),))
    if isinstance(error, ArticleNotFound | ConversationNotFound | AnswerNotFound):
        return Problem(404, error.code, detail)
    if isinstance(error, InputError):
        return Problem(422, error.code, detail)
    if isinstance(error, IndexMissing | ModelMissing | GenerationError | Overloaded | StateUnavailable):
        return Problem(503, error.code, detail)
    return Problem(500, error.code, detail)


def _problem_of_http_exception(error: HTTPException, status: int) -> Problem:
    code = _CODES.get(status, HTTPStatus(status).name.lower())
    detail = _DETAILS.get(status, error.description or HTTPStatus(status).phrase)
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return Problem(status, code, detail, headers=headers)


def _page(template: str, problem: Problem, **more: object) -> Response:
    response = make_response(
        render_template(template, problem=problem, request_id=request_id(), **more), problem.status
    )
    add_problem_headers(response, problem)
    return response
