"""Measures ways to cut articles into passages: `python -m tests.bench.chunking --shared ../shared`."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from embeddings.encoder import SentenceTransformerEncoder
from embeddings.protocols import Encoder
from qa_service.chunking import ParagraphChunker
from qa_service.domain import Article, Paragraph, ParagraphKind
from qa_service.fusion import fuse
from tests.bench.collection import (
    Collection,
    encoded,
    figures,
    gold_rows,
    load_seed,
    load_squad,
    table_head,
    table_row,
)
from tests.bench.ranking import alone_ranks, fused_ranks, lexical_scores


@dataclass(frozen=True, slots=True)
class Cut:
    """One passage of a way to cut: what a hit on it stands for, and what either ranking sees."""

    main: tuple[str, int]
    title: str
    dense: str
    lexical: str


def main() -> None:
    """Print a table for each collection."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument(
        "--cache", type=Path, default=Path("/tmp/qa-bench"), help="keeps vectors between runs"
    )
    given = parser.parse_args()
    encoder = SentenceTransformerEncoder()
    for collection in (load_seed(given.shared), load_squad(given.shared)):
        measure(collection, encoder, given.cache)


def measure(collection: Collection, encoder: Encoder, cache: Path) -> None:
    """Print how each way ranks the collection's paragraphs."""
    print(f"\n{collection.name}: {len(collection.questions)} questions\n")
    print(table_head(["passage", "title in front", "ranking"]))
    queries = encoded(encoder, collection.questions, cache)
    for name, cuts in ways(collection, encoder):
        gold = gold_rows(collection, [cut.main for cut in cuts])
        for title in ("no", "dense") if name.startswith("window") else ("no", "dense", "both"):
            seen = [cut.dense if title == "no" else f"{cut.title}\n{cut.dense}" for cut in cuts]
            words = [cut.lexical if title != "both" else f"{cut.title}\n{cut.lexical}" for cut in cuts]
            dense = queries @ encoded(encoder, seen, cache).T
            lexical = lexical_scores(words, collection.questions)
            print(table_row([name, title, "dense"], figures(alone_ranks(dense, gold))))
            print(table_row([name, title, "lexical"], figures(alone_ranks(lexical, gold))))
            print(
                table_row([name, title, "fused"], figures(fused_ranks(dense, lexical, gold, fuse))),
                flush=True,
            )


def ways(collection: Collection, encoder: Encoder) -> Iterator[tuple[str, list[Cut]]]:
    """Yield each way to cut with its passages."""
    articles = collection.articles
    yield "paragraph", [_cut(a, p, p.text, p.text) for a in articles for p in a.paragraphs]
    chunker = ParagraphChunker(title=False)
    yield (
        "paragraph with its headings",
        [Cut((p.article_id, p.main), a.title, p.text, p.text) for a in articles for p in chunker.chunk(a)],
    )
    for limit in (96, 160, 256):
        cut = [(a, p, text) for a in articles for p, text in windows(a, limit, encoder)]
        yield f"window up to {limit} tokens", [_cut(a, p, text, text) for a, p, text in cut]
        yield f"window up to {limit}, lexical by paragraph", [_cut(a, p, text, p.text) for a, p, text in cut]


def windows(article: Article, limit: int, encoder: Encoder) -> Iterator[tuple[Paragraph, str]]:
    """Yield each paragraph with its neighbours on both sides, as many as fit into `limit` tokens."""
    paragraphs = [p for p in article.paragraphs if p.kind is not ParagraphKind.HEADLINE]
    tokens = encoder.count_tokens([p.text for p in paragraphs])
    for i, paragraph in enumerate(paragraphs):
        first = last = i
        total, grew = tokens[i], True
        while grew:
            grew = False
            if first > 0 and total + tokens[first - 1] <= limit:
                first, total, grew = first - 1, total + tokens[first - 1], True
            if last + 1 < len(paragraphs) and total + tokens[last + 1] <= limit:
                last, total, grew = last + 1, total + tokens[last + 1], True
        yield paragraph, article.text[paragraphs[first].start : paragraphs[last].end]


def _cut(article: Article, paragraph: Paragraph, dense: str, lexical: str) -> Cut:
    return Cut((article.article_id, paragraph.ordinal), article.title, dense, lexical)


if __name__ == "__main__":
    main()
