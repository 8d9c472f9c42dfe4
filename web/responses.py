"""JSON responses, and the tags by which clients can ask whether anything has changed."""

import hashlib
import json
import re
import secrets
from typing import Any

from flask import Response, request

# Controls beyond ASCII, line separators, and what turns the direction of writing for the rest of a line.
_STEERING = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_PROCESS = secrets.token_bytes(8)


def json_text(body: Any) -> str:
    """Return `body` as compact JSON; characters that steer how a text is shown stand in it as escapes."""
    text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def json_response(body: Any, *, status: int = 200, mimetype: str = "application/json") -> Response:
    """Return `body` as a JSON response; what UTF-8 cannot hold is replaced."""
    return Response(json_text(body).encode("utf-8", "replace"), status=status, mimetype=mimetype)


def tagged(response: Response, generation: str) -> Response:
    """Return `response` with an ETag of `generation` and the URL, or 304 when the client has that one.

    One URL shows the same thing as long as the same generation answers, and the same process: another
    may run another version or other settings.
    """
    url = request.full_path.encode("utf-8", "replace")
    response.set_etag(
        hashlib.sha256(_PROCESS + generation.encode() + b"\0" + url).hexdigest()[:32], weak=True
    )
    response.headers["Cache-Control"] = "private, no-cache"
    return conditional(response)


def conditional(response: Response) -> Response:
    """Return `response`, whose tag is set, or 304 when the client has that one.

    `If-Match` is not looked at: it guards writes, and nothing here is written by a tag.
    """
    environ = {name: value for name, value in request.environ.items() if name != "HTTP_IF_MATCH"}
    response.make_conditional(environ)
    return response
