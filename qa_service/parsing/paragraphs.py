"""Article text and its paragraphs, built together so that offsets always fit."""

from collections.abc import Iterable, Iterator

from qa_service.domain import Paragraph, ParagraphKind

Piece = tuple[ParagraphKind, str]
_PARTING = "\n\n"


def join_pieces(pieces: Iterable[Piece]) -> tuple[str, tuple[Paragraph, ...]]:
    """Return the text of `pieces`, parted by blank lines, and its paragraphs; blank pieces fall out."""
    kept = [(kind, stripped) for kind, text in pieces if (stripped := text.strip())]
    text = _PARTING.join(piece for _, piece in kept)
    spans = []
    start = 0
    for kind, piece in kept:
        spans.append((kind, start, start + len(piece)))
        start += len(piece) + len(_PARTING)
    return text, cut_paragraphs(text, spans)


def cut_paragraphs(text: str, spans: Iterable[tuple[ParagraphKind, int, int]]) -> tuple[Paragraph, ...]:
    """Number the stretches `(kind, start, end)` of `text`, which come in order."""
    paragraphs: list[Paragraph] = []
    index = 0
    for ordinal, (kind, start, end) in enumerate(spans):
        headline = kind is ParagraphKind.HEADLINE
        paragraphs.append(Paragraph(ordinal, None if headline else index, kind, start, end, text[start:end]))
        index += not headline
    return tuple(paragraphs)


def blocks(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each block that blank lines part, without the white space around it."""
    start: int | None = None
    end = position = 0
    for line in text.split("\n"):
        content = line.strip()
        if content:
            end = position + len(line.rstrip())
            if start is None:
                start = position + len(line) - len(line.lstrip())
        elif start is not None:
            yield start, end
            start = None
        position += len(line) + 1
    if start is not None:
        yield start, end
