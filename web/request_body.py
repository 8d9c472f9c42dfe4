"""Reads a request's JSON or form body, never more of it than the limit, however it is sent."""

from typing import Any
from urllib.parse import parse_qsl

from flask import request

from web import strict_json
from web.problems import FieldError, Problem, misfit

MAX_BODY_BYTES = 64 * 1024
MAX_FORM_FIELDS = 20


def read_json() -> Any:
    """Return the JSON value of the running request's body.

    Raises:
        Problem: 415 another content type, 413 too large, 400 no strict JSON, 422 a string that is no text.
    """
    _check_content_type()
    body = _read_bounded()
    try:
        return strict_json.loads(body)
    except strict_json.MalformedJson as error:
        raise Problem(400, "malformed_json", str(error)) from None
    except strict_json.BrokenText as error:
        raise misfit((FieldError(error.pointer, str(error)),)) from None


def read_form() -> dict[str, str]:
    """Return the fields of the form in the running request's body; of a field given twice the last.

    Raises:
        Problem: 415 another content type, 413 too large, 400 too many fields.
    """
    if request.mimetype != "application/x-www-form-urlencoded":
        raise Problem(415, "unsupported_media_type", "This address takes a form, as the page sends it.")
    try:
        body = _read_bounded().decode("utf-8", "replace")
        return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS))
    except ValueError:
        raise Problem(400, "malformed_request", f"The form has more than {MAX_FORM_FIELDS} fields.") from None


def _check_content_type() -> None:
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != "application/json" or charset not in ("utf-8", "utf8"):
        seen = request.headers.get("Content-Type", "")[:100] or "none"
        raise Problem(
            415, "unsupported_media_type", f"The content type is {seen}; send application/json in UTF-8."
        )
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding != "identity":
        raise Problem(
            415, "unsupported_media_type", f"The content encoding is {encoding[:100]}; send it plain."
        )


def _read_bounded() -> bytes:
    """Read to the end of the body or one byte past the limit; a declared length is not believed alone."""
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise _too_large()
    parts: list[bytes] = []
    left = MAX_BODY_BYTES + 1
    while left and (part := request.stream.read(left)):
        parts.append(part)
        left -= len(part)
    if not left:
        raise _too_large()
    return b"".join(parts)


def _too_large() -> Problem:
    return Problem(413, "body_too_large", f"The body is larger than {MAX_BODY_BYTES} bytes; send less.")
