"""The chat page's HTML: a thread, and the form to go on with it."""

from flask import Response, make_response, render_template

from qa_service.domain import Filters
from qa_service.errors import StateUnavailable
from qa_service.state.conversations import ConversationSummary
from web import exchanges, page_filters, page_urls, serialize, threads
from web.current import conversations, has_state, owner, service
from web.threads import Thread

PAST_SHOWN = 12


def chat_page(thread: Thread, filters: Filters) -> Response:
    """Return the page that shows `thread`, its form ready for a question within `filters`."""
    last = thread.exchanges[-1] if thread.exchanges else None
    carried = page_urls.recent(thread.questions)
    conversation_id = thread.summary.conversation_id if thread.summary else ""
    kept = []
    if last:
        kept = [("q", last.question), *(("h", text) for text in page_urls.recent(thread.questions[:-1]))]
    if conversation_id:
        kept.append(("c", conversation_id))
    keeps = threads.keeps()
    return make_response(
        render_template(
            "chat.html",
            index=serialize.index(service().index()),
            thread=thread.exchanges,
            summary=thread.summary,
            carried=carried,
            draft=last.question if last and last.state == "failed" else "",
            form=page_filters.form("/", kept, filters, service().facets()),
            suggestions=service().suggestions(),
            keeps=keeps,
            can_be_kept=keeps and bool(thread.questions) and not thread.is_kept,
            page_url=page_urls.page_url(last.question, thread.questions[:-1], filters) if last else "/",
            past=_past(),
            blank=exchanges.BLANK,
        ),
        thread.status,
    )


def _past() -> tuple[ConversationSummary, ...]:
    """Return the latest conversations; none when they cannot be read, which the list's own page explains."""
    if not has_state():
        return ()
    try:
        return conversations().page(owner(), limit=PAST_SHOWN).conversations
    except StateUnavailable:
        return ()
