"""Cut an article into the passages that are retrieved."""

from collections.abc import Mapping
from typing import Any

from qa_service.domain import Article, Paragraph, Passage


class ParagraphChunker:
    """One passage for each paragraph, with the headings above it.

    Args:
        title: put the article's title in front of a passage when it is encoded.
    """

    def __init__(self, *, title: bool = False) -> None:
        self._title = title

    @property
    def settings(self) -> Mapping[str, Any]:
        """What decides the cut and the encoded text; stored in the manifest."""
        return {"name": "paragraph", "version": 1, "title": self._title}

    def chunk(self, article: Article) -> tuple[Passage, ...]:
        """Return the article's passages in order.

        A heading alone answers nothing, so it rides with the paragraph that follows; headings at the
        end of an article ride with the paragraph before them. Only an article of nothing but
        headings gives a passage of headings.

        Returns:
            Passages whose `text` is `article.text[start:end]`; every paragraph lies in exactly one.
        """
        groups: list[tuple[Paragraph, Paragraph, Paragraph]] = []
        first: Paragraph | None = None
        for paragraph in article.paragraphs:
            first = first or paragraph
            if not paragraph.kind.is_heading:
                groups.append((first, paragraph, paragraph))
                first = None
        if first is not None:
            begin, main, _ = groups.pop() if groups else (first, first, first)
            groups.append((begin, main, article.paragraphs[-1]))
        return tuple(_passage(article, *group) for group in groups)

    def encoding_text(self, title: str, text: str) -> str:
        """Return what the encoder sees of a passage."""
        return f"{title}\n{text}" if self._title and title else text


def _passage(article: Article, first: Paragraph, main: Paragraph, last: Paragraph) -> Passage:
    return Passage(
        article_id=article.article_id,
        first=first.ordinal,
        last=last.ordinal,
        main=main.ordinal,
        start=first.start,
        end=last.end,
        text=article.text[first.start : last.end],
    )
