"""Requests that nobody sends by mistake: whatever the API's document allows or forbids, and a fixed corpus."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks as contract

from qa_service.settings import Settings
from qa_service.state.database import FILE_NAME, Database
from tests.faults.corpus import BODIES, HEADERS, PATHS, QUERIES
from tests.faults.rows import Result, Row
from tests.faults.temporary import temporary_folder
from tests.web.fake_service import FakeService
from web import create_app
from web.response_schemas import ProblemDetails

CHECKS = [
    not_a_server_error,
    contract.status_code_conformance,
    contract.content_type_conformance,
    contract.response_headers_conformance,
    contract.response_schema_conformance,
    contract.negative_data_rejection,
    contract.unsupported_method,
]


def open_app(folder: Path) -> Flask:
    """Return the application over the fake service, with a place for what people create."""
    config = Settings(data_dir=folder, rate_per_key=0, rate_per_address=0)
    return create_app(config, FakeService(), Database(folder / FILE_NAME))


def try_the_document(quick: bool) -> Result:
    """Send what the document allows, then what it forbids, to every operation."""
    examples = 6 if quick else 1000
    statuses: Counter[int] = Counter()
    with temporary_folder() as folder:
        schema = schemathesis.openapi.from_wsgi("/openapi.json", open_app(folder))
        operations = [found.ok() for found in schema.get_all_operations()]
        for operation in operations:
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                _try_operation(operation, mode, examples, statuses)
    return Result(True, f"{len(operations)} operations, {_shown(statuses)}")


def _try_operation(operation: Any, mode: GenerationMode, examples: int, statuses: Counter[int]) -> None:
    if mode is GenerationMode.NEGATIVE and not _takes_anything(operation):
        return

    @seed(1)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        response = case.call()
        statuses[response.status_code] += 1
        assert_problem_or_success(response)
        case.validate_response(response, checks=CHECKS)

    try:
        send()
    except Unsatisfiable:  # an operation that takes any text forbids nothing
        assert mode is GenerationMode.NEGATIVE, operation.label


def _takes_anything(operation: Any) -> bool:
    return bool(operation.body or operation.query or operation.path_parameters or operation.headers)


def assert_problem_or_success(response: Any) -> None:
    """Check that an error is a problem object in every field."""
    if response.status_code >= 400:
        kind = response.headers["content-type"]
        assert "application/problem+json" in str(kind), kind
        if response.content:
            problem = json.loads(response.content)
            ProblemDetails.model_validate({name: problem[name] for name in ProblemDetails.model_fields})
            assert problem["status"] == response.status_code


def try_the_corpus(quick: bool) -> Result:
    """Send every hostile path, query, header and body; pages included."""
    statuses: Counter[int] = Counter()
    with temporary_folder() as folder:
        client = open_app(folder).test_client()
        for request in _corpus():
            with client.open(**request) as response:
                statuses[response.status_code] += 1
                assert response.status_code < 500, request
                assert response.status_code < 400 or response.mimetype in (
                    "application/problem+json",
                    "text/html",
                ), request
    return Result(True, _shown(statuses))


def _corpus() -> Iterator[dict[str, Any]]:
    for path in PATHS:
        for method in ("GET", "HEAD", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"):
            for accept in ("text/html", "application/json"):
                yield {"path": path, "method": method, "headers": {"Accept": accept}}
    for query in QUERIES:
        for path in (
            "/",
            "/articles",
            "/conversations",
            "/api/v1/search",
            "/api/v1/articles",
            "/api/v1/facets",
        ):
            yield {"path": path, "query_string": query}
    for name, value in HEADERS:
        for path in ("/", "/api/v1/articles", "/livez"):
            yield {"path": path, "headers": {name: value}}
    for path in ("/api/v1/ask", "/api/v1/feedback", "/api/v1/conversations/x"):
        for body in BODIES:
            method = "PATCH" if path.endswith("x") else "POST"
            yield {"path": path, "method": method, "data": body, "content_type": "application/json"}


def _shown(statuses: Counter[int]) -> str:
    counted = ", ".join(f"{status}: {number:,}" for status, number in sorted(statuses.items()))
    return f"{statuses.total():,} requests ({counted})"


ROWS = [
    Row(
        "requests-document",
        "1,000 requests an operation that the document allows and 1,000 that it forbids: 0 answers 5xx, "
        "every error RFC 9457, every response as described",
        try_the_document,
    ),
    Row(
        "requests-corpus",
        "A fixed hostile corpus over API and pages: 0 answers 5xx, every error RFC 9457 or a page",
        try_the_corpus,
    ),
]
