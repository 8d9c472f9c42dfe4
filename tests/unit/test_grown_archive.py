"""The archives that growth is measured on: the same every time, and each the beginning of the larger ones."""

from itertools import chain
from pathlib import Path

import numpy as np

from qa_service.archive import open_current
from tests.bench.grown_archive import GrownArchive, Sentences, publish
from tests.unit.index_building import BACKENDS, HashEncoder

ENCODER = HashEncoder()
TEXTS = tuple(f"Sentence {n} says something." for n in range(30))
SENTENCES = Sentences(TEXTS, ENCODER.encode_documents(TEXTS), np.array([0, 10, 30]))


def test_a_smaller_archive_is_the_beginning_of_a_larger_one() -> None:
    small, large = (GrownArchive(SENTENCES, size) for size in (50, 10_010))
    texts = list(small.texts())
    assert len(texts) == 50
    assert len(set(texts)) > 40
    longer = list(large.texts())
    assert (len(longer), longer[:50]) == (10_010, texts)
    vectors = np.concatenate(list(large.vectors()))
    np.testing.assert_array_equal(vectors[:50], np.concatenate(list(small.vectors())))
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


def test_the_paragraphs_of_an_article_are_about_one_matter() -> None:
    articles = chain.from_iterable(articles for articles, _ in GrownArchive(SENTENCES, 100).blocks())
    for paragraphs in articles:
        about = {text for text in TEXTS for paragraph in paragraphs if text in paragraph}
        assert about <= set(TEXTS[:10]) or about <= set(TEXTS[10:])


def test_it_is_published_as_a_generation_that_opens(tmp_path: Path) -> None:
    grown = GrownArchive(SENTENCES, 45)
    steps = list(publish(grown, tmp_path, BACKENDS, ENCODER))
    assert steps == ["articles", "vectors", "words", "checksums"]
    archive = open_current(tmp_path, BACKENDS, ENCODER.weight_hash)
    assert (archive.info.articles, archive.info.passages) == (3, 45)
    assert [p.text for p in archive.store.passage_texts()] == list(grown.texts())
