"""GET /openapi.json: complete, valid, and true of what the service answers."""

import json
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient

from qa_service.settings import Settings
from tests.web.fake_service import FakeService
from web import create_app
from web.openapi import document, is_api, path_of
from web.operations import OPERATIONS


@pytest.fixture
def app(service: FakeService) -> Flask:
    return create_app(Settings(), service)


@pytest.fixture
def described(client: FlaskClient) -> dict[str, Any]:
    return client.get("/openapi.json").get_json()


def test_every_address_of_the_api_is_described(app: Flask, described: dict[str, Any]) -> None:
    addresses = {
        (path_of(rule), method)
        for rule in app.url_map.iter_rules()
        if is_api(rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert addresses == {
        (path, method.upper()) for path, methods in described["paths"].items() for method in methods
    }
    assert {rule.endpoint for rule in app.url_map.iter_rules() if is_api(rule)} == set(OPERATIONS)


def test_an_address_that_nobody_described_is_noticed(app: Flask) -> None:
    app.add_url_rule("/api/v1/new", "new", lambda: "")
    with pytest.raises(KeyError, match="new"):
        document(app)


def test_the_document_is_valid(described: dict[str, Any]) -> None:
    schemathesis.openapi.from_dict(described).validate()
    assert described["openapi"] == "3.1.1"


def operations(described: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for methods in described["paths"].values() for operation in methods.values()]


def test_every_operation_has_a_name_of_its_own_and_a_sentence(described: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(described)]
    assert len(names) == len(set(names))
    assert all(operation["summary"] for operation in operations(described))
    tags = {tag["name"] for tag in described["tags"]}
    assert tags >= {tag for operation in operations(described) for tag in operation["tags"]}


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    def references(value: Any) -> list[str]:
        if isinstance(value, list):
            return [ref for item in value for ref in references(item)]
        if isinstance(value, dict):
            return [item for key, item in value.items() if key == "$ref"] + references(list(value.values()))
        return []

    found = references(described)
    assert len(found) > 50
    for ref in found:
        place: Any = described
        for step in ref.removeprefix("#/").split("/"):
            place = place[step]


def test_every_problem_is_a_problem_object(described: dict[str, Any]) -> None:
    for response in described["components"]["responses"].values():
        assert list(response["content"]) == ["application/problem+json"]
        assert "X-Request-ID" in response["headers"]
    for status in ("429", "503"):
        assert "Retry-After" in described["components"]["responses"][status]["headers"]


def test_what_needs_no_key_says_so(described: dict[str, Any]) -> None:
    open_to_all = {
        path for path, methods in described["paths"].items() if methods.get("get", {}).get("security") == []
    }
    assert open_to_all == {"/livez", "/readyz", "/openapi.json"}
    assert described["security"] == [{}, {"key": []}, {"session": []}]


def test_clients_are_told_to_expect_further_fields_and_to_send_none(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    assert schemas["AskBody"]["additionalProperties"] is False
    assert schemas["FiltersBody"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["Answer"]
    assert "additionalProperties" not in schemas["Citation"]


def test_limits_are_those_of_the_checks(described: dict[str, Any]) -> None:
    question = described["components"]["schemas"]["AskBody"]["properties"]["question"]
    assert (question["minLength"], question["maxLength"]) == (1, 4000)
    parameters = described["paths"]["/api/v1/articles"]["get"]["parameters"]
    limit = next(parameter["schema"] for parameter in parameters if parameter["name"] == "limit")
    assert limit == {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}


def test_the_examples_are_answered_as_they_say(client: FlaskClient, described: dict[str, Any]) -> None:
    seen = 0
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                if method == "post" and "example" in content:
                    seen += 1
                    response = client.post(path, json=content["example"])
                    assert response.status_code < 300, response.get_data(as_text=True)
    assert seen


def test_shown_responses_fit_their_shapes(described: dict[str, Any]) -> None:
    seen = 0
    for endpoint, operation in OPERATIONS.items():
        name = endpoint.rpartition(".")[2]
        shown = next(item for item in operations(described) if item["operationId"] == name)
        for media, content in shown["responses"][str(operation.status)].get("content", {}).items():
            if "example" in content:
                seen += 1
                operation.replies[media].model_validate_json(json.dumps(content["example"]))
    assert seen >= 5


def test_the_document_has_a_tag(client: FlaskClient) -> None:
    tag = client.get("/openapi.json").headers["ETag"]
    assert client.get("/openapi.json", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("path", ["/api/v1/articles", "/api/v1/search?q=ferry", "/readyz", "/openapi.json"])
def test_head_tells_what_get_would_without_the_body(client: FlaskClient, path: str) -> None:
    head, got = client.head(path), client.get(path)
    assert head.status_code == 200
    assert head.get_data() == b""
    assert head.headers["Content-Length"] == got.headers["Content-Length"]
    assert head.headers.get("ETag") == got.headers.get("ETag")


@pytest.mark.parametrize(
    ("path", "methods"),
    [("/api/v1/ask", {"POST", "OPTIONS"}), ("/api/v1/articles", {"GET", "HEAD", "OPTIONS"})],
)
def test_options_name_the_methods(client: FlaskClient, path: str, methods: set[str]) -> None:
    response = client.options(path)
    assert response.status_code in (200, 204)
    assert set(response.headers["Allow"].split(", ")) == methods
