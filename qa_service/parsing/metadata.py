"""Dates, authors, source and address of an article, gathered from the lines that state them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa_service.domain import ParagraphKind
from qa_service.parsing.bylines import Field, names_of, read_byline, read_date_line, read_field
from qa_service.parsing.captions import caption_words, is_file_photo
from qa_service.parsing.dates import find_dates, parse_date
from qa_service.parsing.draft import Draft
from qa_service.parsing.paragraphs import Piece, join_pieces
from qa_service.parsing.roles import Role

_BAR = re.compile(r"\s[|·•]\s")
_ADDRESS = ("http://", "https://")


@dataclass(slots=True)
class Metadata:
    """What has been stated so far; of two statements the first holds."""

    authors: tuple[str, ...] = ()
    published_at: str | None = None
    updated_at: str | None = None
    source: str | None = None
    url: str | None = None

    def take(self, text: str, role: Role) -> None:
        """Take what a line of this role states; other roles state nothing."""
        if role is Role.BYLINE:
            self.authors = self.authors or read_byline(text) or ()
            # "By Ann Lee | March 3, 2025"
            found = find_dates(text)
            self.published_at = self.published_at or (found[0].value.isoformat() if found else None)
        elif role is Role.DATE:
            # "Published: March 3, 2025 | Updated: March 4, 2025"
            for line in filter(None, map(read_date_line, _BAR.split(text))):
                self._take_date(line.date, updated=line.updated)
        elif role is Role.FIELD and (field := read_field(text)):
            self._take_field(field)

    def _take_field(self, field: Field) -> None:
        if field.name in {"published", "updated"}:
            line = read_date_line(field.value)
            self._take_date(
                parse_date(field.value) or (line.date if line else None), updated=field.name == "updated"
            )
        elif field.name == "authors":
            self.authors = self.authors or names_of(field.value) or (field.value,)
        elif field.name == "source":
            self.source = self.source or field.value
        elif field.name == "url" and field.value.startswith(_ADDRESS) and " " not in field.value:
            self.url = self.url or field.value

    def _take_date(self, date: str | None, *, updated: bool) -> None:
        if updated:
            self.updated_at = self.updated_at or date
        else:
            self.published_at = self.published_at or date


def date_of_captions(pieces: list[Piece]) -> str | None:
    """Return the latest full date in an article's captions as ISO 8601, or None.

    Captions of file photos show an older day and do not count, nor do other captions in the same words.
    """
    captions = [text for kind, text in pieces if kind is ParagraphKind.CAPTION]
    filed = {caption_words(text) for text in captions if is_file_photo(text)}
    dates = [
        found.value for text in captions if caption_words(text) not in filed for found in find_dates(text)
    ]
    return max(dates).isoformat() if dates else None


def draft_of(
    pieces: list[Piece],
    metadata: Metadata,
    furniture: Sequence[str],
    *,
    title: str,
    origin: str,
    alone: bool,
    given_id: str | None = None,
    date_hint: str | None = None,
) -> Draft:
    """Join an article's pieces, headline included, and date it.

    What is stated goes first, then the captions, then `date_hint`; the last two are marked as inferred.
    """
    hint = None if metadata.published_at else date_of_captions(pieces) or date_hint
    text, paragraphs = join_pieces(pieces)
    return Draft(
        origin=origin,
        title=title,
        text=text,
        paragraphs=paragraphs,
        given_id=given_id,
        alone=alone,
        url=metadata.url,
        source=metadata.source,
        authors=metadata.authors,
        published_at=metadata.published_at or hint,
        published_at_inferred=hint is not None,
        updated_at=metadata.updated_at,
        furniture=tuple(furniture),
    )
