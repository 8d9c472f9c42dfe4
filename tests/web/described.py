"""Checks responses against what the API's description says of them, field by field."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from web.openapi import is_api
from web.operations import JSON, OPERATIONS, PROBLEM_SHAPES, problem_statuses
from web.problems import PROBLEM_TYPE
from web.response_schemas import ProblemDetails

NO_BODY = ("HEAD", "OPTIONS")
EVERYWHERE = (404, 405)  # what is asked for is no operation, so no operation can name these


class DescribedClient(FlaskClient):
    """A test client that fails on any response which is not as the API describes it."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        assert_described(self.application, response)
        return response


def assert_described(app: Flask, response: TestResponse) -> None:
    """Check status, media type and every field of `response`; what the pages answer is not looked at."""
    if response.mimetype == PROBLEM_TYPE:
        check_problem(app, response)
    elif response.status_code != 304 and (endpoint := endpoint_of(app, response)) in OPERATIONS:
        operation = OPERATIONS[endpoint]
        assert response.status_code == operation.status
        if response.request.environ["REQUEST_METHOD"] in NO_BODY or not operation.replies:
            return
        assert response.mimetype in operation.replies
        shape = operation.replies[response.mimetype]
        if shape and response.mimetype == JSON:
            shape.model_validate_json(response.get_data())


def check_problem(app: Flask, response: TestResponse) -> None:
    endpoint = endpoint_of(app, response)
    shape = PROBLEM_SHAPES.get((endpoint, response.status_code), ProblemDetails)
    if response.get_data():  # HEAD has none
        shape.model_validate_json(response.get_data())
    if endpoint in OPERATIONS:
        assert response.status_code in (*EVERYWHERE, *problem_statuses(OPERATIONS[endpoint]))


def endpoint_of(app: Flask, response: TestResponse) -> str:
    """Return the endpoint that answered, empty when none did."""
    asked = response.request
    try:
        rule, _ = app.url_map.bind("").match(asked.path, asked.environ["REQUEST_METHOD"], return_rule=True)
    except HTTPException:
        return ""
    return str(rule.endpoint) if is_api(rule) else ""
