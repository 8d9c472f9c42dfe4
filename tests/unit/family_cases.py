"""Archives of bare texts, and the families that are found in them."""

import gzip
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

from qa_service.article_store import FILE_NAME, ArticleStore, ArticleStoreWriter
from qa_service.domain import Article, Paragraph, ParagraphKind
from qa_service.families import Families, write_families
from qa_service.parsing import read_sources

Pairs = set[tuple[str, str]]


def plain_article(article_id: str, text: str) -> Article:
    return Article(article_id, article_id, text, (Paragraph(0, 0, ParagraphKind.BODY, 0, len(text), text),))


def find_families(folder: Path, articles: Iterable[Article], previous: Path | None = None) -> Families:
    """Store `articles` in the new folder `folder` and return their families."""
    folder.mkdir(parents=True)
    writer = ArticleStoreWriter(folder / FILE_NAME)
    for article in articles:
        writer.add(article, (), ())
    writer.close()
    write_families(folder, ArticleStore(folder / FILE_NAME), previous, lambda stage, done, total: None)
    return Families.load(folder)


def pairs_of(found: Families) -> Pairs:
    """Return every two articles that stand in one family."""
    return {pair for family in found.families for pair in combinations(sorted(family.article_ids), 2)}


def near_duplicates(shared: Path) -> tuple[list[Article], Pairs]:
    """Return the articles and the pairs of them that are near-duplicates."""
    folder = shared / "data" / "near_duplicates"
    lines = (folder / "articles_1000.train").read_text(encoding="utf-8").splitlines()
    truth = (folder / "articles_1000.truth").read_text(encoding="utf-8").splitlines()
    pairs = [line.split() for line in truth if line.strip()]
    return [plain_article(*line.split(" ", 1)) for line in lines], {(min(p), max(p)) for p in pairs}


def read(path: Path) -> list[Article]:
    return [item for item in read_sources([path]) if isinstance(item, Article)]


def encyclopedia(shared: Path, folder: Path) -> list[Article]:
    """Return the articles of squad_open, unpacked into `folder`."""
    packed = shared / "data" / "squad_open" / "articles.jsonl.gz"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "articles.jsonl").write_bytes(gzip.decompress(packed.read_bytes()))
    return read(folder / "articles.jsonl")
