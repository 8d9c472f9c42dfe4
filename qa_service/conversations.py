"""Conversations: their ids."""

import uuid


def new_conversation_id() -> str:
    """Return an id that no other conversation has."""
    return f"conv_{uuid.uuid4().hex}"
