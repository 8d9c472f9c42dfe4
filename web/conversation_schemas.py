"""What requests about conversations and feedback may hold, checked as `schemas` checks the others."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from web.schemas import TEXT_PATTERN, WORDS_PATTERN, Cursor, Strict, number, readable

MAX_TITLE_CHARS = 200
MAX_NOTE_CHARS = 2000


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    if not line:
        raise ValueError("is blank; write a title")
    return line


class ConversationsParams(Strict):
    """The query string of GET /api/v1/conversations; each word of `q` has to occur in a conversation."""

    limit: Annotated[int, Field(ge=1, le=200), BeforeValidator(number)] = 50
    cursor: Cursor | None = None
    q: Annotated[
        str,
        Field(max_length=MAX_TITLE_CHARS, json_schema_extra={"pattern": TEXT_PATTERN}),
        AfterValidator(readable),
    ] = ""


class TitleBody(Strict):
    """The body of PATCH /api/v1/conversations/{id}."""

    title: Annotated[
        str,
        Field(min_length=1, max_length=MAX_TITLE_CHARS, json_schema_extra={"pattern": WORDS_PATTERN}),
        AfterValidator(readable),
        AfterValidator(_one_line),
    ]


class ExportParams(Strict):
    """The query string of GET /api/v1/conversations/{id}/export."""

    format: Literal["markdown", "json"] = "markdown"


class FeedbackBody(Strict):
    """The body of POST /api/v1/feedback."""

    answer_id: Annotated[
        str,
        Field(min_length=1, max_length=128, json_schema_extra={"pattern": TEXT_PATTERN}),
        AfterValidator(readable),
    ]
    rating: Literal["up", "down"]
    note: (
        Annotated[
            str,
            Field(max_length=MAX_NOTE_CHARS, json_schema_extra={"pattern": TEXT_PATTERN}),
            AfterValidator(readable),
        ]
        | None
    ) = None
