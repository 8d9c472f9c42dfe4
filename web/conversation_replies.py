"""What responses about conversations and feedback hold, described as `response_schemas` describes the others."""

from typing import Literal

from web.response_schemas import Answer, Body, Count, Moment


class ConversationSummary(Body):
    """A conversation as lists show it."""

    id: str
    object: Literal["conversation"]
    title: str
    created_at: Moment
    updated_at: Moment
    """When the last question was asked."""
    question_count: Count


class ConversationListing(Body):
    """Conversations, that of the newest question first."""

    data: list[ConversationSummary]
    next_cursor: str | None
    """Where the list goes on; give it as `cursor`. Null at the end."""
    has_more: bool


class Feedback(Body):
    """What its owner thinks of an answer."""

    id: str
    object: Literal["feedback"]
    answer_id: str
    rating: Literal["up", "down"]
    note: str | None
    created_at: Moment


class Conversation(ConversationSummary):
    """A conversation with its answers, as they were given and in that order."""

    exchanges: list[Answer]
    feedback: list[Feedback]
