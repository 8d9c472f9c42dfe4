"""What a parsing process and the one that started it say to each other: JSON behind its length."""

import json
import struct
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from qa_service.domain import Paragraph, ParagraphKind
from qa_service.parsing.draft import Draft
from qa_service.parsing.paragraphs import cut_paragraphs

HEAD = struct.Struct(">I")
LARGEST_FRAME = 256 << 20


def packed(message: Mapping[str, Any]) -> bytes:
    """Return a message as it is sent; lone surrogates in file names pass."""
    body = json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return HEAD.pack(len(body)) + body


def unpacked(body: bytes) -> dict[str, Any]:
    """Return a received message; nothing but plain values can be in it.

    Raises:
        ValueError: the bytes are no such message.
    """
    message = json.loads(body.decode("utf-8", "surrogatepass"))
    if not isinstance(message, dict):
        raise ValueError("no object")  # noqa: TRY004 - one error for all that is no message
    return message


def plain_draft(draft: Draft) -> dict[str, Any]:
    """Return a draft as plain values; paragraphs as (kind, start, end, page)."""
    values = {field.name: getattr(draft, field.name) for field in fields(draft)}
    values["paragraphs"] = [(p.kind.value, p.start, p.end, p.page) for p in draft.paragraphs]
    return values


def draft_from(values: Mapping[str, Any]) -> Draft:
    """Return the draft of plain values; its paragraphs are cut from its text anew.

    Raises:
        ValueError, TypeError, KeyError: the values are no draft's.
    """
    given = values["paragraphs"]
    spans = [(ParagraphKind(kind), int(start), int(end)) for kind, start, end, _ in given]
    cut = cut_paragraphs(values["text"], spans)
    lists = {name: tuple(values[name]) for name in ("authors", "furniture")}
    return Draft(**{**values, **lists, "paragraphs": tuple(map(_paged, cut, given))})


def _paged(paragraph: Paragraph, given: tuple[str, int, int, int | None]) -> Paragraph:
    return paragraph if given[3] is None else replace(paragraph, page=int(given[3]))
