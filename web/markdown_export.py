"""A conversation as Markdown: quotes as block quotes, numbered citations, nothing that hostile words could turn into.

Source: CommonMark 0.31.2, section 2.4, Backslash escapes; GitHub Flavored Markdown 0.29 for what it adds.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from web import wording
from web.bidi import isolated
from web.page_urls import article_url, outside_url
from web.serialize import Json

# Marks of emphasis, code, links, HTML, entities, tables, formulas, mentions and attributes.
_MARKS = re.compile(r"[\\`*_{}\[\]<>#|~&^$=@!]")
# What begins a list or an address, to its last character, which is escaped: "12.", "-", "www.", "https:".
_BEGINNINGS = re.compile(r"^\d{1,9}[.)]|^[-+]|www\.|:(?=\S)", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_URL_CHARS = ":/?#@!$&'()*+,;=%-._~[]"


def markdown(title: str, answers: Sequence[Json], *, archive_url: str) -> str:
    """Return a conversation as a Markdown document.

    Args:
        answers: the bodies of its answers, oldest first.
        archive_url: where this service's pages are, ending with a slash.
    """
    blocks = [f"# {escape(title)}"]
    for number, answer in enumerate(answers, start=1):
        blocks += _exchange(number, answer, archive_url)
    return "\n\n".join(blocks) + "\n"


def escape(text: str) -> str:
    """Return `text` on one line, as Markdown that shows it as it is.

    >>> print(escape("1. [Buy](http://evil.example) *now*"))
    1\\. \\[Buy\\](http\\://evil.example) \\*now\\*
    """
    line = isolated(" ".join(_CONTROLS.sub(" ", text).split()))
    return _BEGINNINGS.sub(_escape_last, _MARKS.sub(r"\\\g<0>", line))


def _escape_last(match: re.Match[str]) -> str:
    return f"{match[0][:-1]}\\{match[0][-1]}"


def _exchange(number: int, answer: Json, archive_url: str) -> Iterator[str]:
    query, abstention = answer["query"], answer["abstention"]
    yield f"## {number}. {escape(query['original'])}"
    if query["standalone"].split() != query["original"].split():
        yield f"Understood as: {escape(query['standalone'])}"
    if abstention:
        yield f"No answer. {escape(abstention['message'])}"
        cited = abstention["nearest"]
        yield from (_quote(item["quote"], [item["number"]]) for item in cited)
    else:
        if answer["short_answer"]:
            yield f"**{escape(answer['short_answer']['text'])}**"
        cited = answer["citations"]
        numbers = {item["id"]: item["number"] for item in cited}
        for sentence in answer["sentences"]:
            yield _quote(sentence["text"], [numbers[one] for one in sentence["citation_ids"]])
    if cited:
        yield "\n".join(f"- {_source(item, archive_url)}" for item in cited)
    asked = f"Asked on {wording.day(answer['created_at'])}; searched {wording.scope(answer['index'])}."
    yield f"*{escape(asked)}*"


def _quote(text: str, numbers: Sequence[int]) -> str:
    lines = [escape(line) for line in text.splitlines() if line.strip()] or [""]
    lines[-1] += "".join(f" {_mark(number)}" for number in numbers)
    return "\\\n".join(f"> {line}" for line in lines)


def _mark(number: int) -> str:
    return f"\\[{number}\\]"


def _source(citation: Json, archive_url: str) -> str:
    index = citation["paragraph_index"]
    details = [
        citation["source"],
        wording.day(citation["published_at"], inferred=citation["published_at_inferred"]),
        "headline" if index is None else f"paragraph {index + 1}",
        wording.page(citation.get("page")),  # answers kept by earlier releases have none
    ]
    here = article_url(citation["article_id"], index)
    links = [outside_url(citation["url"]), archive_url.rstrip("/") + here]
    words = ", ".join(escape(detail) for detail in details if detail)
    return " ".join(
        [
            _mark(citation["number"]),
            f"**{escape(citation['title'])}**, {words}.",
            *map(_link, filter(None, links)),
        ]
    )


def _link(url: str) -> str:
    return f"<{quote(url, safe=_URL_CHARS)}>"
