"""What the running request has at hand: the service, the settings, what people created, and who asks."""

from typing import cast

from flask import current_app

from qa_service.errors import StateUnavailable
from qa_service.service import Service
from qa_service.settings import Settings
from qa_service.state.conversations import Conversations
from qa_service.state.database import Database
from web import accounts
from web.admission import Place
from web.guarded_service import GuardedService


def service() -> Service:
    """Return the service that this application answers from."""
    return cast("Service", current_app.extensions["qa_service"])


def place_for_stream() -> Place:
    """See `GuardedService.place_for_stream`."""
    return cast("GuardedService", current_app.extensions["qa_service"]).place_for_stream()


def settings() -> Settings:
    """Return the settings of this application."""
    return cast("Settings", current_app.extensions["qa_settings"])


def has_state() -> bool:
    """Whether this application keeps what people create."""
    return current_app.extensions["qa_state"] is not None


def state() -> Database:
    """Return where this application keeps what people create.

    Raises:
        StateUnavailable: it was made without such a place.
    """
    if not has_state():
        raise StateUnavailable("This server was set up without a place for what people create.")
    return cast("Database", current_app.extensions["qa_state"])


def conversations() -> Conversations:
    """Return the stored conversations, kept for as long as the settings say.

    Raises:
        StateUnavailable: this application was made without a place for them.
    """
    return Conversations(state(), keep_days=settings().keep_conversations_days)


def owner() -> str:
    """Return the account that the running request belongs to."""
    return accounts.owner()
