"""Families on real articles: every true pair of the shared near-duplicates, and none among distinct articles."""

import gzip
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

from qa_service.article_store import FILE_NAME, ArticleStore, ArticleStoreWriter
from qa_service.domain import Article, Paragraph, ParagraphKind
from qa_service.families import Families, write_families
from qa_service.parsing import read_sources
from tests.unit.shared_folder import needs_shared, shared_folder

SAMPLES = Path(__file__).resolve().parents[2] / "qa_service" / "samples" / "articles"


def plain_article(article_id: str, text: str) -> Article:
    return Article(article_id, article_id, text, (Paragraph(0, 0, ParagraphKind.BODY, 0, len(text), text),))


def family_pairs(folder: Path, articles: Iterable[Article]) -> set[tuple[str, str]]:
    """Return every two articles that stand in one family."""
    writer = ArticleStoreWriter(folder / FILE_NAME)
    for article in articles:
        writer.add(article, (), ())
    writer.close()
    write_families(folder, ArticleStore(folder / FILE_NAME), None, lambda stage, done, total: None)
    return {
        (one, other)
        for family in Families.load(folder).families
        for one, other in combinations(sorted(family.article_ids), 2)
    }


def read(path: Path) -> list[Article]:
    return [item for item in read_sources([path]) if isinstance(item, Article)]


@needs_shared
def test_all_true_pairs_and_no_other_are_found_among_the_near_duplicates(tmp_path: Path) -> None:
    folder = shared_folder() / "data" / "near_duplicates"
    lines = (folder / "articles_1000.train").read_text(encoding="utf-8").splitlines()
    true = {
        (min(pair), max(pair))
        for pair in map(str.split, (folder / "articles_1000.truth").read_text(encoding="utf-8").splitlines())
        if pair
    }
    articles = [plain_article(*line.split(" ", 1)) for line in lines]
    assert (len(articles), len(true)) == (1000, 10)
    assert family_pairs(tmp_path, articles) == true


@needs_shared
def test_no_two_distinct_articles_make_a_family(tmp_path: Path) -> None:
    seed = read(shared_folder() / "seed" / "articles.txt")
    packed = shared_folder() / "data" / "squad_open" / "articles.jsonl.gz"
    (tmp_path / "articles.jsonl").write_bytes(gzip.decompress(packed.read_bytes()))
    encyclopedia = read(tmp_path / "articles.jsonl")
    assert (len(seed), len(encyclopedia)) == (12, 48)
    assert family_pairs(tmp_path, [*seed, *encyclopedia, *read(SAMPLES)]) == set()


def test_the_samples_make_no_family(tmp_path: Path) -> None:
    assert family_pairs(tmp_path, read(SAMPLES)) == set()
