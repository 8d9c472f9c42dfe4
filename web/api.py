"""The JSON API under /api/v1: ask, search, articles."""

from flask import Blueprint, Response, g, request, stream_with_context

from web import cursors, keeping, serialize
from web.current import place_for_stream, service
from web.request_body import read_json
from web.responses import json_response, tagged
from web.schemas import ArticlesParams, AskBody, FacetsParams, SearchParams, check_body, check_params
from web.streaming import stream_answer

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.post("/ask")
def ask() -> Response:
    """Answer a question, as one JSON object or as a stream of events."""
    body = check_body(AskBody, read_json())
    question, keeper = keeping.prepare(
        body.to_domain(), is_new=body.conversation_id is None, has_history=body.history is not None
    )
    g.question = question.text
    if body.stream or (body.stream is None and _wants_events()):
        # No index, and no room, are errors of the request, not of a stream that has begun.
        place = place_for_stream()
        events = stream_with_context(stream_answer(place.hand_over(keeper.ask), question))
        response = Response(events, mimetype="text/event-stream")
        response.call_on_close(place.abandon)
        response.headers["X-Accel-Buffering"] = "no"
    else:
        response = json_response(serialize.answer(keeper.ask(question)))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/search")
def search() -> Response:
    """Rank paragraphs without reading them."""
    params = check_params(SearchParams)
    asked = "search\n" + params.model_dump_json(exclude={"limit", "cursor"})
    at = cursors.decode(params.cursor, asked)
    page = service().search(
        params.q, limit=params.limit, offset=at.offset, filters=params.filters(), generation=at.generation
    )
    cursor = cursors.following(at, len(page.hits), page.total, page.index.generation, asked)
    body = serialize.listing([serialize.hit(hit) for hit in page.hits], cursor, page.index)
    return tagged(json_response(body), page.index.generation)


@blueprint.get("/articles")
def articles() -> Response:
    """List the articles that fit the filters, newest first."""
    params = check_params(ArticlesParams)
    asked = cursors.articles(params.filters())
    at = cursors.decode(params.cursor, asked)
    page = service().articles(
        limit=params.limit, offset=at.offset, generation=at.generation, filters=params.filters()
    )
    cursor = cursors.following(at, len(page.articles), page.total, page.index.generation, asked)
    body = serialize.listing([serialize.article_summary(item) for item in page.articles], cursor, page.index)
    return tagged(json_response(body), page.index.generation)


@blueprint.get("/facets")
def facets() -> Response:
    """Say which sources, authors and days filters can name."""
    params = check_params(FacetsParams)
    before = service().index().generation
    response = json_response(serialize.facets(service().facets(), params.limit))
    return tagged(response, before) if service().index().generation == before else response


@blueprint.get("/articles/<article_id:article_id>")
def article(article_id: str) -> Response:
    """Show one article with its text and paragraphs."""
    before = service().index().generation
    response = json_response(serialize.article(service().article(article_id)))
    # A generation published in between leaves it open which one the article came from: no tag then.
    return tagged(response, before) if service().index().generation == before else response


def _wants_events() -> bool:
    return any(kind == "text/event-stream" and quality > 0 for kind, quality in request.accept_mimetypes)
