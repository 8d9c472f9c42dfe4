"""A name for each request, taken from `X-Request-ID` when it is a plain one, sent back and logged."""

import re
import uuid

from flask import Flask, Response, g, request

HEADER = "X-Request-ID"
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


def request_id() -> str:
    """Return the id of the running request."""
    if "request_id" not in g:
        given = request.headers.get(HEADER, "")
        g.request_id = given if _PLAIN.fullmatch(given) else uuid.uuid4().hex
    return str(g.request_id)


def install(app: Flask) -> None:
    """Send the id back with every response of `app`."""

    @app.after_request
    def name_request(response: Response) -> Response:
        response.headers[HEADER] = request_id()
        return response
