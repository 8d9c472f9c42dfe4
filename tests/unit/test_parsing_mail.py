"""Mail: heads in any encoding, plain text before HTML, attachments named, and what is no mail."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.parsing_checks import read

HEAD = (
    "From: =?koi8-r?B?6dfBziDpwc7P1w==?= <ivan@example.org>\n"
    "Date: Mon, 3 Mar 2025 06:30:00 +0100\nSubject: Last ferry\n"
)
DEEP = "\n--b\nContent-Type: multipart/mixed; boundary=b\n" * 99


@pytest.fixture
def read_mail(tmp_path):
    def read_written(data):
        (tmp_path / "a.eml").write_bytes(data if isinstance(data, bytes) else data.encode())
        return read(tmp_path / "a.eml")

    return read_written


def test_a_plain_mail(read_mail):
    body = "The ferry sails on Sunday.\n\nA bus will follow, and it is free of charge.\n"
    (article,), skipped = read_mail(f"{HEAD}\n{body}")
    assert skipped == []
    assert [(p.kind.value, p.text) for p in article.paragraphs] == [
        ("headline", "Last ferry"), ("body", "The ferry sails on Sunday."),
        ("body", "A bus will follow, and it is free of charge."),
    ]  # fmt: skip
    assert article.authors == ("Иван Ианов",)
    assert article.published_at == "2025-03-03T06:30:00+01:00"


@pytest.mark.parametrize(
    ("charset", "transfer"), [("koi8-r", "base64"), ("windows-1251", "8bit"), ("utf-8", "quoted-printable")]
)
def test_bodies_in_other_encodings(read_mail, charset, transfer):
    message = EmailMessage()
    message["Subject"] = "Паром"
    message.set_content("Последний паром уйдёт в воскресенье.\n", charset=charset, cte=transfer)
    (article,), _ = read_mail(message.as_bytes())
    assert (article.title, article.paragraphs[1].text) == ("Паром", "Последний паром уйдёт в воскресенье.")


def test_html_is_read_where_there_is_no_plain_text(read_mail):
    message = EmailMessage()
    message["Subject"] = "Ferry"
    message.set_content("<h2>Ferry</h2><p>It sails on <b>Sunday</b>.</p><script>x()</script>", subtype="html")
    (article,), _ = read_mail(message.as_bytes())
    assert [p.text for p in article.paragraphs[1:]] == ["Ferry", "It sails on Sunday."]


def test_of_two_forms_the_plain_one_is_read_and_attachments_are_named(read_mail):
    message = EmailMessage()
    message["Subject"] = "Ferry"
    message.set_content("It sails on Sunday.")
    message.add_alternative("<p>It sails on Sunday.</p>", subtype="html")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="plan.pdf")
    (article,), (skipped,) = read_mail(message.as_bytes())
    assert [p.text for p in article.paragraphs] == ["Ferry", "It sails on Sunday."]
    assert skipped.origin == "a.eml: plan.pdf"
    assert "attachment" in skipped.reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("Just some words.\n\nMore words.\n", "no mail"),
        (HEAD, "no words"),
        (HEAD + "\n \n", "no words"),
        (HEAD + "Content-Type: multipart/mixed; boundary=b\n" + DEEP, ""),
    ],
)  # fmt: skip
def test_what_is_no_mail_is_skipped(read_mail, data, reason):
    articles, (skipped,) = read_mail(data)
    assert articles == []
    assert reason in skipped.reason


LINES = st.sampled_from(
    ["From: a@b", "Subject: =?x?q?y?=", "Content-Type: text/plain; charset=nope", "Content-Transfer-Encoding: base64",
     "Content-Type: multipart/mixed; boundary=b", "--b", "--b--", "", "Words of a story.", "Date: soon"]
)  # fmt: skip


@given(st.lists(st.one_of(LINES, st.text(max_size=20)), max_size=20).map("\n".join))
def test_any_mail_gives_articles_or_reasons(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("mail") / "a.eml"
    path.write_bytes(text.encode("utf-8", "replace"))
    articles, skipped = read(path)
    assert articles or skipped
