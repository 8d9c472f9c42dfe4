"""Markdown, one article a file, with the metadata in YAML front matter."""

from collections.abc import Iterator
from pathlib import Path

from qa_service.parsing.blocks import draft_of_blocks
from qa_service.parsing.decoding import decode, read_bytes
from qa_service.parsing.draft import Draft, Skipped
from qa_service.parsing.fields import read_record
from qa_service.parsing.front_matter import split_front_matter
from qa_service.parsing.markdown_blocks import read_blocks
from qa_service.parsing.metadata import Metadata

LARGEST_FILE = 1 << 20


def read_markdown(path: Path, origin: str) -> Iterator[Draft | Skipped]:
    """Yield the article of a Markdown file.

    Raises:
        Unreadable: the file is no text, blank or too large, or its front matter is broken.
    """
    text = decode(read_bytes(path, LARGEST_FILE), origin).lstrip("\ufeff")
    fields, text = split_front_matter(text)
    record = read_record(fields, origin)
    metadata = Metadata(record.authors, record.published_at, record.updated_at, record.source, record.url)
    yield draft_of_blocks(
        list(read_blocks(text)),
        record.title,
        metadata,
        origin=origin,
        file_title=path.stem,
        given_id=record.given_id,
    )
