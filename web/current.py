"""What the running request has at hand: the service."""

from typing import cast

from flask import current_app

from qa_service.service import Service


def service() -> Service:
    """Return the service that this application answers from."""
    return cast("Service", current_app.extensions["qa_service"])
