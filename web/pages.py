"""The chat page: a question after earlier ones, each with its answer."""

from collections.abc import Sequence

from flask import Blueprint, Response, make_response, render_template, request

from qa_service.domain import Filters, Question, Turn
from qa_service.errors import IndexMissing, InvalidQuestion, QAError
from web import archive_pages, exchanges, page_filters, page_urls, serialize, static_files, wording
from web.current import service
from web.error_handlers import problem_of
from web.exchanges import Exchange
from web.schemas import question_fault

blueprint = Blueprint("pages", __name__)
blueprint.register_blueprint(archive_pages.blueprint)
blueprint.after_app_request(static_files.compress)


@blueprint.app_context_processor
def words() -> dict[str, object]:
    """Give the templates the words for dates, numbers and certainty."""
    return {
        "counted": wording.counted,
        "day": wording.day,
        "scope": wording.scope,
        "article_url": page_urls.article_url,
        "sureness_words": wording.SURENESS_WORDS,
        "kind_words": wording.KIND_WORDS,
        "keeps_conversations": False,
    }


@blueprint.get("/")
def chat() -> Response:
    """Show the chat page; `q` is asked after the earlier questions `h`, whose answers are shown again."""
    filters = page_filters.read(request.args)
    question = request.args.get("q")
    if question is None:
        return chat_page([], filters)
    earlier = [text for text in page_urls.recent(request.args.getlist("h")) if question_fault(text) is None]
    thread = _ask_all([*earlier, question.strip()], filters)
    return chat_page([exchange for exchange, _ in thread], filters, thread[-1][1])


def chat_page(thread: Sequence[Exchange], filters: Filters, status: int = 200) -> Response:
    """Return the page that shows `thread`, its form ready for a question within `filters`."""
    asked = page_urls.recent([exchange.question for exchange in thread if exchange.state != "failed"])
    last = thread[-1] if thread else None
    kept = [("q", last.question), *(("h", text) for text in asked[:-1])] if last else []
    return make_response(
        render_template(
            "chat.html",
            index=serialize.index(service().index()),
            thread=thread,
            carried=asked,
            draft=last.question if last and last.state == "failed" else "",
            form=page_filters.form("/", kept, filters, service().facets()),
            suggestions=service().suggestions(),
            blank=exchanges.BLANK,
        ),
        status,
    )


def _ask_all(questions: list[str], filters: Filters) -> list[tuple[Exchange, int]]:
    """Ask `questions` as one conversation; return each exchange with the status that it would have alone."""
    thread: list[tuple[Exchange, int]] = []
    history: tuple[Turn, ...] = ()
    conversation_id: str | None = None
    for position, text in enumerate(questions):
        question = Question(text, history, filters, conversation_id=conversation_id)
        exchange, status = _ask(question, questions[:position])
        history += exchange.turns() if exchange.state != "failed" else ()
        conversation_id = exchange.conversation_id or conversation_id
        thread.append((exchange, status))
    return thread


def _ask(question: Question, earlier: list[str]) -> tuple[Exchange, int]:
    try:
        fault = question_fault(question.text)
        if fault is not None:
            raise InvalidQuestion(fault)
        answer = service().ask(question)
    except IndexMissing:
        raise
    except QAError as error:
        problem = problem_of(error)
        return exchanges.failed(question.text, earlier, question.filters, problem.detail), problem.status
    body = serialize.answer(answer)
    return exchanges.shown(body, earlier, turn=len(earlier) + 1, is_kept=False), 200
