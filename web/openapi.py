"""GET /openapi.json, made of the models that check requests and of those that responses are tested with.

Source: OpenAPI Specification 3.1.1.
"""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from http import HTTPStatus
from importlib.resources import files

from flask import Blueprint, Flask, Response, current_app
from pydantic import BaseModel
from werkzeug.routing import Rule

from qa_service import __version__
from web.accounts import PUBLIC
from web.error_handlers import API_PATHS
from web.openapi_schemas import Json, Schemas, without_null
from web.operations import (
    EVENT_STREAM,
    JSON,
    OPERATIONS,
    PROBLEM_SHAPES,
    SECURITY,
    Operation,
    problem_statuses,
)
from web.problems import PROBLEM_TYPE, RETRYABLE
from web.response_schemas import EVENTS, ProblemDetails
from web.responses import json_response, tagged

blueprint = Blueprint("openapi", __name__)

_ABOUT = (
    "Ask an archive of articles; answers are verbatim quotes with their source paragraphs. Offsets are Unicode code "
    "points, half-open. Errors are `application/problem+json` (RFC 9457). Every response carries `X-Request-ID`; a "
    "plain one that the request brings is kept. HEAD goes wherever GET does, OPTIONS everywhere. New fields may come "
    "to responses: leave unknown ones aside. Unknown fields of requests are refused."
)
_TAGS = {
    "answers": "Questions and their answers.",
    "archive": "The articles that answers come from.",
    "conversations": "What was asked before, and what people thought of the answers.",
    "operations": "For whoever runs the service.",
}
_HEADERS: Json = {
    "X-Request-ID": {
        "description": "The name of this request, as the log has it.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    },
    "ETag": {
        "description": "Stays the same as long as the same generation answers; send it as `If-None-Match`.",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Seconds to wait before another try.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    },
}


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """Describe this API."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return tagged(json_response(_document_of(app)), __version__)


@lru_cache(maxsize=1)
def _document_of(app: Flask) -> Json:
    return document(app)


def document(app: Flask) -> Json:
    """Return the document of all addresses of `app` that programs use.

    Raises:
        KeyError: an address is missing in OPERATIONS; a test keeps this from happening.
    """
    rules = sorted(filter(is_api, app.url_map.iter_rules()), key=lambda rule: rule.rule)
    operations = [OPERATIONS[rule.endpoint] for rule in rules]
    schemas = _schemas(operations)
    examples = json.loads(files("web").joinpath("examples.json").read_text(encoding="utf-8"))
    paths: dict[str, Json] = {}
    for rule in rules:
        (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        described = _operation(app, rule, schemas, examples.get(rule.endpoint, {}))
        paths.setdefault(path_of(rule), {})[method.lower()] = described
    statuses = sorted({status for operation in operations for status in problem_statuses(operation)})
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "qa-service",
            "version": __version__,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "security": [{}, *({name: []} for name in SECURITY)],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "responses": {str(status): _problem(status, schemas.ref(ProblemDetails)) for status in statuses},
            "headers": _HEADERS,
            "securitySchemes": SECURITY,
        },
    }


def is_api(rule: Rule) -> bool:
    """Whether programs use `rule`; the others are pages for people."""
    return rule.rule.startswith(API_PATHS)


def path_of(rule: Rule) -> str:
    """Return the address of `rule` as OpenAPI writes it: `/articles/{article_id}`."""
    return re.sub(r"<(?:[^<>:]+:)?(\w+)>", r"{\1}", rule.rule)


def _schemas(operations: list[Operation]) -> Schemas:
    taken = {model for operation in operations for model in (operation.body, operation.params) if model}
    given: set[type[BaseModel]] = {*EVENTS.values(), ProblemDetails, *PROBLEM_SHAPES.values()}
    given |= {shape for operation in operations for shape in operation.replies.values() if shape}
    return Schemas(taken, given)


def _operation(app: Flask, rule: Rule, schemas: Schemas, example: Json) -> Json:
    operation = OPERATIONS[rule.endpoint]
    summary = (app.view_functions[rule.endpoint].__doc__ or "").strip().partition("\n")[0]
    described: Json = {
        "operationId": rule.endpoint.rpartition(".")[2],
        "tags": [operation.tag],
        "summary": summary.rstrip("."),
    }
    if operation.text:
        described["description"] = operation.text
    if rule.rule in PUBLIC:
        described["security"] = []
    if parameters := list(_parameters(rule, operation, schemas)):
        described["parameters"] = parameters
    if operation.body:
        content = {"schema": schemas.ref(operation.body), **_example(example, "body")}
        described["requestBody"] = {"required": True, "content": {JSON: content}}
    return {**described, "responses": _responses(rule, operation, schemas, example)}


def _parameters(rule: Rule, operation: Operation, schemas: Schemas) -> Iterator[Json]:
    for name in sorted(rule.arguments):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    if operation.params:
        schema = schemas.of(operation.params)
        for name, field in schema["properties"].items():
            required = name in schema.get("required", ())
            yield {"name": name, "in": "query", "required": required, "schema": without_null(field)}
    if operation.tagged:
        yield {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}}


def _responses(rule: Rule, operation: Operation, schemas: Schemas, example: Json) -> Json:
    names = ["X-Request-ID", *(["ETag"] if operation.tagged else [])]
    done: Json = {"description": HTTPStatus(operation.status).phrase, "headers": _headers(names)}
    if operation.replies:
        done["content"] = {
            media: _content(media, shape, schemas, example) for media, shape in operation.replies.items()
        }
    responses: Json = {str(operation.status): done}
    if operation.tagged:
        responses["304"] = {"description": "Nothing has changed.", "headers": _headers(names)}
    for status in problem_statuses(operation):
        shape = PROBLEM_SHAPES.get((rule.endpoint, status))
        shared = {"$ref": f"#/components/responses/{status}"}
        responses[str(status)] = _problem(status, schemas.ref(shape)) if shape else shared
    return responses


def _content(media: str, shape: type[BaseModel] | None, schemas: Schemas, example: Json) -> Json:
    if shape is not None:
        return {"schema": schemas.ref(shape), **(_example(example, "response") if media == JSON else {})}
    if media == EVENT_STREAM:
        events = {name: schemas.ref(model) for name, model in EVENTS.items()}
        return {"schema": _event_schema(), "x-events": events}
    return {"schema": {"type": "object" if media == JSON else "string"}}


def _event_schema() -> Json:
    """One event of a stream, as its parser sees it; 3.1 has no word for a sequence of them."""
    return {
        "type": "object",
        "required": ["id", "event", "data"],
        "properties": {
            "id": {"type": "string"},
            "event": {"enum": list(EVENTS)},
            "data": {"type": "string", "contentMediaType": JSON},
        },
    }


def _problem(status: int, schema: Json) -> Json:
    names = ["X-Request-ID", *(["Retry-After"] if status in RETRYABLE else [])]
    return {
        "description": HTTPStatus(status).phrase,
        "headers": _headers(names),
        "content": {PROBLEM_TYPE: {"schema": schema}},
    }


def _headers(names: list[str]) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _example(example: Json, part: str) -> Json:
    return {"example": example[part]} if part in example else {}
