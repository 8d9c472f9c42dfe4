"""Addresses of the pages: a question after earlier ones, an article's paragraph."""

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from werkzeug.datastructures import MultiDict

from qa_service.domain import Filters

MAX_EARLIER = 6
MAX_EARLIER_CHARS = 8000


def recent(questions: Sequence[str]) -> list[str]:
    """Return the last few `questions` that a follow-up carries along, oldest first."""
    kept: list[str] = []
    for question in reversed(questions[-MAX_EARLIER:]):
        if sum(map(len, kept)) + len(question) > MAX_EARLIER_CHARS:
            break
        kept.insert(0, question)
    return kept


def filter_pairs(filters: Filters) -> list[tuple[str, str]]:
    """Return `filters` as fields of a form or an address."""
    dates = [("date_from", filters.date_from), ("date_to", filters.date_to)]
    return [
        *((name, value) for name, value in dates if value),
        *(("source", name) for name in filters.sources),
        *(("author", name) for name in filters.authors),
    ]


def page_url(question: str, earlier: Sequence[str], filters: Filters) -> str:
    """Return the address of the chat page that asks `question` after the `earlier` ones."""
    return "/?" + urlencode(
        [("q", question), *(("h", text) for text in recent(earlier)), *filter_pairs(filters)]
    )


def shortened(path: str, args: MultiDict[str, str], kept: str = "") -> str | None:
    """Return the address without the fields that a plain form left empty, but for the one named `kept`.

    None when there is none to leave out.
    """
    pairs = list(args.items(multi=True))
    filled = [(name, value) for name, value in pairs if value or name == kept]
    if filled == pairs:
        return None
    return f"{path}?{urlencode(filled)}" if filled else path


def article_url(article_id: str, paragraph_index: int | None, span: tuple[int, int] | None = None) -> str:
    """Return the address of a paragraph on its article's page, the code points of `span` marked in it."""
    marked = f"?quote={span[0]}-{span[1]}" if span else ""
    fragment = "" if paragraph_index is None else f"#p{paragraph_index}"
    return f"/articles/{quote(article_id, safe='')}{marked}{fragment}"


def conversation_url(conversation_id: str) -> str:
    """Return the address of a stored conversation."""
    return f"/c/{quote(conversation_id, safe='')}"


def outside_url(url: str | None) -> str:
    """Return `url` when it leads to the web; anything else could run as a script."""
    return url if url and url.startswith(("https://", "http://")) else ""
