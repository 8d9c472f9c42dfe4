"""One log line a request, without the question: neither query string nor body is written."""

import logging
import time
from urllib.parse import quote

from flask import Flask, Response, g, request

from web.request_ids import request_id

logger = logging.getLogger("web.access")


def install(app: Flask) -> None:
    """Log each request of `app` when its response is ready."""

    @app.before_request
    def start_clock() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def log_request(response: Response) -> Response:
        elapsed_ms = (time.perf_counter() - g.get("started", time.perf_counter())) * 1000
        logger.info(
            "%s %s %d %.1f ms request_id=%s",
            quote(request.method, safe=""),
            quote(request.path, safe="/"),
            response.status_code,
            elapsed_ms,
            request_id(),
        )
        return response
