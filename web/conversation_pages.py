"""Stored conversations as pages: listed, searched, shown, renamed, deleted, kept; all of it without scripts."""

from urllib.parse import parse_qs, urlencode

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.datastructures import MultiDict

from qa_service.domain import Filters
from web import cursors, page_filters, threads
from web.chat_page import chat_page
from web.conversation_schemas import ConversationsParams, TitleBody
from web.current import conversations, owner
from web.page_urls import conversation_url, recent
from web.problems import Problem
from web.request_body import read_form
from web.schemas import check_body, question_fault

CONVERSATIONS_A_PAGE = 50
_LIST = "conversation pages"

blueprint = Blueprint("conversation_pages", __name__)


@blueprint.get("/conversations")
def list_page() -> Response:
    """List your conversations, that of the newest question first; `q` searches them."""
    words = request.args.get("q", "").strip()
    check_body(ConversationsParams, {"q": words})
    asked = f"{_LIST}\n{owner()}\n{words}"
    at = cursors.decode(request.args.get("cursor"), asked)
    page = conversations().page(owner(), limit=CONVERSATIONS_A_PAGE, before=at.offset, words=words)
    kept = [("q", words)] if words else []
    cursor = page.next_before and cursors.encode(cursors.Position(_LIST, page.next_before), asked)
    return make_response(
        render_template(
            "conversations.html",
            words=words,
            listed=page.conversations,
            first_url="/conversations" + (f"?{urlencode(kept)}" if kept else "") if at.offset else "",
            next_url=f"/conversations?{urlencode([*kept, ('cursor', cursor)])}" if cursor else "",
        )
    )


@blueprint.post("/conversations")
def keep() -> Response:
    """Keep the conversation that an address of the chat page shows: it is asked again, and stored.

    Raises:
        Problem: 422, the address is none of the chat page.
    """
    args: MultiDict[str, str] = MultiDict(
        parse_qs(_query_of(read_form().get("page", "")), keep_blank_values=True)
    )
    question = args.get("q", "").strip()
    fault = question_fault(question)
    if fault is not None:
        raise Problem(422, "invalid_question", fault)
    earlier = [text for text in recent(args.getlist("h")) if question_fault(text) is None]
    filters = page_filters.read(args)
    known = args.get("c")
    found = threads.resumed(known, earlier, question) if known else None
    if known is None or found is None:
        kept = threads.keep([*earlier, question], filters, None)
    else:
        kept = known if found[1] else threads.keep([question], filters, known)
    return _see_other(conversation_url(kept))


@blueprint.get("/c/<conversation_id>")
def show(conversation_id: str) -> Response:
    """Show a stored conversation, ready to be gone on with."""
    return chat_page(threads.stored(conversation_id), Filters())


@blueprint.post("/c/<conversation_id>/title")
def rename(conversation_id: str) -> Response:
    """Give a conversation another title."""
    form = read_form()
    title = check_body(TitleBody, {"title": form.get("title", "")}).title
    conversations().rename(owner(), conversation_id, title)
    return _see_other("/conversations" if form.get("from") == "list" else conversation_url(conversation_id))


@blueprint.post("/c/<conversation_id>/delete")
def delete(conversation_id: str) -> Response:
    """Delete a conversation for good."""
    conversations().delete(owner(), conversation_id)
    return _see_other("/conversations")


def _query_of(address: str) -> str:
    """Return the query of any text that stands for an address; unlike `urlsplit`, none is refused."""
    return address.partition("#")[0].partition("?")[2]


def _see_other(target: str) -> Response:
    return Response(status=303, headers={"Location": target})
