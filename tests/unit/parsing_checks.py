"""What must hold for every article, whatever it was read from."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from qa_service.domain import Article, ParagraphKind
from qa_service.parsing import Renamed, Skipped, read_sources
from qa_service.parsing.draft import Draft
from qa_service.parsing.formats import load_reader


def assert_sound(article: Article | Draft) -> None:
    """Check offsets, order, numbering and that every non-space character lies in one paragraph."""
    covered = 0
    index = 0
    for ordinal, paragraph in enumerate(article.paragraphs):
        assert paragraph.ordinal == ordinal
        assert article.text[paragraph.start : paragraph.end] == paragraph.text
        assert paragraph.text == paragraph.text.strip() != ""
        assert article.text[covered : paragraph.start].strip() == ""
        covered = paragraph.end
        if paragraph.kind is ParagraphKind.HEADLINE:
            assert paragraph.index is None
        else:
            assert paragraph.index == index
            index += 1
    assert article.text[covered:].strip() == ""
    assert article.title == " ".join(article.title.split()) != ""


class InThisProcess:
    """Reads files without the process that bounds them, for what is tested is what they hold."""

    def read(self, path: Path, origin: str, suffix: str) -> Iterator[Draft | Skipped]:
        return load_reader(suffix)(path, origin)


def read(*sources: Path) -> tuple[list[Article], list[Skipped]]:
    """Read sources to the end; every article is checked, and goes by the id that it has at the end."""
    articles: list[Article] = []
    skipped: list[Skipped] = []
    for item in read_sources(sources, parser=InThisProcess()):
        if isinstance(item, Skipped):
            skipped.append(item)
        elif isinstance(item, Renamed):
            (place,) = (n for n, article in enumerate(articles) if article.article_id == item.before)
            articles[place] = replace(articles[place], article_id=item.now)
        else:
            assert_sound(item)
            articles.append(item)
    return articles, skipped
