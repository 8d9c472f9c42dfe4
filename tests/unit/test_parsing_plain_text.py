"""Plain text: dumps of differing habits, the first archive, and what holds for any text."""

import json
import re
import textwrap
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain import ParagraphKind
from qa_service.parsing.decoding import clean
from qa_service.parsing.draft import Draft, Unreadable
from qa_service.parsing.lines import is_separator
from qa_service.parsing.plain_text import read_articles, read_plain_text
from tests.unit.parsing_checks import assert_sound
from tests.unit.shared_folder import needs_shared, shared_folder

DUMPS = sorted((Path(__file__).parents[1] / "articles").glob("*.txt"))


def articles_of(text: str) -> list[Draft]:
    articles = list(read_articles(clean(text), "dump.txt", "dump"))
    for article in articles:
        assert_sound(article)
    return articles


def kinds_of(article: Draft) -> list[tuple[str, str]]:
    return [(paragraph.kind.value, paragraph.text) for paragraph in article.paragraphs]


def test_there_are_dumps():
    assert len(DUMPS) >= 16


@pytest.mark.parametrize("dump", DUMPS, ids=lambda path: path.stem)
def test_a_dump_is_read_as_expected(dump):
    expected = json.loads(dump.with_suffix(".expected.json").read_text(encoding="utf-8"))["articles"]
    got = [
        {
            "title": article.title,
            "published_at": article.published_at,
            "published_at_inferred": article.published_at_inferred,
            "paragraphs": [{"kind": kind, "text": text} for kind, text in kinds_of(article)],
        }
        for article in read_plain_text(dump, dump.name)
    ]
    assert [article["title"] for article in got] == [article["title"] for article in expected]
    assert got == expected


@pytest.mark.parametrize("dump", DUMPS, ids=lambda path: path.stem)
@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_newlines_do_not_matter(dump, newline):
    text = dump.read_text(encoding="utf-8")
    assert articles_of(text.replace("\n", newline)) == articles_of(text)


def test_metadata_lines_are_read_and_left_out_of_the_text():
    dump = next(path for path in DUMPS if path.stem == "front_page_menu")
    first, second, third = read_plain_text(dump, dump.name)
    assert first.authors == ("Jonna Fell", "Aksel Brandt")
    assert (second.authors, second.updated_at) == (("Aksel Brandt",), "2025-05-07")
    assert third.authors == ()
    assert "By our Carrow correspondent" in third.furniture
    assert "Read more: Where the rye grows" in first.furniture
    assert "Share on Facebook" in first.furniture


def test_fields_above_a_story_are_read():
    dump = next(path for path in DUMPS if path.stem == "headed_fields")
    first, second = read_plain_text(dump, dump.name)
    assert (first.source, first.url) == ("Tollvik Courier", "https://courier.example/pilot")
    assert (first.authors, second.authors) == (("Ella Strand",), ("Per Nystad",))


@pytest.fixture(scope="module")
def seed_text() -> str:
    return (shared_folder() / "seed" / "articles.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def seed_articles(seed_text) -> list[Draft]:
    return articles_of(seed_text)


@needs_shared
class TestSeed:
    """The first archive."""

    def test_titles(self, seed_articles):
        titles = json.loads((shared_folder() / "gold" / "seed_titles.json").read_text(encoding="utf-8"))
        assert [article.title for article in seed_articles] == titles

    def test_every_line_stands_in_its_article_in_order(self, seed_text, seed_articles):
        kept = [paragraph.text for article in seed_articles for paragraph in article.paragraphs]
        furniture = [line for article in seed_articles for line in article.furniture]
        lines = [line.strip() for line in seed_text.splitlines() if line.strip()]
        assert [line for line in lines if line not in furniture] == kept
        assert furniture == ["European Union, Ogbonnaya Onu, Science and technology"] * 2

    def test_inner_headings_and_captions(self, seed_articles):
        subheads = [
            text for article in seed_articles for kind, text in kinds_of(article) if kind == "subhead"
        ]
        captions = [
            text for article in seed_articles for kind, text in kinds_of(article) if kind == "caption"
        ]
        assert len(subheads) == 11
        assert {"– ‘Sanction Lukashenko’ –", "‘Deeply alarming’", "– NATO ‘stirrings’ –"} <= set(subheads)
        assert len(captions) == 18
        assert sum(caption.startswith("File photo:") for caption in captions) == 2
        bodies = [text for article in seed_articles for kind, text in kinds_of(article) if kind == "body"]
        assert all(body.endswith((".", "”", ":")) for body in bodies)

    def test_dates_come_from_captions_that_are_no_file_photos(self, seed_articles):
        assert [article.published_at for article in seed_articles] == [
            "2020-09-21", "2020-09-19", None, "2020-09-05", "2020-09-03", "2020-08-29",
            "2020-08-28", None, "2020-08-23", "2020-08-16", None, None,
        ]  # fmt: skip
        assert all(article.published_at_inferred == bool(article.published_at) for article in seed_articles)

    @pytest.mark.parametrize("separator", ["***", "* * *", "-----", "=====", "###", "~~~~", "\f"])
    def test_separators_change_nothing(self, seed_text, seed_articles, separator):
        parted = seed_text
        for article in seed_articles[1:]:
            parted = parted.replace(f"\n{article.title}\n", f"\n\n{separator}\n\n{article.title}\n")
        assert articles_of(parted) == seed_articles

    def test_one_blank_line_everywhere(self, seed_text, seed_articles):
        assert articles_of(re.sub(r"\n{3,}", "\n\n", seed_text)) == seed_articles

    def test_hard_wrapped(self, seed_text, seed_articles):
        lines = (
            textwrap.fill(line, 72, break_on_hyphens=False) if line else "" for line in seed_text.split("\n")
        )
        assert articles_of("\n".join(lines)) == seed_articles

    def test_one_line_paragraphs(self, seed_text, seed_articles):
        spread = seed_text
        for article in seed_articles[1:]:
            spread = spread.replace(f"\n{article.title}\n", f"\n\n\n\n\n{article.title}\n")
        assert articles_of(re.sub(r"(?<!\n)\n\n(?!\n)", "\n", spread)) == seed_articles


BODY = "The council met on Tuesday and closed the old road at once."
OTHER = "Nobody in the hall spoke against it, and the mayor thanked them."


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        (f"A headline in sentence case\n\n{BODY}\n\n\nAnother one that is long enough\n\n{OTHER}", 2),
        (f"Old Road Closed At Once\n{BODY}\n\nAnother Road Is Closed Too\n{OTHER}", 2),
        (f"Old Road Closed At Once\n\n{BODY}\n\n***\n\n{OTHER}", 1),
        (f"Old Road Closed At Once\n\n{BODY}\n\nFive Words In Title Case\n\n{OTHER}", 1),
        (f"=====\nOld road\n=====\n\n{BODY}\n\n=====\nNew road\n=====\n\n{OTHER}", 2),
        (f"Who closed the road?\n\n{BODY}\n\n-----\n\nWhy was it closed?\n\n{OTHER}", 2),
        (f"‘A good old road’\n\n{BODY}\n\n\n‘One loaf for us all’\n\nBread. Ida MOORCROFT / NPA\n\n{OTHER}", 2),
        (f"Why is the road closed?\n\n{BODY}\n\n\nCan one loaf feed us all?\n\n{OTHER}", 2),
        (f"# Road closes\n\n{BODY}\n\n## Cars\n\n{OTHER}\n\n# Bread\n\n{OTHER}", 2),
        (f"--- 1 ---\n\nOld road to close\n\n{BODY}\n\n--- 2 ---\n\nOne loaf for all\n\n{OTHER}", 2),
        (f"May 2, 2025\nOld road to close\n\n{BODY}\n\n----\n\nMay 3, 2025\nOne loaf for all\n\n{OTHER}", 2),
        (f"Old road closed at once\n\n(NPA) - {BODY}\n\nOne loaf for us all soon\n\nORLE, May 2 (NPA) - {OTHER}", 2),
        (f"Old Road Closed At Once\n\nA vote after three accidents\n\nBy Ann Lee\n\n{BODY}", 1),
        (f"Mayor Flies To The U.S.\n\n{BODY}", 1),
        (f"Poland/Belarus Border Road Closed\n\n{BODY}\n\n{OTHER}", 1),
        ("\n\n----\n\n".join(f"{t}\n\n{BODY}" for t in ("We lost", "They won", "It was close.", "The end")), 4),
    ],
)  # fmt: skip
def test_how_many_articles(text, titles):
    assert len(articles_of(text)) == titles


def test_text_without_a_title_is_named_after_its_file():
    (article,) = articles_of(f"{BODY}\n\n{OTHER}")
    assert article.title == "dump"
    assert kinds_of(article) == [("body", BODY), ("body", OTHER)]


def test_a_list_of_short_lines_is_no_row_of_headings():
    (article,) = articles_of(
        f"Old Road Closed At Once\n\n{BODY}\n\nFennick\n\nLindmoor\n\nTollvik\n\n{OTHER}"
    )
    assert [kind for kind, _ in kinds_of(article)] == ["headline"] + ["body"] * 5


def test_a_question_that_comes_again_in_one_article_is_kept():
    turns = "\n\n".join(f"What do you eat?\n\n{line}" for line in (BODY, OTHER, BODY + " Yes."))
    (article,) = articles_of(f"Three People On Their Breakfasts\n\n{turns}")
    assert sum("What do you eat?" in text for _, text in kinds_of(article)) == 3


def test_a_dated_first_paragraph_set_apart_is_a_caption():
    text = (
        f"Old Road Closed At Once\n\nThe old road in Fennick on May 2, 2025.\n\n\n{BODY}\n\n{OTHER}\n\n{BODY}"
    )
    (article,) = articles_of(text)
    assert article.paragraphs[1].kind is ParagraphKind.CAPTION
    assert (article.published_at, article.published_at_inferred) == ("2025-05-02", True)


def test_nothing_but_menus_is_no_article():
    with pytest.raises(Unreadable, match="no article text"):
        articles_of("Home | News | Sport\n\nShare this\n\n")


LINES = st.one_of(
    st.text(max_size=90),
    st.sampled_from(
        [
            "", "", "", "***", "-----", "\f", "Old Road Closed At Once", "– ‘On foot’ –", BODY, OTHER,
            "A bus on May 2, 2025. Ida MOORCROFT / NPA", "Lasse HOLM / NPA", "Share this", "By Ella Strand",
            "Fennick, Road works, Science and nature", "Published: 2025-05-02", "TOLLVIK, May 3, 2025 (NPA) — Fog.",
            "• one", "1. one", "Title: A road", "Correction: It was the new road.", "    indented", "=====",
        ]
    ),
)  # fmt: skip


def words_of(text: str) -> Counter[str]:
    """Every word of a text; marks of punctuation alone part words here."""
    return Counter(re.findall(r"\w+", text))


@given(st.lists(LINES, max_size=30), st.sampled_from(["\n", "\n\n", "\r\n"]))
def test_no_word_is_lost_or_made_up(lines, newline):
    text = clean(newline.join(lines))
    try:
        articles = articles_of(text)
    except Unreadable:
        return
    got: Counter[str] = Counter()
    for article in articles:
        got += words_of(article.text) + words_of("\n".join(article.furniture))
    separators = (line for line in text.split("\n") if is_separator(line))
    wanted = words_of(text) - sum((words_of(line) for line in separators), Counter())
    # The numbers of numbered titles and the names of title fields go with the layout.
    lost = {word for word in wanted - got if not word.isdigit() and word.lower() not in {"title", "headline"}}
    assert lost == set()
    assert got - wanted == Counter()


@pytest.mark.parametrize(
    "line",
    [
        "A B",
        "Old Road Closed At Once",
        "Lasse HOLM / NPA",
        "a",
        "   a. b",
        "– A –",
        "Share this",
        "One: two",
        "May 2, 2025",
        BODY,
    ],
)
@pytest.mark.parametrize("parting", ["\n", "\n\n"])
def test_time_grows_no_faster_than_the_file(line, parting):
    """With time quadratic in the lines, 15,000 of them would take minutes."""
    text = parting.join(f"{line}{number % 5000}" for number in range(15_000))
    started = time.process_time()
    assert sum(1 for _ in read_articles(text, "dump.txt", "dump")) > 0
    assert time.process_time() - started < 10
