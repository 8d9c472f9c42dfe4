"""Word documents: order, kinds, text boxes and changes, properties, and archives that are none."""

import zipfile
from datetime import datetime

import docx
import pytest
from docx.oxml import parse_xml

from qa_service.parsing import zips
from tests.unit.parsing_checks import read

NAMES = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@pytest.fixture
def read_docx(tmp_path):
    def read_written(document):
        document.save(tmp_path / "ferry_notes.docx")
        return read(tmp_path / "ferry_notes.docx")

    return read_written


def kinds_of(article):
    return [(p.kind.value, p.text) for p in article.paragraphs]


def test_a_document_in_its_order(read_docx):
    document = docx.Document()
    document.core_properties.author = "Jane Doe; Tom Roe"
    document.core_properties.title = "Draft 3 final"
    document.core_properties.created = datetime(2025, 3, 3, 6, 30)
    document.add_heading("Last ferry sails on Sunday", 0)
    document.add_paragraph("The ferry sails on Sunday,\tthe county said.")
    document.add_paragraph("A bus will follow.").add_run("\nIt is free.")
    document.add_heading("What comes next", 1)
    table = document.add_table(rows=2, cols=2)
    for cell, words in zip(
        (c for row in table.rows for c in row.cells), ("Year", "Riders", "2019", "132"), strict=True
    ):
        cell.text = words
    document.add_paragraph("Line 14 runs to the church.", style="List Bullet")
    document.add_paragraph("The harbour at dusk", style="Caption")
    document.add_paragraph("Correction: The ferry sails at six.")
    (article,), skipped = read_docx(document)
    assert skipped == []
    assert kinds_of(article) == [
        ("headline", "Last ferry sails on Sunday"), ("body", "The ferry sails on Sunday, the county said."),
        ("body", "A bus will follow.\nIt is free."), ("subhead", "What comes next"),
        ("table", "Year | Riders\n2019 | 132"), ("body", "Line 14 runs to the church."),
        ("caption", "The harbour at dusk"), ("correction", "Correction: The ferry sails at six."),
    ]  # fmt: skip
    assert article.title == "Last ferry sails on Sunday"
    assert article.authors == ("Jane Doe", "Tom Roe")
    assert (article.published_at, article.published_at_inferred) == ("2025-03-03", True)


def test_a_bold_first_line_is_the_title(read_docx):
    document = docx.Document()
    document.add_paragraph().add_run("Last ferry sails").bold = True
    document.add_paragraph("By Jane Doe")
    document.add_paragraph("The ferry sails on Sunday.")
    (article,), _ = read_docx(document)
    assert kinds_of(article) == [("headline", "Last ferry sails"), ("body", "The ferry sails on Sunday.")]
    assert "Jane Doe" in article.authors


def test_the_properties_title_stands_in(read_docx):
    document = docx.Document()
    document.core_properties.title = "Last ferry"
    document.add_paragraph("The ferry sails on Sunday.")
    (article,), _ = read_docx(document)
    assert article.title == "Last ferry"


def test_inserted_words_and_text_boxes_are_read_deleted_ones_not(read_docx):
    document = docx.Document()
    paragraph = document.add_paragraph("The ferry sails on ")
    for part in (
        f"<w:ins {NAMES}><w:r><w:t>Sunday</w:t></w:r></w:ins>",
        f"<w:del {NAMES}><w:r><w:delText>Monday</w:delText></w:r></w:del>",
        f"<w:r {NAMES}><w:pict><w:txbxContent><w:p><w:r><w:t>In a box.</w:t></w:r></w:p></w:txbxContent>"
        "</w:pict></w:r>",
    ):
        paragraph._p.append(parse_xml(part))
    (article,), _ = read_docx(document)
    assert [p.text for p in article.paragraphs if p.kind.value == "body"] == [
        "The ferry sails on Sunday",
        "In a box.",
    ]


def test_a_blank_document_is_skipped(read_docx):
    articles, (skipped,) = read_docx(docx.Document())
    assert articles == []
    assert "no article text" in skipped.reason


@pytest.mark.parametrize("data", [b"PK\x03\x04 no zip", b"\xd0\xcf\x11\xe0 an old .doc", b"x"])
def test_what_is_no_archive_is_skipped(tmp_path, data):
    (tmp_path / "a.docx").write_bytes(data)
    articles, (skipped,) = read(tmp_path)
    assert articles == []
    assert "zip archive" in skipped.reason


def test_another_archive_is_skipped(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        archive.writestr("a.txt", "words")
    articles, (skipped,) = read(tmp_path)
    assert articles == []
    assert "Word document" in skipped.reason


def test_an_archive_that_unpacks_to_very_much_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(zips, "LARGEST_UNPACKED", 1 << 20)
    with zipfile.ZipFile(tmp_path / "a.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (2 << 20))
    articles, (skipped,) = read(tmp_path)
    assert articles == []
    assert "1 parts that unpack to 2 MiB" in skipped.reason
