"""The blocks of a Markdown text as plain words with kinds."""

import html
import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from qa_service.domain import ParagraphKind
from qa_service.parsing.blocks import Block
from qa_service.parsing.captions import is_caption
from qa_service.parsing.decoding import clean
from qa_service.parsing.notices import is_correction

# Longer paragraphs keep their markup: inline parsing takes time that grows faster than their length.
_LONGEST_INLINE = 20_000
_BLOCK_RULES = MarkdownIt("commonmark").enable("table").disable("inline")
_INLINE_RULES = MarkdownIt("commonmark")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_UNSEEN = re.compile(
    r"<(script|style|iframe|template|noscript)\b.*?(?:</\1\s{0,9}>|$)|<!--.*?(?:-->|$)",
    re.IGNORECASE | re.DOTALL,
)


def read_blocks(text: str) -> Iterator[Block]:
    """Yield the blocks of a Markdown text in order; rules, comments and scripts fall out."""
    tokens = _BLOCK_RULES.parse(text)
    lines = text.split("\n")
    numbers: list[int | None] = []
    last_image = -1
    for position, token in enumerate(tokens):
        if token.type in {"ordered_list_open", "bullet_list_open"}:
            numbers.append(int(token.attrGet("start") or 1) if token.tag == "ol" else None)
        elif token.type in {"ordered_list_close", "bullet_list_close"}:
            numbers.pop()
        elif token.type in {"fence", "code_block"}:
            yield Block(ParagraphKind.BODY, token.content.strip("\n"), literal=True)
        elif token.type == "html_block":
            yield from _html_block(token.content)
        elif token.type == "table_open" and token.map:
            yield Block(ParagraphKind.TABLE, "\n".join(lines[token.map[0] : token.map[1]]), literal=True)
        elif token.type == "inline":
            # paragraph_open, inline, paragraph_close: the paragraph before stands three tokens up.
            yield from _inline_blocks(tokens, position, numbers, under_image=last_image == position - 3)
            last_image = position if "![" in token.content else last_image


def _inline_blocks(
    tokens: Sequence[Token], position: int, numbers: list[int | None], *, under_image: bool
) -> Iterator[Block]:
    opener, token = tokens[position - 1], tokens[position]
    if opener.type == "heading_open":
        yield from _blocks_of_words(plain_words(token.content), ParagraphKind.SUBHEAD, int(opener.tag[1:]))
    elif opener.type == "paragraph_open":
        yield from _paragraph(token.content, _item_number(tokens, position - 1, numbers), under_image)


def _item_number(tokens: Sequence[Token], opener: int, numbers: list[int | None]) -> str:
    """Return the number of the ordered list item that a paragraph opens, as "3. ", or ""."""
    if opener == 0 or tokens[opener - 1].type != "list_item_open" or not numbers:
        return ""
    number = numbers[-1]
    if number is None:
        return ""
    numbers[-1] = number + 1
    return f"{number}. "


def _paragraph(source: str, number: str, under_image: bool) -> Iterator[Block]:
    images, words = image_captions(source), plain_words(source)
    kind = ParagraphKind.BODY
    if is_correction(words):
        kind = ParagraphKind.CORRECTION
    elif is_caption(words) or ((images or under_image) and _is_emphasised(source)):
        kind = ParagraphKind.CAPTION
    for caption in images:
        yield from _blocks_of_words(caption, ParagraphKind.CAPTION)
    yield from _blocks_of_words(number + words if words else "", kind)


def _blocks_of_words(words: str, kind: ParagraphKind, level: int = 0) -> Iterator[Block]:
    if words.strip():
        yield Block(kind, words.strip(), level)


def plain_words(source: str) -> str:
    """Return inline Markdown without its marks; images fall out, line breaks become spaces.

    >>> plain_words("**Two** [dogs](https://example.org) and `x`")
    'Two dogs and x'
    """
    if len(source) > _LONGEST_INLINE:
        return source
    return " ".join("".join(_words_of(_children(source))).split(" "))


def image_captions(source: str) -> list[str]:
    """Return the captions of the images in a paragraph: an image's title, else its alternative text."""
    if "![" not in source or len(source) > _LONGEST_INLINE:
        return []
    images = [child for child in _children(source) if child.type == "image"]
    captions = [
        str(image.attrGet("title") or "") or "".join(_words_of(image.children or [])) for image in images
    ]
    return [caption for caption in captions if caption.strip()]


def _children(source: str) -> list[Token]:
    tokens = _INLINE_RULES.parseInline(source)
    return tokens[0].children or [] if tokens else []


def _words_of(children: Sequence[Token]) -> Iterator[str]:
    for child in children:
        if child.type in {"text", "code_inline", "text_special"}:
            yield clean(child.content)
        elif child.type == "softbreak" or (child.type == "html_inline" and child.content.startswith("<br")):
            yield " "
        elif child.type == "hardbreak":
            yield "\n"


def _is_emphasised(source: str) -> bool:
    """Return whether all words beside the images are in italics."""
    depth = 0
    for child in _children(source):
        depth += {"em_open": 1, "em_close": -1}.get(child.type, 0)
        if child.type in {"text", "code_inline"} and child.content.strip() and depth == 0:
            return False
    return True


def _html_block(source: str) -> Iterator[Block]:
    words = clean(html.unescape(_TAG.sub(" ", _UNSEEN.sub(" ", source))))
    yield from _blocks_of_words(" ".join(words.split()), ParagraphKind.BODY)
