"""The form in which answers are kept: the very JSON that was sent, with a number for its shape."""

import json

from qa_service.domain import Answer
from qa_service.errors import StateUnavailable
from qa_service.state.conversations import StoredAnswer
from web import serialize
from web.responses import json_text

BODY_SCHEMA = 1  # counts up when `serialize.answer` changes so that bodies kept before need another reading


def stored(answer: Answer) -> StoredAnswer:
    """Return `answer` as it is kept."""
    body = json_text(serialize.answer(answer)).encode("utf-8", "replace").decode()  # as it is sent
    return StoredAnswer(answer.answer_id, answer.question.text, answer.text, BODY_SCHEMA, body)


def body_of(kept: StoredAnswer) -> serialize.Json:
    """Return the JSON object that was sent for a kept answer.

    Raises:
        StateUnavailable: it was kept by a release that wrote another form.
    """
    if kept.body_schema != BODY_SCHEMA:
        raise StateUnavailable(
            f"An answer was kept in form {kept.body_schema}, this release reads form {BODY_SCHEMA}."
            " Install the release that wrote it."
        )
    body: serialize.Json = json.loads(kept.body)
    return body
