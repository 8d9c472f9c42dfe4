"""The chat page: a question after earlier ones, each with its answer."""

from flask import Blueprint, Response, request

from web import (
    archive_pages,
    bidi,
    conversation_pages,
    page_filters,
    page_urls,
    static_files,
    threads,
    wording,
)
from web.accounts import logged_in_as
from web.chat_page import chat_page
from web.current import has_state
from web.schemas import question_fault
from web.threads import Thread

blueprint = Blueprint("pages", __name__)
blueprint.register_blueprint(archive_pages.blueprint)
blueprint.register_blueprint(conversation_pages.blueprint)
blueprint.after_app_request(static_files.compress)


@blueprint.app_context_processor
def words() -> dict[str, object]:
    """Give the templates the words for dates, numbers and certainty, and what every page's head shows."""
    return {
        "also_in": wording.also_in,
        "own": bidi.own,
        "isolated": bidi.isolated,
        "joined": bidi.joined,
        "counted": wording.counted,
        "day": wording.day,
        "page": wording.page,
        "scope": wording.scope,
        "article_url": page_urls.article_url,
        "conversation_url": page_urls.conversation_url,
        "sureness_words": wording.SURENESS_WORDS,
        "kind_words": wording.KIND_WORDS,
        "has_conversations": has_state(),
        "logged_in_as": logged_in_as,
    }


@blueprint.get("/")
def chat() -> Response:
    """Show the chat page; `q` is asked after the earlier questions `h`, whose answers are shown again.

    An address with the conversation `c` shows what is stored of it. Nothing is stored from here: an
    address can be sent by anybody.
    """
    short = page_urls.shortened("/", request.args, kept="q")
    if short is not None:
        return Response(status=302, headers={"Location": short})
    filters = page_filters.read(request.args)
    question = request.args.get("q")
    if question is None:
        return chat_page(Thread(), filters)
    question = question.strip()
    earlier = [text for text in page_urls.recent(request.args.getlist("h")) if question_fault(text) is None]
    known = request.args.get("c")
    found = threads.resumed(known, earlier, question) if known and has_state() else None
    if found is None:
        return chat_page(threads.asked([*earlier, question], filters), filters)
    thread, is_complete = found
    return chat_page(thread if is_complete else threads.asked([question], filters, thread), filters)
