"""Articles come out of the store as they went in; filters let through exactly what fits."""

import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa_service.article_store import ArticleStore, ArticleStoreWriter, PassageText
from qa_service.chunking import ParagraphChunker
from qa_service.domain import Article, Filters, ParagraphKind
from qa_service.errors import ArticleNotFound, GenerationDamaged
from qa_service.facets import Facets, FacetValue
from qa_service.parsing.paragraphs import join_pieces

HARD_TEXTS = (
    "👩‍👩‍👧‍👦 said 🎉 in plane 16: 𝔘𝔫𝔦𝔠𝔬𝔡𝔢.",
    "קול ישראל 12 אמר: العربية من اليمين \u202bמשמאל\u202c.",
    "e\u0301tude, Z\u0351\u036b\u0343alg\u030ao, \u1100\u1161\u11a8, ﷽",
    "tab\tinside, nbsp\u00a0here, zero\u200bwidth, BOM\ufeff, U+FFFD \ufffd, noncharacter \U0010ffff",
)


def article(article_id: str, *texts: str, kinds: Sequence[ParagraphKind] = (), **fields: object) -> Article:
    kinds = kinds or [ParagraphKind.BODY] * len(texts)
    text, paragraphs = join_pieces(zip(kinds, texts, strict=True))
    values = {"article_id": article_id, "title": f"Title of {article_id}", **fields}
    return Article(text=text, paragraphs=paragraphs, **values)  # type: ignore[arg-type]


def store_of(folder: Path, *articles: Article) -> ArticleStore:
    path = folder / "articles.sqlite"
    path.unlink(missing_ok=True)
    writer = ArticleStoreWriter(path)
    for one in articles:
        passages = ParagraphChunker().chunk(one)
        writer.add(one, passages, [p.text.encode()[:16] for p in passages])
    writer.close()
    return ArticleStore(path)


FULL = article(
    "full",
    "Bridge falls",
    "The bridge fell on Monday.",
    "Ann LEE / AFP",
    "What now?",
    "Nobody was hurt.",
    kinds=(
        ParagraphKind.HEADLINE,
        ParagraphKind.BODY,
        ParagraphKind.CAPTION,
        ParagraphKind.SUBHEAD,
        ParagraphKind.BODY,
    ),
    url="https://example.org/a?b=c&d",
    source="Daily \"Quote\" 'News'; DROP TABLE articles",
    authors=("Ann Lee", "Zoë 🎈"),
    published_at="2026-09-13T08:30:00+02:00",
    published_at_inferred=True,
    updated_at="2026-09-14",
    origin="dump.txt",
    furniture=("Share this", "Tags: a, b"),
)


def test_an_article_comes_back_equal_in_every_field(tmp_path: Path) -> None:
    bare = article("bare", "One.")
    store = store_of(tmp_path, FULL, bare)

    assert store.article("full") == FULL
    assert store.find("bare") == bare
    assert store.counts() == {"articles": 2, "paragraphs": 6, "passages": 4}


def test_pages_come_back_and_an_older_store_has_none(tmp_path: Path) -> None:
    paged = replace(FULL, paragraphs=tuple(replace(p, page=1 + p.ordinal // 2) for p in FULL.paragraphs))
    store = store_of(tmp_path, paged, article("bare", "No pages."))
    assert store.article("full") == paged
    assert [s.paragraph.page for s in store.passages([0, 1, 3])] == [1, 2, None]
    assert [p.page for p in store.article("bare").paragraphs] == [None]
    with closing(sqlite3.connect(tmp_path / "articles.sqlite", isolation_level=None)) as connection:
        connection.execute("DROP TABLE pages")
    older = ArticleStore(tmp_path / "articles.sqlite")
    assert older.article("full") == FULL
    assert [s.paragraph.page for s in older.passages([0, 1, 3])] == [None, None, None]


def test_a_summary_counts_all_paragraphs_but_headlines(tmp_path: Path) -> None:
    (summary,) = store_of(tmp_path, FULL).articles(10)

    assert summary.paragraph_count == 4
    for name in summary.__dataclass_fields__:
        if name != "paragraph_count":
            assert getattr(summary, name) == getattr(FULL, name)


@pytest.mark.parametrize("text", HARD_TEXTS)
def test_offsets_are_code_points_in_any_script(tmp_path: Path, text: str) -> None:
    one = article("a", text, f"{text} {text}", title=text, authors=(text,))
    store = store_of(tmp_path, one)

    assert store.article("a") == one
    for start in range(len(one.text)):
        assert store.slice("a", start, start + 3) == one.text[start : start + 3]
    (first, second) = store.passages([0, 1])
    assert (first.paragraph, second.paragraph) == one.paragraphs
    assert store.allowed_rows(Filters(authors=(text,)), None, 2).tolist() == [True, True]  # type: ignore[union-attr]


words = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=60).filter(
    str.strip
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(words, min_size=1, max_size=4), title=words, data=st.data())
def test_every_text_comes_back_and_every_slice_agrees(
    tmp_path: Path, texts: list[str], title: str, data: st.DataObject
) -> None:
    one = article("a", *texts, title=title)
    store = store_of(tmp_path, one)

    assert store.article("a") == one
    start = data.draw(st.integers(0, len(one.text)))
    end = data.draw(st.integers(start, len(one.text) + 5))
    assert store.slice("a", start, end) == one.text[start:end]
    for stored in store.passages(range(store.counts()["passages"])):
        assert stored.passage.text == one.text[stored.passage.start : stored.passage.end]
        assert stored.paragraph == one.paragraphs[stored.passage.main]


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (-3, -1), (3, 3), (5, 2), (400, 500)])
def test_a_slice_that_is_none_is_empty(tmp_path: Path, start: int, end: int) -> None:
    assert store_of(tmp_path, FULL).slice("full", start, end) == ""


def test_an_unknown_article_is_named(tmp_path: Path) -> None:
    store = store_of(tmp_path, FULL)
    for unknown in ("", "Full", "full ", "x' OR '1'='1", "\ud800", "a\x00b"):
        assert store.find(unknown) is None
        assert store.slice(unknown, 0, 5) == ""
        with pytest.raises(ArticleNotFound, match="No article has the id"):
            store.article(unknown)


def test_articles_come_newest_first_undated_last_and_page_without_gaps(tmp_path: Path) -> None:
    dates = {
        "b": "2026-01-02",
        "undated-2": None,
        "a": "2026-01-02",
        "late": "2026-01-02T23:00:00",
        "old": "1999-12-31",
        "undated-1": None,
    }
    store = store_of(tmp_path, *(article(i, "Text.", published_at=d) for i, d in dates.items()))
    ordered = ["late", "a", "b", "old", "undated-1", "undated-2"]

    assert [s.article_id for s in store.articles(10)] == ordered
    assert [s.article_id for n in range(6) for s in store.articles(1, n)] == ordered
    assert store.articles(5, 6) == []
    assert store.date_range() == ("1999-12-31", "2026-01-02")
    assert store_of(tmp_path, article("x", "Text.")).date_range() == (None, None)


def test_articles_are_narrowed_down_and_counted(tmp_path: Path) -> None:
    store = store_of(
        tmp_path,
        article("new", "Text.", published_at="2026-01-02", source="Courier", authors=("Ann", "Bo")),
        article("old", "Text.", published_at="2025-12-31T09:00:00Z", source="Courier", authors=("Ann",)),
        article("undated", "Text.", source="Gazette"),
    )
    for filters, fitting in (
        (None, ["new", "old", "undated"]),
        (Filters(sources=("Courier",)), ["new", "old"]),
        (Filters(date_to="2025-12-31"), ["old"]),
        (Filters(authors=("Bo", "Cy"), kinds=(ParagraphKind.TABLE,)), ["new"]),
    ):
        assert [s.article_id for s in store.articles(10, 0, filters)] == fitting
        assert store.count(filters) == len(fitting)


def test_facets_count_sources_and_authors(tmp_path: Path) -> None:
    store = store_of(
        tmp_path,
        article("a", "Text.", published_at="2026-01-02", source="Courier", authors=("Bo", "Ann", "Bo")),
        article("b", "Text.", source="Gazette", authors=("Ann",)),
        article("c", "Text.", source="Courier", authors=("",)),
        article("d", "Text."),
    )
    assert store.facets == Facets(
        sources=(FacetValue("Courier", 2), FacetValue("Gazette", 1)),
        authors=(FacetValue("Ann", 2), FacetValue("Bo", 1)),
        first_date="2026-01-02",
        last_date="2026-01-02",
    )


def test_passages_come_in_the_order_that_is_asked_for(tmp_path: Path) -> None:
    store = store_of(tmp_path, FULL, article("b", "One.", "Two."))

    assert [s.row for s in store.passages([3, 0, 2])] == [3, 0, 2]
    assert store.passages([]) == []
    assert store.main_paragraphs([4, 0]) == {4: (1, 1), 0: (0, 1)}
    headed = store.passages([2])[0]
    assert headed.passage.text == "What now?\n\nNobody was hurt."
    assert (headed.paragraph.text, headed.paragraph.index) == ("Nobody was hurt.", 3)


def test_a_passage_comes_with_the_end_of_the_body_paragraph_in_front_of_it(tmp_path: Path) -> None:
    store = store_of(tmp_path, FULL, article("b", "é" * 300 + "x" * 300, "Two."))
    assert [s.before for s in store.passages([0, 1, 2])] == [
        "",
        FULL.paragraphs[1].text,
        FULL.paragraphs[1].text,
    ]
    assert [s.before for s in store.passages([3, 4])] == ["", "é" * 100 + "x" * 300]


def test_passage_texts_come_row_by_row_and_keys_lead_back_to_the_first_row(tmp_path: Path) -> None:
    store = store_of(tmp_path, article("a", "Same.", "Other."), article("b", "Same."))

    assert list(store.passage_texts()) == [
        PassageText(0, b"Same.", "Title of a", "Same."),
        PassageText(1, b"Other.", "Title of a", "Other."),
        PassageText(2, b"Same.", "Title of b", "Same."),
    ]
    assert store.rows_by_key([b"Same.", b"Other.", b"none"]) == {b"Same.": 0, b"Other.": 1}
    assert dict(store.vector_keys()) == {b"Same.": 2, b"Other.": 1}


# --- filters

ARCHIVE = (
    article("a", "A1.", "A2.", source="AFP", authors=("Ann", "Bob"), published_at="2026-01-10"),
    article(
        "b",
        "B1.",
        "Photo.",
        source="dpa",
        authors=("Bob",),
        published_at="2026-01-20T22:00:00-05:00",
        kinds=(ParagraphKind.BODY, ParagraphKind.CAPTION),
    ),
    article("c", "C1.", source=None, authors=(), published_at=None),
    article("d", "D1.", source="AFP", authors=("Annette",), published_at="2026-02-01"),
)
ROWS = {0: "a", 1: "a", 2: "b", 3: "b", 4: "c", 5: "d"}


@pytest.mark.parametrize(
    ("filters", "as_of", "rows"),
    [
        (Filters(date_from="2026-01-20"), None, [2, 3, 5]),
        (Filters(date_to="2026-01-20"), None, [0, 1, 2, 3]),
        (Filters(date_from="2026-01-10", date_to="2026-01-10"), None, [0, 1]),
        (Filters(date_from="2026-01-20T23:59:59Z", date_to="2026-01-20T00:00:00Z"), None, [2, 3]),
        (Filters(date_from="2027-01-01"), None, []),
        (Filters(), "2026-01-20", [0, 1, 2, 3, 4]),
        (Filters(), "1990-01-01", [4]),
        (Filters(date_from="2026-01-15"), "2026-01-31", [2, 3]),
        (Filters(sources=("AFP",)), None, [0, 1, 5]),
        (Filters(sources=("AFP", "dpa")), None, [0, 1, 2, 3, 5]),
        (Filters(sources=("afp",)), None, []),
        (Filters(authors=("Ann",)), None, [0, 1]),
        (Filters(authors=("Bob", "Annette")), None, [0, 1, 2, 3, 5]),
        (Filters(article_ids=("c", "d", "unknown")), None, [4, 5]),
        (Filters(kinds=(ParagraphKind.CAPTION,)), None, [3]),
        (Filters(kinds=(ParagraphKind.BODY, ParagraphKind.CAPTION)), None, [0, 1, 2, 3, 4, 5]),
        (Filters(kinds=(ParagraphKind.TABLE,)), None, []),
        (Filters(sources=("AFP",), authors=("Bob",), date_to="2026-01-31"), None, [0, 1]),
        (Filters(sources=("AFP",), article_ids=("b",)), None, []),
        (Filters(sources=("\ud800", "dpa")), None, [2, 3]),
        (Filters(authors=("\udfff",), article_ids=("\ud800",)), None, []),
        (Filters(sources=("AFP') OR ('1'='1",)), None, []),
    ],
)
def test_filters_let_through_exactly_what_fits(
    tmp_path: Path, filters: Filters, as_of: str | None, rows: list[int]
) -> None:
    allowed = store_of(tmp_path, *ARCHIVE).allowed_rows(filters, as_of, len(ROWS))

    assert allowed is not None
    assert allowed.dtype == np.bool_
    assert np.flatnonzero(allowed).tolist() == rows


def test_no_filter_allows_all_without_a_mask(tmp_path: Path) -> None:
    assert store_of(tmp_path, *ARCHIVE).allowed_rows(Filters(), None, len(ROWS)) is None


def test_thousands_of_ids_are_one_filter(tmp_path: Path) -> None:
    ids = tuple(f"unknown-{n}" for n in range(20_000))
    allowed = store_of(tmp_path, *ARCHIVE).allowed_rows(Filters(article_ids=(*ids, "d")), None, len(ROWS))
    assert allowed is not None
    assert np.flatnonzero(allowed).tolist() == [5]


# --- life with threads, removal and damage


def test_many_threads_read_at_once(tmp_path: Path) -> None:
    store = store_of(tmp_path, *ARCHIVE)
    wrong: list[object] = []

    def read() -> None:
        for _ in range(50):
            for one in ARCHIVE:
                if store.find(one.article_id) != one:
                    wrong.append(one.article_id)

    threads = [threading.Thread(target=read) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_an_open_store_outlives_its_file(tmp_path: Path) -> None:
    store = store_of(tmp_path, *ARCHIVE)
    (tmp_path / "articles.sqlite").unlink()
    found: list[Article | None] = []

    thread = threading.Thread(target=lambda: found.append(store.find("a")))
    thread.start()
    thread.join()

    assert found == [ARCHIVE[0]]


def test_a_walk_that_is_broken_off_gives_its_connection_back(tmp_path: Path) -> None:
    store = store_of(tmp_path, *ARCHIVE)
    for _ in range(30):
        next(store.passage_texts())
    assert store.counts()["articles"] == 4


@pytest.mark.parametrize(
    "content", [b"", b"no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5000]
)
def test_a_file_that_is_no_store_is_damage(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "articles.sqlite").write_bytes(content)
    said = f"^articles.sqlite of generation {tmp_path.name} cannot be read"
    with pytest.raises(GenerationDamaged, match=said):
        ArticleStore(tmp_path / "articles.sqlite").counts()


def test_a_store_is_opened_by_its_path_whatever_stands_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "100% ?mode=rw#x é"
    folder.mkdir()
    assert store_of(folder, FULL).article("full") == FULL
