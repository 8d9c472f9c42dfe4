"""The families of an open generation: who else printed an article, and which passages stand behind a newer version."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from qa_service.article_store import ArticleStore
from qa_service.domain import Article, ArticleSummary, OtherVersion

FOLDER, MEMBERS, TWINS = "families", "members.json", "twins.npy"
_Named = TypeVar("_Named", Article, ArticleSummary)


@dataclass(frozen=True, slots=True)
class Family:
    """The ids of articles that are versions of one text.

    Attributes:
        article_ids: newest first, as far as dates tell.
        newest_known: the first one is newer than all others beyond doubt.
    """

    article_ids: tuple[str, ...]
    newest_known: bool


@dataclass(frozen=True, eq=False)
class Families:
    """All families of a generation.

    Attributes:
        twins: shape (3, n): row of a passage, number of the group of paragraphs that are the same in several
            versions, and place of the passage's article among the versions, 0 the newest.
    """

    families: tuple[Family, ...] = ()
    twins: NDArray[np.int32] = field(default_factory=lambda: np.empty((3, 0), dtype=np.int32))

    @classmethod
    def load(cls, generation: Path) -> "Families":
        """Read a generation's families; one that was written before there were any has none.

        Raises:
            OSError, ValueError, LookupError, TypeError: the files do not hold families.
        """
        folder = generation / FOLDER
        if not folder.is_dir():
            return cls()
        stored = json.loads((folder / MEMBERS).read_bytes())
        families = tuple(Family(tuple(one["article_ids"]), bool(one["newest_known"])) for one in stored)
        return cls(families, np.load(folder / TWINS, allow_pickle=False))

    @cached_property
    def _by_article(self) -> Mapping[str, Family]:
        return {article_id: family for family in self.families for article_id in family.article_ids}

    def newest_only(self, allowed: NDArray[np.bool_] | None, size: int) -> NDArray[np.bool_] | None:
        """Return `allowed` without the passages that a newer allowed version has as well.

        Args:
            allowed: which of `size` passages may answer, shape (size,); None when all may.
        """
        rows, groups, places = self.twins
        if not rows.size:
            return allowed
        shown = np.ones(size, dtype=np.bool_) if allowed is None else allowed.copy()
        present = shown[rows]
        newest = np.full(groups.max() + 1, np.iinfo(np.int32).max, dtype=np.int32)
        np.minimum.at(newest, groups[present], places[present])
        shown[rows[places > newest[groups]]] = False
        return shown

    def named(self, articles: Sequence[_Named], store: ArticleStore) -> list[_Named]:
        """Return `articles`, each with the other versions of its text, newest first."""
        known = {
            a.article_id: self._by_article[a.article_id] for a in articles if a.article_id in self._by_article
        }
        if not known:
            return list(articles)
        wanted = {article_id for family in known.values() for article_id in family.article_ids}
        summaries = {summary.article_id: summary for summary in store.summaries(sorted(wanted))}
        return [
            _with_others(a, known[a.article_id], summaries) if a.article_id in known else a for a in articles
        ]


def _with_others(article: _Named, family: Family, summaries: Mapping[str, ArticleSummary]) -> _Named:
    newest = family.article_ids[0] if family.newest_known else None
    others = tuple(
        OtherVersion(
            article_id=one.article_id,
            title=one.title,
            url=one.url,
            source=one.source,
            published_at=one.published_at,
            updated_at=one.updated_at,
            is_newest=one.article_id == newest,
        )
        for one in (summaries[other] for other in family.article_ids if other != article.article_id)
    )
    return replace(article, also_in=others, is_newest=article.article_id == newest)
