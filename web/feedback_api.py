"""The JSON API's feedback: what people think of the answers that they got."""

from flask import Blueprint, Response

from qa_service.state.feedback import Feedback, Vote
from web import serialize
from web.conversation_schemas import FeedbackBody
from web.current import owner, state
from web.request_body import read_json
from web.responses import json_response
from web.schemas import check_body

blueprint = Blueprint("feedback", __name__, url_prefix="/api/v1/feedback")


@blueprint.post("")
def feedback() -> Response:
    """Say whether one of your kept answers is good; a second vote takes the place of the first."""
    body = check_body(FeedbackBody, read_json())
    given = Feedback(state()).vote(owner(), body.answer_id, body.rating, body.note)
    response = json_response(vote(given), status=201)
    response.headers["Cache-Control"] = "no-store"
    return response


def vote(value: Vote) -> serialize.Json:
    """What its owner thinks of an answer."""
    return {
        "id": value.feedback_id,
        "object": "feedback",
        "answer_id": value.answer_id,
        "rating": value.rating,
        "note": value.note,
        "created_at": value.created_at,
    }
