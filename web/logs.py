"""Log lines as text for people or JSON for programs; every library's lines go through here."""

import json
import logging
import re
import sys
import threading
from datetime import UTC, datetime
from typing import Any, TextIO

from flask import has_request_context

from qa_service.settings import Settings
from web.request_ids import request_id

FIELDS = "fields"
"""Name of the record's attribute that holds what a line says beyond its message, as a dict."""
_OWN = ("web", "qa_service")  # our own words; libraries speak from warnings up
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class TextFormatter(logging.Formatter):
    """Time, level, logger and message on one line; a traceback follows on lines of its own."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is logging's
        """Return the line; control characters are escaped, so that nobody writes lines of his own."""
        return _CONTROL.sub(
            lambda found: found[0].encode("unicode_escape").decode(), super().formatMessage(record)
        )


class JsonFormatter(logging.Formatter):
    """An object a line: time, level, logger, message, and request id, fields and exception where there are any."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object of `record`."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if has_request_context():
            line["request_id"] = request_id()
        line.update(getattr(record, FIELDS, {}))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True, default=str)


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Send all log lines of this process to `stream` (stderr), in the form that `settings` names."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if settings.log_format == "json" else TextFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.captureWarnings(True)
    for name in _OWN:
        logging.getLogger(name).setLevel(settings.log_level)
    threading.excepthook = _log_thread_failure


def _log_thread_failure(failure: threading.ExceptHookArgs) -> None:
    if failure.exc_value is None or issubclass(failure.exc_type, SystemExit):
        return
    name = failure.thread.name if failure.thread else "unknown"
    logging.getLogger("web").error(
        "Thread %s ended with an error",
        name,
        exc_info=(failure.exc_type, failure.exc_value, failure.exc_traceback),
    )
