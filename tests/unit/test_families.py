"""Story families in a real index: found, stored, taken over, shown once, and nothing dropped."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from qa_service.answering import Answerer
from qa_service.archive import Archive, open_current
from qa_service.article_store import ArticleStore
from qa_service.citing import CitationPolicy
from qa_service.domain import Answer, Filters, Question
from qa_service.families import Families
from qa_service.families.opened import FOLDER
from qa_service.overlap_reading import OverlapConfidence, OverlapReader
from qa_service.retrieval import Retriever
from tests.unit.index_building import BACKENDS, HashEncoder, build, bytes_under

REEF = (
    "The ferry Halden ran onto a reef in fog on its way from Osthavn to the island of Vestra, the coast guard said.",
    "Eleven people were missing on Wednesday evening, among them two children.",
    "The captain, Aslak Moe, had sailed the route for nineteen years without an accident.",
    "The transport minister promised an inquiry and said that the reef had been marked on every chart since 1911.",
)
FLASH = (*REEF[:3], "The search was broken off at midnight because of the swell.")
UPDATE = (
    REEF[0],
    "Four people were missing on Thursday evening, among them two children.",
    *REEF[2:],
    "The coast guard will search until Saturday.",
)
LIBRARY = (
    "The town library of Osthavn opens again on Monday after three years of building and a quarrel about its roof.",
    "It cost 62 million crowns, twice what the council had promised in the spring of the election.",
)


def article(article_id: str, paragraphs: Sequence[str], **fields: str) -> dict[str, object]:
    return {"id": article_id, "title": f"Title of {article_id}", "text": "\n\n".join(paragraphs), **fields}


STORY = (
    article("flash", FLASH, published_at="2021-09-08", source="Osthavn Post", url="https://post.example/f"),
    article("wire", REEF, published_at="2021-09-09", source="Northern Wire"),
    article("library", LIBRARY, published_at="2021-09-09", source="Northern Wire"),
    article("update", UPDATE, published_at="2021-09-10", source="Northern Wire"),
)


def indexed(folder: Path, articles: Sequence[Mapping[str, object]] = STORY) -> Archive:
    folder.mkdir(exist_ok=True)
    source = folder / "articles.jsonl"
    source.write_text("".join(f"{json.dumps(one)}\n" for one in articles), encoding="utf-8")
    build(folder / "data", source)
    return open_current(folder / "data", BACKENDS, None)


def found(archive: Archive, filters: Filters | None = None, as_of: str | None = None) -> dict[str, list[str]]:
    """Return the paragraphs that a search finds, in order, by article."""
    ranking = Retriever(HashEncoder(), 50).retrieve(
        archive, "ferry missing captain search", limit=50, filters=filters, as_of=as_of
    )
    by_article: dict[str, list[tuple[int, str]]] = {}
    for hit in ranking.hits:
        by_article.setdefault(hit.article.article_id, []).append((hit.paragraph.ordinal, hit.paragraph.text))
    return {name: [text for _, text in sorted(texts)] for name, texts in by_article.items()}


def test_the_newest_version_takes_the_slot_and_only_what_it_lacks_is_left_to_the_others(
    tmp_path: Path,
) -> None:
    hits = found(indexed(tmp_path))
    assert hits["update"] == list(UPDATE)
    assert "wire" not in hits
    assert hits["flash"] == [FLASH[3]]
    assert hits["library"] == list(LIBRARY)


@pytest.mark.parametrize(
    ("filters", "as_of", "shown"),
    [
        (Filters(date_to="2021-09-09"), None, "wire"),
        (None, "2021-09-09", "wire"),
        (None, "2021-09-08", "flash"),
        (Filters(sources=("Osthavn Post",)), None, "flash"),
        (Filters(article_ids=("wire", "flash")), None, "wire"),
    ],
)
def test_filters_that_leave_the_newest_out_find_the_older_one_whole(
    tmp_path: Path, filters: Filters | None, as_of: str | None, shown: str
) -> None:
    hits = found(indexed(tmp_path), filters, as_of)
    assert hits[shown] == list({"wire": REEF, "flash": FLASH}[shown])
    assert "update" not in hits


def test_each_version_lists_all_others_newest_first_and_marks_the_newest(tmp_path: Path) -> None:
    archive = indexed(tmp_path)
    named = archive.families.named(archive.store.articles(10), archive.store)
    others = {one.article_id: [(o.article_id, o.is_newest) for o in one.also_in] for one in named}
    assert others == {
        "update": [("wire", False), ("flash", False)],
        "wire": [("update", True), ("flash", False)],
        "flash": [("update", True), ("wire", False)],
        "library": [],
    }
    ((flash,),) = [
        [o for o in one.also_in if o.article_id == "flash"] for one in named if one.article_id == "wire"
    ]
    assert (flash.title, flash.url, flash.source, flash.published_at) == (
        "Title of flash", "https://post.example/f", "Osthavn Post", "2021-09-08",
    )  # fmt: skip


def test_hits_name_the_other_versions(tmp_path: Path) -> None:
    archive = indexed(tmp_path)
    hits = Retriever(HashEncoder(), 50).retrieve(archive, "ferry", limit=50).hits
    assert {h.article.article_id: len(h.article.also_in) for h in hits} == {
        "update": 2,
        "flash": 2,
        "library": 0,
    }


def test_a_thousand_copies_leave_room_for_other_articles(tmp_path: Path) -> None:
    copies = [article(f"copy-{n}", REEF, published_at="2021-09-09") for n in range(300)]
    archive = indexed(tmp_path, [*copies, STORY[2]])
    ranking = Retriever(HashEncoder(), 10).retrieve(archive, "ferry reef captain library", limit=10)
    assert len(ranking.hits) == len(REEF) + len(LIBRARY)
    (family,) = archive.families.families
    assert len(family.article_ids) == 300
    assert not family.newest_known


def test_reindexing_takes_signatures_over_and_gives_the_same_bytes(tmp_path: Path) -> None:
    first = indexed(tmp_path)
    again = indexed(tmp_path)
    anew = indexed(tmp_path / "other")
    one, two, three = (
        bytes_under(folder / "data" / "generations" / archive.info.generation / FOLDER)
        for folder, archive in ((tmp_path, first), (tmp_path, again), (tmp_path / "other", anew))
    )
    assert set(one) == {"keys.npy", "members.json", "signatures.npy", "twins.npy"}
    assert one == two == three


def test_a_version_that_goes_leaves_the_others_a_family(tmp_path: Path) -> None:
    indexed(tmp_path)
    archive = indexed(tmp_path, STORY[:3])
    assert [f.article_ids for f in archive.families.families] == [("wire", "flash")]
    assert found(archive)["wire"] == list(REEF)


def test_a_generation_from_before_there_were_families_has_none(tmp_path: Path) -> None:
    families = Families.load(tmp_path)
    assert families.families == ()
    assert families.newest_only(None, 3) is None


def test_articles_outside_families_are_named_without_asking_the_store(tmp_path: Path) -> None:
    archive = indexed(tmp_path)
    (library,) = [one for one in archive.store.articles(10) if one.article_id == "library"]
    closed: ArticleStore = None  # type: ignore[assignment]
    assert archive.families.named([library], closed) == [library]


@given(st.data())
def test_of_each_paragraph_exactly_the_newest_allowed_version_is_shown(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 12))
    groups = data.draw(st.lists(st.integers(-1, 3), min_size=size, max_size=size))
    places = data.draw(st.permutations(range(size)))
    twins = np.array(
        [[r, g, p] for r, (g, p) in enumerate(zip(groups, places, strict=True)) if g >= 0], dtype=np.int32
    )
    families = Families((), twins.reshape(-1, 3).T.copy())
    allowed = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    before = allowed.copy()
    shown = families.newest_only(allowed, size)
    assert shown is not None
    assert (allowed == before).all()
    for row in range(size):
        rivals = [places[r] for r in range(size) if groups[r] == groups[row] and allowed[r]]
        alone = groups[row] < 0
        assert shown[row] == (allowed[row] and (alone or places[row] == min(rivals)))


class WordsAlone(HashEncoder):
    """Finds everything equally near, so that the words decide the ranking."""

    def encode_query(self, text: str) -> NDArray[np.float32]:
        return np.zeros(self.dimension, dtype=np.float32)


def asked(archive: Archive, **scope: object) -> Answer:
    reader = OverlapReader(OverlapConfidence(intercept=9.0, weights=(0.0, 0.0, 0.0)))
    answerer = Answerer(Retriever(WordsAlone(), 50), reader, 0.5, CitationPolicy(margin=0.0, gain=1.0))
    return answerer.ask(archive, Question("How many people were missing among two children?", **scope))  # type: ignore[arg-type]


def test_answers_quote_the_newest_version_and_name_the_others(tmp_path: Path) -> None:
    answer = asked(indexed(tmp_path))
    (citation,) = answer.citations
    assert answer.text == UPDATE[1]
    assert (citation.article.article_id, citation.article.is_newest) == ("update", True)
    assert [one.article_id for one in citation.article.also_in] == ["wire", "flash"]


def test_an_answer_as_of_a_day_quotes_the_version_of_that_day(tmp_path: Path) -> None:
    answer = asked(indexed(tmp_path), as_of="2021-09-09")
    (citation,) = answer.citations
    assert answer.text == REEF[1]
    assert (citation.article.article_id, citation.article.is_newest) == ("wire", False)
