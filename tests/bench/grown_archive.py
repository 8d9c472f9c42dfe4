"""Archives of any size for measuring: recombined sentences, with vectors near those of the real encoder."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.protocols import Encoder
from embeddings.sentences import sentence_spans
from qa_service import article_store, generations
from qa_service.archive import LEXICAL, VECTORS, Backends
from qa_service.article_store import ArticleStore, ArticleStoreWriter
from qa_service.domain import Article, Paragraph, ParagraphKind, Passage
from qa_service.writer_lock import writer_lock
from tests.bench.collection import Collection, encoded

PARAGRAPHS_AN_ARTICLE = 20
LONGEST = 6  # sentences
# How far a paragraph's vector is from the weighted mean of its sentences' vectors: with this length of the
# difference their median cosine is 0.93, as on 300 recombined paragraphs that the real encoder encoded.
APART = 0.4
_BLOCK = 500  # articles


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentences of a collection's body paragraphs.

    Attributes:
        vectors: shape (n, dimension), the real encoder's.
        bounds: shape (articles + 1,); article a has the sentences `bounds[a]` up to `bounds[a + 1]`.
    """

    texts: tuple[str, ...]
    vectors: NDArray[np.float32]
    bounds: NDArray[np.int64]

    @classmethod
    def of(cls, collection: Collection, encoder: Encoder, cache: Path) -> "Sentences":
        """Cut the collection's paragraphs into sentences and encode each; vectors are kept in `cache`."""
        cut = [
            [p.text[s.start : s.end] for p in a.paragraphs if p.kind is ParagraphKind.BODY
             for s in sentence_spans(p.text)]
            for a in collection.articles
        ]  # fmt: skip
        texts = tuple(text for one in cut for text in one)
        bounds = np.cumsum([0, *map(len, cut)])
        return cls(texts, encoded(encoder, texts, cache), bounds)


@dataclass(frozen=True, slots=True)
class GrownArchive:
    """An archive of `size` paragraphs, 20 an article; a smaller one is the beginning of a larger one.

    All paragraphs of an article are made of sentences of one real article, one to six each.
    """

    sentences: Sentences
    size: int

    def blocks(self) -> Iterator[tuple[list[list[str]], NDArray[np.float32]]]:
        """Yield some articles' paragraphs and the vectors of all of them."""
        for start in range(0, self.size, _BLOCK * PARAGRAPHS_AN_ARTICLE):
            draw = np.random.default_rng([7, start])
            drawn, used = self._drawn(draw)
            vectors = self._vectors(drawn, used, draw)
            paragraphs = [
                " ".join(self.sentences.texts[i] for i in one[:count])
                for one, count in zip(drawn.tolist(), used.sum(axis=1).tolist(), strict=True)
            ][: self.size - start]
            each = range(0, len(paragraphs), PARAGRAPHS_AN_ARTICLE)
            yield [paragraphs[i : i + PARAGRAPHS_AN_ARTICLE] for i in each], vectors[: len(paragraphs)]

    def _drawn(self, draw: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return sentence numbers, shape (paragraphs, LONGEST), and which of them are used, always the first few."""
        bounds, count = self.sentences.bounds, _BLOCK * PARAGRAPHS_AN_ARTICLE
        topic = np.repeat(draw.integers(0, len(bounds) - 1, _BLOCK), PARAGRAPHS_AN_ARTICLE)[:, None]
        share = draw.random((count, LONGEST))
        drawn = (bounds[topic] + share * (bounds[topic + 1] - bounds[topic])).astype(np.int64)
        return drawn, np.arange(LONGEST) < draw.integers(1, LONGEST + 1, count)[:, None]

    def _vectors(
        self, drawn: NDArray[np.int64], used: NDArray[np.bool_], draw: np.random.Generator
    ) -> NDArray[np.float32]:
        vectors = self.sentences.vectors
        weights = np.array([len(text) for text in self.sentences.texts], np.float32)[drawn] * used
        mixed = np.zeros((len(drawn), vectors.shape[1]), dtype=np.float32)
        for place in range(LONGEST):
            mixed += weights[:, place, None] * vectors[drawn[:, place]]
        one, other = draw.integers(0, len(vectors), (2, len(drawn)))
        return _unit(_unit(mixed) + np.float32(APART) * _unit(vectors[one] - vectors[other]))

    def texts(self) -> Iterator[str]:
        """Yield every paragraph."""
        for articles, _ in self.blocks():
            for paragraphs in articles:
                yield from paragraphs

    def vectors(self) -> Iterator[NDArray[np.float32]]:
        """Yield the vectors of all paragraphs in blocks."""
        return (vectors for _, vectors in self.blocks())


def publish(archive: GrownArchive, data_dir: Path, backends: Backends, encoder: Encoder) -> Iterator[str]:
    """Write the archive as a generation and publish it, as a reindex would; yield the name of each finished step."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with writer_lock(data_dir), generations.building_folder(data_dir) as folder:
        _store(archive, folder / article_store.FILE_NAME)
        yield "articles"
        backends.vectors.build(archive.vectors(), encoder.dimension, folder / VECTORS)
        yield "vectors"
        backends.lexical.build(archive.texts(), folder / LEXICAL)
        yield "words"
        manifest = generations.seal(
            folder,
            parent=None,
            encoder={
                "name": encoder.name,
                "weight_hash": encoder.weight_hash,
                "number_format": encoder.number_format,
                "dimension": encoder.dimension,
            },
            chunker={},
            counts=ArticleStore(folder / article_store.FILE_NAME).counts(),
        )
        generations.publish(data_dir, folder, manifest)
        yield "checksums"


def _store(archive: GrownArchive, path: Path) -> None:
    writer, number = ArticleStoreWriter(path), 0
    for articles, _ in archive.blocks():
        for paragraphs in articles:
            article = _article(f"grown-{number}", paragraphs)
            passages = [
                Passage(article.article_id, p.ordinal, p.ordinal, p.ordinal, p.start, p.end, p.text)
                for p in article.paragraphs
            ]
            keys = [f"{number}/{p.ordinal}".encode() for p in article.paragraphs]
            writer.add(article, passages, keys)
            number += 1
    writer.close()


def _article(article_id: str, texts: list[str]) -> Article:
    paragraphs, start = [], 0
    for ordinal, text in enumerate(texts):
        paragraphs.append(Paragraph(ordinal, ordinal, ParagraphKind.BODY, start, start + len(text), text))
        start += len(text) + 2
    return Article(article_id, f"Article {article_id}", "\n\n".join(texts), tuple(paragraphs))


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = vectors / np.maximum(lengths, np.float32(1e-9))
    return unit
