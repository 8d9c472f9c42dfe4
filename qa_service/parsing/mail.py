"""Mail saved as .eml: one article a message."""

import email
import email.policy
from collections.abc import Iterator
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path

from qa_service.domain import ParagraphKind
from qa_service.parsing.blocks import title_of_file
from qa_service.parsing.charsets import known_encoding
from qa_service.parsing.dates import parse_stamp
from qa_service.parsing.decoding import decode, one_line, read_bytes
from qa_service.parsing.draft import Draft, Skipped, Unreadable
from qa_service.parsing.html import whole_page
from qa_service.parsing.kinds import kinds_of_blocks
from qa_service.parsing.lines import units_of
from qa_service.parsing.metadata import Metadata, draft_of
from qa_service.parsing.paragraphs import Piece

LARGEST_FILE = 32 << 20
_DEEPEST = 50
_MOST_PARTS = 1_000


def read_mail(path: Path, origin: str) -> Iterator[Draft | Skipped]:
    """Yield the article of a message, then a reason for each attachment, which is not read.

    Raises:
        Unreadable: the file is no mail, blank or too large, or its body has no words.
    """
    data = read_bytes(path, LARGEST_FILE)
    try:
        message = email.message_from_bytes(data, policy=email.policy.default)
        parts = list(_parts(message))
        subject, metadata = _stated(message)
    except (
        MessageError,
        LookupError,
        ValueError,
        AttributeError,
        TypeError,
        IndexError,
        RecursionError,
    ) as error:
        raise Unreadable(f"no readable mail: {type(error).__name__}") from None
    if not any(name.lower() in {"from", "date", "subject", "message-id"} for name in message):
        raise Unreadable("no mail: none of From, Date, Subject and Message-ID stands in its head")
    pieces = _body([part for part in parts if not part.is_attachment()], origin)
    if not pieces:
        raise Unreadable("no words in the body of the mail")
    headline: list[Piece] = [(ParagraphKind.HEADLINE, subject)] if subject else []
    title = subject or title_of_file(path.stem)
    yield draft_of([*headline, *pieces], metadata, (), title=title, origin=origin, alone=True)
    for part in parts:
        if part.is_attachment() or part.get_content_maintype() not in {
            "text",
            "multipart",
            "message",
            "image",
        }:
            name = one_line(part.get_filename() or part.get_content_type())
            yield Skipped(f"{origin}: {name}", "an attachment; save it as a file of its own")


def _parts(message: EmailMessage) -> Iterator[EmailMessage]:
    """Yield the parts that hold no others, in order; the walk keeps its own stack."""
    waiting: list[tuple[EmailMessage, int]] = [(message, 0)]
    seen = 0
    while waiting:
        part, depth = waiting.pop()
        seen += 1
        if depth > _DEEPEST or seen > _MOST_PARTS:
            raise Unreadable("parts nested too deep, or too many of them")
        if part.is_multipart():
            waiting += [(inner, depth + 1) for inner in reversed(list(part.iter_parts()))]
        else:
            yield part


def _stated(message: EmailMessage) -> tuple[str | None, Metadata]:
    senders = getaddresses([str(value) for value in message.get_all("from", [])][:5])
    authors = tuple(one_line(name or address) for name, address in senders if name or address)
    date = one_line(str(message.get("date", "")))
    return one_line(str(message.get("subject", ""))) or None, Metadata(authors, parse_stamp(date))


def _body(parts: list[EmailMessage], origin: str) -> list[Piece]:
    """Return the pieces of the plain text; of HTML where there is none."""
    plain = [_text(part, origin) for part in parts if part.get_content_type() == "text/plain"]
    texts = [unit.text for text in plain for unit in units_of(text)]
    if texts:
        return list(zip(kinds_of_blocks(texts), texts, strict=True))
    pages = [_text(part, origin) for part in parts if part.get_content_type() == "text/html"]
    return [piece for page in pages if page.strip() for piece in whole_page(page)]


def _text(part: EmailMessage, origin: str) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes) or not data:
        return ""
    try:
        return decode(data, origin, known_encoding(part.get_content_charset() or ""))
    except Unreadable:
        return ""
