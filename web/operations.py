"""What every address of the API takes and gives, one entry a view; `openapi` makes the document of it."""

from dataclasses import dataclass

from pydantic import BaseModel

from web import conversation_replies
from web import response_schemas as replies
from web.conversation_schemas import ConversationsParams, ExportParams, FeedbackBody, TitleBody
from web.schemas import ArticlesParams, AskBody, FacetsParams, SearchParams

EVENT_STREAM = "text/event-stream"
TEXT = "text/plain"
MARKDOWN = "text/markdown"
JSON = "application/json"
_ALWAYS = (400, 401, 403, 421, 429, 500, 503)  # the gate's, overload's, and what nobody foresaw
_WITH_BODY = (413, 415, 422)


@dataclass(frozen=True, slots=True)
class Operation:
    """What one view takes and gives.

    Attributes:
        replies: media type and shape of the reply; None is a text that has no schema.
        problems: statuses beyond those that every operation may answer with.
        tagged: replies carry an ETag, and 304 answers who has that one.
        text: more than the first line of the view's docstring says.
    """

    tag: str
    replies: dict[str, type[BaseModel] | None]
    status: int = 200
    params: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    problems: tuple[int, ...] = ()
    tagged: bool = False
    text: str = ""


_EVENTS = (
    "With `stream: true`, or with `Accept: text/event-stream`, the answer comes as Server-Sent Events: `meta`, "
    "`retrieval`, `delta` and `citation` in turn, and last `done` with the whole answer or `error` with a problem. "
    "Each has an `id`; a comment `: ping` every 15 s keeps the line open. An abstention is no error."
)

OPERATIONS: dict[str, Operation] = {
    "api.ask": Operation("answers", {JSON: replies.Answer, EVENT_STREAM: None}, body=AskBody, text=_EVENTS),
    "api.search": Operation(
        "archive", {JSON: replies.SearchListing}, params=SearchParams, problems=(410,), tagged=True
    ),
    "api.articles": Operation(
        "archive", {JSON: replies.ArticleListing}, params=ArticlesParams, problems=(410,), tagged=True
    ),
    "api.article": Operation("archive", {JSON: replies.Article}, problems=(404,), tagged=True),
    "api.facets": Operation("archive", {JSON: replies.Facets}, params=FacetsParams, tagged=True),
    "conversations.list_conversations": Operation(
        "conversations",
        {JSON: conversation_replies.ConversationListing},
        params=ConversationsParams,
        tagged=True,
        text="`q` finds the conversations in which each of its words occurs: in the title, a question or an answer.",
    ),
    "conversations.conversation": Operation(
        "conversations", {JSON: conversation_replies.Conversation}, problems=(404,), tagged=True
    ),
    "conversations.rename_conversation": Operation(
        "conversations", {JSON: conversation_replies.ConversationSummary}, body=TitleBody, problems=(404,)
    ),
    "conversations.delete_conversation": Operation("conversations", {}, status=204, problems=(404,)),
    "conversations.export_conversation": Operation(
        "conversations",
        {MARKDOWN: None, JSON: conversation_replies.Conversation},
        params=ExportParams,
        problems=(404,),
    ),
    "feedback.feedback": Operation(
        "conversations",
        {JSON: conversation_replies.Feedback},
        status=201,
        body=FeedbackBody,
        problems=(404,),
    ),
    "health.livez": Operation("operations", {JSON: replies.Alive}),
    "health.readyz": Operation("operations", {JSON: replies.Ready}),
    "metrics.metrics": Operation("operations", {TEXT: None}),
    "openapi.openapi": Operation("operations", {JSON: None}, tagged=True),
}
PROBLEM_SHAPES: dict[tuple[str, int], type[BaseModel]] = {("health.readyz", 503): replies.NotReadyProblem}
"""Problems of one view that say more than others, by endpoint and status."""
SECURITY = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, made by `qa-service keys create`. None is needed as long as there are none and "
        "the server listens on loopback.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "qa_session",
        "description": "Who signed in on the page. Writes have to come from the same origin.",
    },
}


def problem_statuses(operation: Operation) -> list[int]:
    """Return the statuses of every problem that `operation` may answer with, in order."""
    more = _WITH_BODY if operation.body else (422,) if operation.params else ()
    return sorted({*_ALWAYS, *operation.problems, *more})
