"""One log line a request; what people ask stays out of it unless the settings let it in."""

import logging
import time
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, g, request

from qa_service.settings import Settings
from web.logs import FIELDS
from web.request_ids import request_id

logger = logging.getLogger("web.access")


def install(app: Flask, settings: Settings) -> None:
    """Log each request of `app` when its response is ready."""

    @app.before_request
    def start_clock() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def log_request(response: Response) -> Response:
        elapsed_ms = (time.perf_counter() - g.get("started", time.perf_counter())) * 1000
        path = quote(request.path, safe="/")
        if settings.log_questions and request.query_string:
            path += "?" + quote(request.query_string, safe="/?&=+%;:@!$'()*,-._~")
        fields: dict[str, Any] = {
            "request_id": request_id(),
            "method": request.method,
            "path": path,
            "status": response.status_code,
            "ms": round(elapsed_ms, 1),
        }
        text = "%(method)s %(path)s %(status)d %(ms).1f ms request_id=%(request_id)s"
        if settings.log_questions and "question" in g:
            fields["question"] = g.question
            text += " question=%(question)r"
        logger.info(text, {**fields, "method": quote(request.method, safe="")}, extra={FIELDS: fields})
        return response
