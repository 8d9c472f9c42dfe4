"""What every problem object has to look like."""

from typing import Any

from werkzeug.test import TestResponse

MEMBERS = ["type", "title", "status", "detail", "instance", "code", "request_id", "errors"]


def assert_problem(response: TestResponse, status: int, code: str | None = None) -> dict[str, Any]:
    """Check `response` against RFC 9457 and return its object."""
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.mimetype == "application/problem+json"
    problem = response.get_json()
    assert list(problem)[: len(MEMBERS)] == MEMBERS
    assert problem["status"] == status
    assert problem["detail"]
    assert problem["request_id"] == response.headers["X-Request-ID"]
    assert all(list(error) == ["pointer", "detail"] for error in problem["errors"])
    assert code is None or problem["code"] == code
    return problem
