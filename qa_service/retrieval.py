"""From a question to ranked hits: dense and lexical candidates, filtered, fused, one hit a paragraph and a family."""

from dataclasses import dataclass

import numpy as np

from embeddings.protocols import Encoder
from qa_service.archive import Archive
from qa_service.domain import Filters, Hit
from qa_service.fusion import fuse


@dataclass(frozen=True, slots=True)
class Ranking:
    """Hits of one question, best first.

    Attributes:
        total: how many paragraphs were ranked in all; pages beyond it are empty.
        nothing_allowed: the filters leave no passage to search.
    """

    hits: tuple[Hit, ...]
    total: int
    nothing_allowed: bool = False


class Retriever:
    """Ranks an archive's paragraphs by meaning and by words."""

    def __init__(self, encoder: Encoder, depth: int) -> None:
        self._encoder, self._depth = encoder, depth

    def retrieve(
        self,
        archive: Archive,
        text: str,
        *,
        limit: int,
        offset: int = 0,
        filters: Filters | None = None,
        as_of: str | None = None,
    ) -> Ranking:
        """Return hits `offset` to `offset + limit` for the question `text`.

        Each of the two rankings puts up its first `depth` passages; a passage that only one of them
        put up gets its exact score from the other, so that both scores of every candidate are true. A
        paragraph that several versions of an article have is ranked in the newest one that may answer.
        """
        allowed = archive.store.allowed_rows(filters or Filters(), as_of, archive.vectors.size)
        if allowed is not None and not allowed.any():
            return Ranking((), 0, nothing_allowed=True)
        allowed = archive.families.newest_only(allowed, archive.vectors.size)
        query = self._encoder.encode_query(text)
        dense = archive.vectors.search(query, self._depth, allowed)
        lexical = archive.lexical.search(text, self._depth, allowed)
        rows = np.union1d(dense.rows, lexical.rows)
        if not rows.size:
            return Ranking((), 0)
        cosines = archive.vectors.scores(query, rows)
        words = archive.lexical.scores(text, rows)
        fused = fuse(cosines, words)
        order = np.lexsort((rows, -fused))
        ranked = rows[order].tolist()
        scores = {int(rows[i]): (float(fused[i]), float(cosines[i]), float(words[i])) for i in order}
        return self._page(archive, ranked, scores, limit, offset)

    def _page(
        self,
        archive: Archive,
        ranked: list[int],
        scores: dict[int, tuple[float, float, float]],
        limit: int,
        offset: int,
    ) -> Ranking:
        mains = archive.store.main_paragraphs(ranked)
        seen: set[tuple[int, int]] = set()
        kept = []
        for row in ranked:
            # Passages that overlap stand for the same paragraph: the best one counts.
            if mains[row] not in seen:
                seen.add(mains[row])
                kept.append(row)
        stored = archive.store.passages(kept[offset : offset + limit])
        articles = archive.families.named([s.article for s in stored], archive.store)
        hits = tuple(
            Hit(offset + i, *scores[s.row], s.row, article, s.paragraph, s.passage, s.before)
            for i, (s, article) in enumerate(zip(stored, articles, strict=True), start=1)
        )
        return Ranking(hits, len(kept))
