"""The archive's own pages: articles listed and searched, one article."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request

from qa_service.domain import Article, Filters, Paragraph, ParagraphKind
from qa_service.errors import InvalidQuestion
from qa_service.search_words import search_terms
from web import cursors, page_filters, serialize, wording
from web.current import service
from web.exchanges import Lit, lit
from web.page_urls import filter_pairs, outside_url, shortened
from web.schemas import question_fault
from web.snippets import snippet

ARTICLES_A_PAGE = 50
PARAGRAPHS_A_PAGE = 20
_QUOTE = re.compile("([0-9]{1,9})-([0-9]{1,9})", re.ASCII)

blueprint = Blueprint("archive_pages", __name__)


@dataclass(frozen=True, slots=True)
class ShownParagraph:
    """A paragraph of the article page; `anchor` is empty for headlines, `page` but where a page begins."""

    kind: str
    anchor: str
    page: str
    text: Lit


@blueprint.get("/articles")
def articles() -> Response:
    """List the articles that fit the filters; with words to search for, their paragraphs, the best first."""
    short = shortened("/articles", request.args)
    if short is not None:
        return Response(status=302, headers={"Location": short})
    filters = page_filters.read(request.args)
    words = request.args.get("q", "").strip()
    return _found(words, filters) if words else _listed(filters)


@blueprint.get("/articles/<article_id:article_id>")
def article(article_id: str) -> Response:
    """Show an article; the fragment `#p12` lights paragraph 12, `quote=start-end` marks words of one paragraph."""
    found = service().article(article_id)
    quoted = _QUOTE.fullmatch(request.args.get("quote", ""))
    span = (int(quoted[1]), int(quoted[2])) if quoted else None
    return make_response(
        render_template(
            "article.html",
            article=found,
            paragraphs=_shown_paragraphs(found, span),
            link=outside_url(found.url),
        )
    )


def _listed(filters: Filters) -> Response:
    asked = cursors.articles(filters)
    at = cursors.decode(request.args.get("cursor"), asked)
    page = service().articles(
        limit=ARTICLES_A_PAGE, offset=at.offset, generation=at.generation, filters=filters
    )
    cursor = cursors.following(at, len(page.articles), page.total, page.index.generation, asked)
    listed = {"articles": page.articles, "index": serialize.index(page.index), "total": page.total}
    return _list_page("", filters, at.offset, cursor, listed)


def _found(words: str, filters: Filters) -> Response:
    fault = question_fault(words)
    if fault is not None:
        raise InvalidQuestion(fault.replace("The question", "The search", 1))
    asked = f"found\n{words}\n{filters}"
    at = cursors.decode(request.args.get("cursor"), asked)
    page = service().search(
        words, limit=PARAGRAPHS_A_PAGE, offset=at.offset, filters=filters, generation=at.generation
    )
    cursor = cursors.following(at, len(page.hits), page.total, page.index.generation, asked)
    wanted = search_terms(words)
    shown = [snippet(wanted, hit.paragraph.text) for hit in page.hits]
    listed = {
        "hits": list(zip(page.hits, shown, strict=True)),
        "names_words": bool(wanted),
        "any_held": any(one.holds for one in shown),
        "index": serialize.index(page.index),
        "total": page.total,
    }
    return _list_page(words, filters, at.offset, cursor, listed)


def _list_page(
    words: str, filters: Filters, offset: int, cursor: str | None, listed: dict[str, object]
) -> Response:
    kept = [("q", words)] if words else []
    pairs = [*kept, *filter_pairs(filters)]
    return make_response(
        render_template(
            "articles.html",
            words=words,
            first=offset + 1,
            form=page_filters.form("/articles", kept, filters, service().facets()),
            first_url="/articles" + (f"?{urlencode(pairs)}" if pairs else ""),
            next_url=f"/articles?{urlencode([*pairs, ('cursor', cursor)])}" if cursor else "",
            **{"articles": (), "hits": (), **listed},
        )
    )


def _shown_paragraphs(article: Article, span: tuple[int, int] | None) -> list[ShownParagraph]:
    """Return the article's paragraphs; a headline that only repeats the title is left to the page's head."""
    shown = [
        paragraph
        for paragraph in article.paragraphs
        if paragraph.kind is not ParagraphKind.HEADLINE or paragraph.text.strip() != article.title.strip()
    ]
    before = [None, *(paragraph.page for paragraph in shown)]
    return [
        ShownParagraph(
            kind=paragraph.kind.value,
            anchor="" if paragraph.index is None else f"p{paragraph.index}",
            page="" if paragraph.page == earlier else wording.page(paragraph.page),
            text=_quoted(paragraph, span),
        )
        for paragraph, earlier in zip(shown, before, strict=False)
    ]


def _quoted(paragraph: Paragraph, span: tuple[int, int] | None) -> Lit:
    if span is None or not paragraph.start <= span[0] < span[1] <= paragraph.end:
        return Lit(paragraph.text)
    return lit(paragraph.text, span[0] - paragraph.start, span[1] - paragraph.start)
