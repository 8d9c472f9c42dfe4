"""What went wrong, in words for those who read pages; programs get the problem's own."""

import re

from web.problems import Problem
from web.wording import day

_HEADLINES = {
    "article_not_found": "This article is not here",
    "conversation_not_found": "This conversation is not here",
    "not_found": "There is no such page",
    "stale_cursor": "This list has changed",
    "overloaded": "The archive is busy",
    "account_not_allowed": "This is not for you",
    "internal_error": "Something went wrong",
}
_BY_STATUS = {
    400: "This address cannot be understood",
    403: "This is not allowed",
    405: "This cannot be done here",
    413: "This is too much at once",
    422: "This cannot be looked up",
    429: "Too many requests",
    500: "Something went wrong",
    503: "Not at the moment",
}
_EXPLANATIONS = {
    "article_not_found": "No article has this address. It may have left the archive.",
    "conversation_not_found": "You have no conversation at this address. It may have been deleted.",
    "stale_cursor": "What it listed has changed since, or the address is not whole. Begin again with its first page.",
    "method_not_allowed": "This address does not take what was sent to it.",
}
_FIELDS = {
    "date_from": "The first day",
    "date_to": "The last day",
    "source": "The source",
    "author": "The author",
    "q": "The search",
    "title": "The title",
}
_REVERSED = re.compile(r"date_from (\S+) lies after date_to ([^\s;]+)")


def headline(problem: Problem) -> str:
    """Return what happened, in a few words."""
    return _HEADLINES.get(problem.code) or _BY_STATUS.get(problem.status, problem.title)


def explanation(problem: Problem) -> str:
    """Return why, and what to do next."""
    known = _EXPLANATIONS.get(problem.code)
    if known:
        return known
    dates = _REVERSED.search(problem.detail)
    if dates:
        return f"The first day, {day(dates[1])}, lies after the last, {day(dates[2])}. Swap them."
    first = problem.errors[0] if problem.errors else None
    field = _FIELDS.get(first.pointer.removeprefix("#/").partition("/")[0]) if first else None
    return (
        f"{field} {first.detail}."
        if field and first and problem.code == "invalid_request"
        else problem.detail
    )
