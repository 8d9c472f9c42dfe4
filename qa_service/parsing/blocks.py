"""The blocks of a written document to its article: which heading is the title, what its head states."""

from collections.abc import Sequence
from dataclasses import dataclass

from qa_service.domain import ParagraphKind
from qa_service.parsing.bylines import dateline_date
from qa_service.parsing.decoding import one_line
from qa_service.parsing.draft import Draft, Unreadable
from qa_service.parsing.metadata import Metadata, draft_of
from qa_service.parsing.notices import is_furniture
from qa_service.parsing.paragraphs import Piece
from qa_service.parsing.roles import METADATA_ROLES, Role, role_of_line


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a document that stands by itself.

    Attributes:
        level: of a heading, from 1; 0 for anything else.
        literal: the text stands as it was written, as code and tables do.
    """

    kind: ParagraphKind
    text: str
    level: int = 0
    literal: bool = False


def draft_of_blocks(
    blocks: Sequence[Block],
    given_title: str | None,
    metadata: Metadata,
    *,
    origin: str,
    file_title: str,
    given_id: str | None = None,
    date_hint: str | None = None,
) -> Draft:
    """Build the article of a document.

    Args:
        given_title: the title that the file states beside its text; else a heading gives it.
        file_title: stands for a missing title.
        date_hint: when the file was made; an inferred date of the article where it states none.

    Raises:
        Unreadable: there is nothing beside the title.
    """
    title_at = _title_position(blocks, given_title)
    title = given_title or (one_line(blocks[title_at].text) if title_at is not None else None)
    story = [block for position, block in enumerate(blocks) if position != title_at]
    pieces, furniture = _sort_out(story, metadata)
    if not pieces:
        raise Unreadable("no article text beside the title")
    return draft_of(
        [(ParagraphKind.HEADLINE, title), *pieces] if title else pieces,
        metadata,
        furniture,
        title=title or title_of_file(file_title),
        origin=origin,
        alone=True,
        given_id=given_id,
        date_hint=date_hint,
    )


def title_of_file(stem: str) -> str:
    """Return the title of an article that has none but its file's name."""
    return one_line(stem.replace("_", " ")) or "Untitled"


def _title_position(blocks: Sequence[Block], given: str | None) -> int | None:
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


def _sort_out(blocks: Sequence[Block], metadata: Metadata) -> tuple[list[Piece], list[str]]:
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
