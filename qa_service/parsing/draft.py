"""What a format hands over: an article that has no id yet, or the reason why there is none."""

from dataclasses import dataclass

from qa_service.domain import Paragraph


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that could not be read.

    Attributes:
        origin: the file as named relative to its source, with `:LINE` for a line of JSON Lines.
    """

    origin: str
    reason: str


@dataclass(frozen=True, slots=True)
class Noted:
    """Something about a file that was read all the same, such as characters that had to be replaced."""

    origin: str
    remark: str


class Unreadable(Exception):
    """A file or record that holds no article; the message is the reason that people read.

    It never leaves this package: it becomes a `Skipped`.
    """


@dataclass(frozen=True, slots=True)
class Draft:
    """An article as a format read it.

    Attributes:
        given_id: the id that the source itself gives.
        alone: the file holds this one article, so that the file's name is enough for an id.
    """

    origin: str
    title: str
    text: str
    paragraphs: tuple[Paragraph, ...]
    given_id: str | None = None
    alone: bool = False
    url: str | None = None
    source: str | None = None
    authors: tuple[str, ...] = ()
    published_at: str | None = None
    published_at_inferred: bool = False
    updated_at: str | None = None
    furniture: tuple[str, ...] = ()
