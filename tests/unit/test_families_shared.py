"""Families on real articles: every true pair of the shared near-duplicates, and none among distinct articles."""

from pathlib import Path

from tests.unit.family_cases import encyclopedia, find_families, near_duplicates, pairs_of, read
from tests.unit.shared_folder import needs_shared, shared_folder

SAMPLES = Path(__file__).resolve().parents[2] / "qa_service" / "samples" / "articles"


@needs_shared
def test_all_true_pairs_and_no_other_are_found_among_the_near_duplicates(tmp_path: Path) -> None:
    articles, true = near_duplicates(shared_folder())
    assert (len(articles), len(true)) == (1000, 10)
    assert pairs_of(find_families(tmp_path / "index", articles)) == true


@needs_shared
def test_no_two_distinct_articles_make_a_family(tmp_path: Path) -> None:
    seed = read(shared_folder() / "seed" / "articles.txt")
    wiki = encyclopedia(shared_folder(), tmp_path / "wiki")
    assert (len(seed), len(wiki)) == (12, 48)
    assert pairs_of(find_families(tmp_path / "index", [*seed, *wiki, *read(SAMPLES)])) == set()


def test_the_samples_make_no_family(tmp_path: Path) -> None:
    assert pairs_of(find_families(tmp_path / "index", read(SAMPLES))) == set()
