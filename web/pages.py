"""The pages for people: the chat page, the list of articles, one article."""

import re
from dataclasses import dataclass

from flask import Blueprint, Response, make_response, render_template, request

from qa_service.domain import Article, Filters, IndexInfo, Paragraph, ParagraphKind, Question, Turn
from qa_service.errors import IndexMissing, InvalidQuestion, QAError
from web import cursors, exchanges
from web.current import service
from web.error_handlers import problem_of
from web.exchanges import Exchange, Lit
from web.schemas import question_fault
from web.wording import CONFIDENCE_WORDS, KIND_WORDS, counted, day, period, scope

ARTICLES_A_PAGE = 50
_QUOTE = re.compile("([0-9]{1,9})-([0-9]{1,9})", re.ASCII)

blueprint = Blueprint("pages", __name__)


@dataclass(frozen=True, slots=True)
class ShownParagraph:
    """A paragraph of the article page; `anchor` is empty for headlines."""

    kind: str
    anchor: str
    text: Lit


@blueprint.app_context_processor
def words() -> dict[str, object]:
    """Give the templates the words for dates, numbers and certainty."""
    return {
        "counted": counted,
        "day": day,
        "period": period,
        "scope": scope,
        "article_url": exchanges.article_url,
        "confidence_words": CONFIDENCE_WORDS,
        "kind_words": {kind.value: word for kind, word in KIND_WORDS.items()},
    }


@blueprint.get("/")
def chat() -> Response:
    """Show the chat page; `q` is asked after the earlier questions `h`, whose answers are shown again."""
    index = service().index()
    question = request.args.get("q")
    earlier = [text for text in exchanges.recent(request.args.getlist("h")) if question_fault(text) is None]
    if question is None:
        return _chat_page(index, [], 200)
    thread = _ask_all([*earlier, question.strip()])
    return _chat_page(index, [exchange for exchange, _ in thread], thread[-1][1])


@blueprint.get("/articles")
def articles() -> Response:
    """List the articles page by page."""
    asked = cursors.articles(Filters())
    at = cursors.decode(request.args.get("cursor"), asked)
    page = service().articles(limit=ARTICLES_A_PAGE, offset=at.offset, generation=at.generation)
    cursor = cursors.following(at, len(page.articles), page.total, page.index.generation, asked)
    return make_response(
        render_template("articles.html", page=page, index=page.index, first=at.offset, next_cursor=cursor)
    )


@blueprint.get("/articles/<article_id:article_id>")
def article(article_id: str) -> Response:
    """Show an article; the fragment `#p12` lights paragraph 12, `quote=start-end` marks words of one paragraph."""
    found = service().article(article_id)
    quoted = _QUOTE.fullmatch(request.args.get("quote", ""))
    span = (int(quoted[1]), int(quoted[2])) if quoted else None
    link = found.url if found.url and found.url.startswith(("https://", "http://")) else None
    return make_response(
        render_template("article.html", article=found, paragraphs=_shown_paragraphs(found, span), link=link)
    )


def _ask_all(questions: list[str]) -> list[tuple[Exchange, int]]:
    """Ask `questions` as one conversation; return each exchange with the status that it would have alone."""
    thread: list[tuple[Exchange, int]] = []
    history: tuple[Turn, ...] = ()
    conversation_id: str | None = None
    for position, text in enumerate(questions):
        exchange, status = _ask(text, questions[:position], history, conversation_id)
        history += exchange.turns() if exchange.state != "failed" else ()
        conversation_id = exchange.conversation_id or conversation_id
        thread.append((exchange, status))
    return thread


def _ask(
    text: str, earlier: list[str], history: tuple[Turn, ...], conversation_id: str | None
) -> tuple[Exchange, int]:
    try:
        fault = question_fault(text)
        if fault is not None:
            raise InvalidQuestion(fault)
        answer = service().ask(Question(text, history=history, conversation_id=conversation_id))
    except IndexMissing:
        raise
    except QAError as error:
        problem = problem_of(error)
        return exchanges.failed(text, earlier, problem.detail), problem.status
    return exchanges.shown(answer, text, earlier, turn=len(earlier) + 1), 200


def _chat_page(index: IndexInfo, thread: list[Exchange], status: int) -> Response:
    asked = [exchange.question for exchange in thread if exchange.state != "failed"]
    failed = thread[-1].question if thread and thread[-1].state == "failed" else ""
    return make_response(
        render_template(
            "chat.html",
            index=index,
            thread=thread,
            carried=exchanges.recent(asked),
            draft=failed,
            suggestions=service().suggestions(),
        ),
        status,
    )


def _shown_paragraphs(article: Article, span: tuple[int, int] | None) -> list[ShownParagraph]:
    """Return the article's paragraphs; a headline that only repeats the title is left to the page's head."""
    return [
        ShownParagraph(
            kind=paragraph.kind.value,
            anchor="" if paragraph.index is None else f"p{paragraph.index}",
            text=_quoted(paragraph, span),
        )
        for paragraph in article.paragraphs
        if paragraph.kind is not ParagraphKind.HEADLINE or paragraph.text.strip() != article.title.strip()
    ]


def _quoted(paragraph: Paragraph, span: tuple[int, int] | None) -> Lit:
    if span is None or not paragraph.start <= span[0] < span[1] <= paragraph.end:
        return Lit(paragraph.text)
    start, end = span[0] - paragraph.start, span[1] - paragraph.start
    return Lit(paragraph.text[:start], paragraph.text[start:end], paragraph.text[end:])
