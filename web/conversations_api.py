"""The JSON API's stored conversations: listed, searched, shown, renamed, deleted, exported."""

import re
import unicodedata

from flask import Blueprint, Response

from qa_service.state.conversations import Conversation, ConversationSummary
from qa_service.state.feedback import Feedback
from web import cursors, serialize
from web.accounts import gate
from web.conversation_schemas import ConversationsParams, ExportParams, TitleBody
from web.current import conversations, owner, state
from web.feedback_api import vote
from web.markdown_export import markdown
from web.request_body import read_json
from web.responses import conditional, json_response
from web.schemas import check_body, check_params
from web.stored_answers import body_of

MARKDOWN = "text/markdown"
_LIST = "conversations"
_FILE_NAME_CHARS = 60

blueprint = Blueprint("conversations", __name__, url_prefix="/api/v1/conversations")


@blueprint.get("")
def list_conversations() -> Response:
    """List your conversations, that of the newest question first."""
    params = check_params(ConversationsParams)
    asked = f"{_LIST}\n{owner()}\n{params.q}"
    at = cursors.decode(params.cursor, asked)
    page = conversations().page(owner(), limit=params.limit, before=at.offset, words=params.q)
    cursor = page.next_before and cursors.encode(cursors.Position(_LIST, page.next_before), asked)
    return _tagged(
        json_response(
            {
                "data": [summary(found) for found in page.conversations],
                "next_cursor": cursor,
                "has_more": cursor is not None,
            }
        )
    )


@blueprint.get("/<conversation_id>")
def conversation(conversation_id: str) -> Response:
    """Show one conversation with its answers as they were given, and what you said about them."""
    return _tagged(json_response(_whole(conversations().get(owner(), conversation_id))))


@blueprint.patch("/<conversation_id>")
def rename_conversation(conversation_id: str) -> Response:
    """Give a conversation another title."""
    body = check_body(TitleBody, read_json())
    response = json_response(summary(conversations().rename(owner(), conversation_id, body.title)))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.delete("/<conversation_id>")
def delete_conversation(conversation_id: str) -> Response:
    """Delete a conversation for good, its answers and what you said about them included."""
    conversations().delete(owner(), conversation_id)
    return Response(status=204, headers={"Cache-Control": "no-store"})


@blueprint.get("/<conversation_id>/export")
def export_conversation(conversation_id: str) -> Response:
    """Download a conversation with its citations, to read (Markdown) or to work with (JSON)."""
    params = check_params(ExportParams)
    found = conversations().get(owner(), conversation_id)
    if params.format == "json":
        response, ending = json_response(_whole(found)), "json"
    else:
        bodies = [body_of(answer) for answer in found.answers]
        text = markdown(found.summary.title, bodies, archive_url=gate().proxies.root_url())
        response, ending = Response(text.encode("utf-8", "replace"), mimetype=MARKDOWN), "md"
    response.headers.set(
        "Content-Disposition", "attachment", filename=f"{_file_name(found.summary)}.{ending}"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def summary(value: ConversationSummary) -> serialize.Json:
    """A conversation as lists show it."""
    return {
        "id": value.conversation_id,
        "object": "conversation",
        "title": value.title,
        "created_at": value.created_at,
        "updated_at": value.updated_at,
        "question_count": value.question_count,
    }


def _whole(value: Conversation) -> serialize.Json:
    votes = Feedback(state()).of_conversation(owner(), value.summary.conversation_id)
    return {
        **summary(value.summary),
        "exchanges": [body_of(answer) for answer in value.answers],
        "feedback": [vote(item) for item in votes],
    }


def _tagged(response: Response) -> Response:
    """Tag a response by its content, so that the client need not load again what has not changed."""
    response.add_etag()
    response.headers["Cache-Control"] = "private, no-cache"
    return conditional(response)


def _file_name(value: ConversationSummary) -> str:
    """Return a file name of plain letters and digits that reminds of the title."""
    plain = unicodedata.normalize("NFKD", value.title).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall("[a-z0-9]+", plain))[:_FILE_NAME_CHARS].strip("-")
    return words or "conversation"
