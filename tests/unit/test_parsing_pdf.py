"""PDF files: reading order, paragraphs, mended words, pages, and pages that hold no text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_service.parsing.pdf_lines import Line
from qa_service.parsing.pdf_paragraphs import paragraphs_of
from tests.unit.parsing_checks import read
from tests.unit.pdf_writing import PICTURE, Text, column, write_pdf

LEFT = [
    "The last ferry between Tollvik and the island of Norr-",
    "holm will sail on Sunday evening, the county said, and",
    "a well-known bus line will take its place.",
    "  Passenger numbers fell to 41 a day last winter, a third",
    "of what they were before the bridge, which is well-",
    "known for its view, was opened by the mayor of Norrholm",
]
RIGHT = [
    "in the spring of 2021.",
    "  A bus will cross the bridge every hour. It is free of",
    "charge until the end of the year for all who live there.",
]
HEAD = Text(60, 820, "Tollvik Courier, 3 March 2025", 8)


def ferry_page(number: int, *more: Text) -> list[Text]:
    return [HEAD, *more, *column(60, 740, LEFT), *column(320, 740, RIGHT), Text(290, 30, str(number), 8)]


@pytest.fixture
def read_pdf(tmp_path):
    def read_pages(*pages, info=""):
        path = tmp_path / "ferry_notes.pdf"
        path.write_bytes(write_pdf(pages, info))
        return read(path)

    return read_pages


def test_columns_are_read_one_after_another_and_words_mended(read_pdf):
    title = Text(60, 780, "Last ferry sails on Sunday", 20)
    byline = Text(60, 757, "By Jane Doe")
    (article,), skipped = read_pdf(ferry_page(1, title, byline), ferry_page(2), ferry_page(3))
    assert skipped == []
    assert article.title == "Last ferry sails on Sunday"
    assert article.authors == ("Jane Doe",)
    assert [(p.kind.value, p.page, p.text) for p in article.paragraphs][:4] == [
        ("headline", 1, "Last ferry sails on Sunday"),
        ("body", 1, "The last ferry between Tollvik and the island of Norrholm will sail on Sunday evening, the"
                    " county said, and a well-known bus line will take its place."),
        ("body", 1, "Passenger numbers fell to 41 a day last winter, a third of what they were before the bridge,"
                    " which is well-known for its view, was opened by the mayor of Norrholm in the spring of 2021."),
        ("body", 1, "A bus will cross the bridge every hour. It is free of charge until the end of the year for"
                    " all who live there."),
    ]  # fmt: skip
    assert [p.page for p in article.paragraphs] == [1, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert set(article.furniture) == {"By Jane Doe", HEAD.words, "1", "2", "3"}


def test_a_paragraph_goes_on_over_the_page(read_pdf):
    first = column(60, 740, ["The mayor opened the bridge and", "said that the old ferry would"])
    second = column(60, 740, ["go on for a year at least, and", "perhaps for two."])
    (article,), _ = read_pdf(first, second)
    assert [(p.page, p.text[-27:]) for p in article.paragraphs] == [(1, "least, and perhaps for two.")]


def test_headings_by_size_and_weight(read_pdf):
    lines = [
        Text(60, 780, "Last ferry sails", 20),
        *column(
            60, 740, ["The last ferry sails on Sunday evening, the county said,", "and a bus will follow."]
        ),
        Text(60, 700, "What comes next", 10, bold=True),
        *column(60, 688, ["A bus will cross the bridge every hour, and it is free of", "charge."]),
        Text(60, 650, "The bridge", 13),
        *column(60, 630, ["It was opened in 2021."]),
    ]
    (article,), _ = read_pdf(lines)
    assert [p.kind.value for p in article.paragraphs] == [
        "headline",
        "body",
        "subhead",
        "body",
        "subhead",
        "body",
    ]


def test_properties_state_what_the_text_does_not(read_pdf):
    info = "/Title(Ferry to Norrholm)/Author(Jane Doe)/CreationDate(D:20250303063000+01'00')"
    (article,), _ = read_pdf(column(60, 740, ["The ferry sails on Sunday."]), info=info)
    assert (article.title, article.authors) == ("Ferry to Norrholm", ("Jane Doe",))
    assert (article.published_at, article.published_at_inferred) == ("2025-03-03", True)


@pytest.mark.parametrize("title", ["Microsoft Word - a.doc", "a.indd", "untitled"])
def test_a_title_that_a_program_made_up_is_none(read_pdf, title):
    (article,), _ = read_pdf(column(60, 740, ["The ferry sails on Sunday."]), info=f"/Title({title})")
    assert article.title == "ferry notes"


def test_scanned_pages_are_named(read_pdf):
    (article,), (skipped,) = read_pdf(
        column(60, 740, ["The ferry sails."]), PICTURE, PICTURE, PICTURE, [], PICTURE
    )
    assert article.text == "The ferry sails."
    assert skipped.origin == "ferry_notes.pdf"
    assert skipped.reason.startswith("pages 2-4, 6 with pictures but no text")


def test_a_file_without_text_is_named(read_pdf):
    articles, (skipped,) = read_pdf(PICTURE, PICTURE)
    assert articles == []
    assert "no text on any of its 2 pages" in skipped.reason


@pytest.mark.parametrize("data", [b"no PDF", b"%PDF-1.4\n", b"%PDF-1.7\n1 0 obj\n<<" * 100])
def test_what_is_no_pdf_is_skipped(tmp_path, data):
    (tmp_path / "a.pdf").write_bytes(data)
    articles, (skipped,) = read(tmp_path)
    assert (articles, skipped.reason) == ([], "no PDF, or a damaged one")


def lines_of(*texts):
    return [Line(text, 1, 60, 300, 700 - 12 * n, 10, False, False) for n, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("the foot-", "ball match", "the football match"),
        ("the Austro-", "Hungarian army", "the Austro-Hungarian army"),
        ("the years 1914-", "1918 were", "the years 1914- 1918 were"),
        ("a ferry -", "the last", "a ferry - the last"),
        ("a self-", "made man (self-made)", "a self-made man (self-made)"),
    ],
)
def test_broken_words(before, after, joined):
    (found,) = paragraphs_of(lines_of(before, after))
    assert found.block.text == joined


@settings(deadline=None)
@given(st.lists(st.text(st.characters(codec="cp1252", categories=["L", "N", "P"]), min_size=1, max_size=9), min_size=1,
                max_size=30))  # fmt: skip
def test_no_letter_is_lost(words):
    found = paragraphs_of(lines_of(*words))
    kept = "".join(one.block.text for one in found).replace(" ", "").replace("-", "")
    assert sorted(kept) == sorted("".join(words).replace("-", ""))
