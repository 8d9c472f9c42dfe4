"""Markdown, one article a file, with the metadata in YAML front matter."""

from collections.abc import Iterator
from pathlib import Path

from qa_service.domain import ParagraphKind
from qa_service.parsing.bylines import dateline_date
from qa_service.parsing.decoding import decode, one_line, read_bytes
from qa_service.parsing.draft import Draft, Skipped, Unreadable
from qa_service.parsing.fields import read_record
from qa_service.parsing.front_matter import split_front_matter
from qa_service.parsing.markdown_blocks import Block, read_blocks
from qa_service.parsing.metadata import Metadata, draft_of
from qa_service.parsing.notices import is_furniture
from qa_service.parsing.paragraphs import Piece
from qa_service.parsing.roles import METADATA_ROLES, Role, role_of_line

LARGEST_FILE = 1 << 20


def read_markdown(path: Path, origin: str) -> Iterator[Draft | Skipped]:
    """Yield the article of a Markdown file.

    Raises:
        Unreadable: the file is no text, blank or too large, or its front matter is broken.
    """
    text = decode(read_bytes(path, LARGEST_FILE), origin).lstrip("\ufeff")
    fields, text = split_front_matter(text)
    record = read_record(fields, origin)
    blocks = list(read_blocks(text))
    title_at = _title_position(blocks, record.title)
    title = record.title or (one_line(blocks[title_at].text) if title_at is not None else None)
    metadata = Metadata(record.authors, record.published_at, record.updated_at, record.source, record.url)
    story = [block for position, block in enumerate(blocks) if position != title_at]
    pieces, furniture = _sort_out(story, metadata)
    if not pieces:
        raise Unreadable("no article text beside the front matter and title")
    yield draft_of(
        [(ParagraphKind.HEADLINE, title), *pieces] if title else pieces,
        metadata,
        furniture,
        title=title or one_line(path.stem.replace("_", " ")) or "Untitled",
        origin=origin,
        alone=True,
        given_id=record.given_id,
    )


def _title_position(blocks: list[Block], given: str | None) -> int | None:
    """Return which heading is the title: the one that repeats the given title, else the first of level 1."""
    headings = [(position, block) for position, block in enumerate(blocks) if block.level]
    if given is not None:
        same = (
            position for position, block in headings if one_line(block.text).casefold() == given.casefold()
        )
        return next(same, None)
    first_level = (position for position, block in headings if block.level == 1)
    opening = 0 if blocks and blocks[0].level else None
    return next(first_level, opening)


def _sort_out(blocks: list[Block], metadata: Metadata) -> tuple[list[Piece], list[str]]:
    """Return the pieces of the story and its furniture; what the lines before it state goes to `metadata`."""
    pieces: list[Piece] = []
    furniture: list[str] = []
    in_head = True
    for block in blocks:
        plain = block.kind is ParagraphKind.BODY and not block.literal
        role = role_of_line(block.text) if plain and in_head else Role.BODY
        if (plain and is_furniture(block.text)) or role in METADATA_ROLES:
            furniture.append(block.text)
            metadata.take(block.text, role)
            continue
        if in_head and plain:
            metadata.published_at = metadata.published_at or dateline_date(block.text)
            in_head = False
        pieces.append((block.kind, block.text))
    return pieces, furniture
