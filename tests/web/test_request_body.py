"""Bodies that are no strict JSON, too large, or of another type."""

import io
import json
import time

import pytest
from flask.testing import FlaskClient

from tests.web.problem_checks import assert_problem
from web import strict_json
from web.request_body import MAX_BODY_BYTES

ASK = "/api/v1/ask"

MALFORMED = {
    "empty": b"",
    "text": b"hello",
    "cut": b'{"question": "a"',
    "trailing": b'{"question": "a"} x',
    "single quotes": b"{'question': 'a'}",
    "duplicate key": b'{"question": "a", "question": "b"}',
    "duplicate key deep down": b'{"question": "a", "filters": {"sources": [], "sources": []}}',
    "NaN": b'{"question": "a", "top_k": NaN}',
    "Infinity": b'{"question": "a", "top_k": -Infinity}',
    "not UTF-8": b'{"question": "\xff\xfe"}',
    "encoded surrogate": b'{"question": "\xed\xa0\x80"}',
    "byte order mark": b'\xef\xbb\xbf{"question": "a"}',
    "control character": b'{"question": "a\x01"}',
    "deep lists": b"[" * 30_000 + b"]" * 30_000,
    "deep objects": b'{"a":' * 10_000,
    "deep beside a string": b'{"question": "\\"]]]]", "history": ' + b"[" * 40 + b"]" * 40 + b"}",
    "endless integer": b'{"question": "a", "top_k": ' + b"9" * 10_000 + b"}",
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_strict_json_is_400(client: FlaskClient, body: bytes) -> None:
    assert_problem(client.post(ASK, data=body, content_type="application/json"), 400, "malformed_json")


def test_an_endless_number_is_told_without_python_s_advice() -> None:
    with pytest.raises(strict_json.MalformedJson, match="number of too many digits") as caught:
        strict_json.loads(b'{"top_k": ' + b"9" * 5000 + b"}")
    assert "sys." not in str(caught.value)


def test_nesting_of_50000_is_400() -> None:
    with pytest.raises(strict_json.MalformedJson, match="nested deeper"):
        strict_json.loads(b"[" * 50_000 + b"]" * 50_000)


def test_brackets_in_strings_are_no_nesting() -> None:
    value = {"a": "[" * 100 + '\\"' + "{" * 100}
    assert strict_json.loads(json.dumps(value).encode()) == value


def test_escaped_pairs_are_characters() -> None:
    assert strict_json.loads(rb'"\ud83d\udedf"') == "🛟"


@pytest.mark.parametrize("body", [b'"' + b'\\"' * 32_000, b'{"a' * 20_000, b'{"a":1,' * 9000, b" " * 65_000])
def test_hostile_text_is_refused_quickly(body: bytes) -> None:
    started = time.perf_counter()
    with pytest.raises(strict_json.MalformedJson):
        strict_json.loads(body)
    assert time.perf_counter() - started < 0.5


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/json",
        "application/json;charset=latin-1",
        "",
    ],
)
def test_other_content_types_are_415(client: FlaskClient, content_type: str) -> None:
    response = client.post(ASK, data=b'{"question": "a"}', content_type=content_type)
    assert_problem(response, 415, "unsupported_media_type")


def test_compressed_bodies_are_415(client: FlaskClient) -> None:
    response = client.post(
        ASK, data=b"\x1f\x8b", content_type="application/json", headers={"Content-Encoding": "gzip"}
    )
    assert_problem(response, 415)


def padded(size: int) -> bytes:
    body = b'{"question": "Who is the captain of the ferry Halden?"}'
    return body + b" " * (size - len(body))


def test_a_body_at_the_limit_is_taken(client: FlaskClient) -> None:
    response = client.post(ASK, data=padded(MAX_BODY_BYTES), content_type="application/json")
    assert response.status_code == 200


def test_a_body_over_the_limit_is_413(client: FlaskClient) -> None:
    response = client.post(ASK, data=padded(MAX_BODY_BYTES + 1), content_type="application/json")
    assert_problem(response, 413, "body_too_large")


def test_a_body_of_undeclared_length_is_read_to_the_limit_only(client: FlaskClient) -> None:
    stream = io.BytesIO(padded(10 * MAX_BODY_BYTES))
    response = client.post(
        ASK,
        input_stream=stream,
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )
    assert_problem(response, 413, "body_too_large")
    assert stream.tell() <= 2 * MAX_BODY_BYTES


def test_the_declared_length_alone_is_not_believed(client: FlaskClient) -> None:
    response = client.post(
        ASK,
        input_stream=io.BytesIO(padded(10 * MAX_BODY_BYTES)),
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": "10"},
    )
    assert response.status_code in (400, 413)
