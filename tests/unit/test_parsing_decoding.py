"""Bytes to clean text."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.parsing.charsets import known_encoding
from qa_service.parsing.decoding import clean, decode, decode_markup, one_line
from qa_service.parsing.draft import Unreadable


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings_with_a_mark(encoding):
    assert decode("Köln 😀\r\nzwei\rdrei".encode(encoding), "a") == "Köln 😀\nzwei\ndrei"


def test_big_endian():
    assert decode(b"\xfe\xff" + "Köln".encode("utf-16-be"), "a") == "Köln"


def test_windows_1252_has_its_quotes(caplog):
    assert decode("“Café” – 5 €".encode("cp1252"), "a.txt") == "“Café” – 5 €"
    assert "a.txt" in caplog.text


def test_damaged_utf_8_keeps_its_sound_part(caplog):
    assert decode("“Ünlü” ".encode() + b"\xe2\x80" + " “so”".encode(), "a.txt") == "“Ünlü” \ufffd “so”"
    assert "1 places" in caplog.text


@pytest.mark.parametrize(
    "data", [b"a\x00b", b"\x81\x8d\x90\x9d", b"\x01\x02\x03abc", b"\xff\xfe\x00", b"\n \t", b"\xef\xbb\xbf"]
)
def test_what_is_no_text(data):
    with pytest.raises(Unreadable):
        decode(data, "a")


def test_composed():
    assert clean("e\u0301\r\nx\0\ud83d") == "é\nx\ufffd\ufffd"


@given(st.text(max_size=80))
def test_clean_is_stable_and_composed(text):
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert "\r" not in once
    once.encode()


def test_runs_of_combining_marks_take_no_quadratic_time():
    text = "a" + "\u0301\u0316" * 100_000
    started = time.process_time()
    assert len(clean(text)) > 200_000
    assert time.process_time() - started < 2


def test_one_line():
    assert one_line(" a\n\tb\u00a0 c ") == "a b c"


@pytest.mark.parametrize(
    ("declaration", "encoding"),
    [
        ("<meta charset=windows-1251>", "cp1251"),
        ("<meta charset='KOI8-R'>", "koi8-r"),
        ('<meta http-equiv=Content-Type content="text/html; charset=koi8-r">', "koi8-r"),
        ('<?xml version="1.0" encoding="Windows-1251"?>', "cp1251"),
        ("<meta charset=utf-8>", "utf-8"),
        ("<meta charset=iso-8859-5>", "utf-8"),  # sound UTF-8 goes before a wrong declaration
        ("<meta charset=utf-16>", "utf-8"),
    ],
)
def test_markup_says_its_encoding(declaration, encoding):
    text = f"{declaration}<p>Последний паром ушёл в воскресенье."
    assert decode_markup(text.encode(encoding), "a") == text


def test_markup_whose_declaration_fits_badly_is_noted(caplog):
    assert "caf\ufffd" in decode_markup(b"<meta charset=windows-1252><p>caf\x81 \x8d", "a.html")
    assert "2 places are no CP1252" in caplog.text


@pytest.mark.parametrize("label", ["utf-7", "idna", "unicode_escape", "rot13", "zlib", "x", "\0", "punycode"])
def test_labels_that_are_no_encodings_of_text(label):
    assert known_encoding(label) is None


def test_latin_1_has_the_quotes_of_windows():
    assert known_encoding(" ISO-8859-1 ") == "cp1252"


RUSSIAN = "Последний паром отправится в воскресенье вечером, сообщили в понедельник власти округа."
GERMAN = "Die letzte Fähre fährt am Sonntag – „übermorgen“ größer als je."


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        (RUSSIAN, "cp1251", "Windows-1251"),
        (RUSSIAN, "koi8-r", "KOI8-R"),
        (RUSSIAN.upper(), "koi8-r", "KOI8-R"),
        (RUSSIAN[10:30], "cp1251", "Windows-1251"),
        (RUSSIAN[10:30], "koi8-r", "KOI8-R"),
        (GERMAN, "cp1252", "Windows-1252"),
        (GERMAN, "utf-16-le", "UTF-16-LE"),
        (RUSSIAN, "utf-16-be", "UTF-16-BE"),
    ],
)
def test_undeclared_encodings_are_told_by_their_words_and_noted(text, encoding, name, caplog):
    assert decode(text.encode(encoding), "a.txt") == text
    assert f"read as {name}" in caplog.text


@given(
    st.text(st.sampled_from("оеаинтсрвлкмдпу ОЕА.,\n")),
    st.sampled_from(["cp1251", "koi8-r", "cp866"]),
)
def test_no_byte_of_an_undeclared_encoding_is_lost(text, encoding):
    text = "Последний паром. " + text  # two or three letters alone may be sound UTF-8 by accident
    try:
        found = decode(text.encode(encoding), "a")
    except Unreadable as reason:
        assert "encoding" in str(reason) or "binary" in str(reason)  # noqa: PT017 - either end is good
    else:
        assert len(found) == len(text)


def test_few_nuls_are_replaced_and_noted(caplog):
    text = "The ferry\0 sails on Sunday evening, the county said.\0"
    assert decode(text.encode(), "a.txt") == text.replace("\0", "\ufffd")
    assert "a.txt: 2 NULs or lone surrogates were replaced" in caplog.text


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\n\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1251"])
def test_line_ends_in_every_encoding(newline, encoding):
    text = f"{RUSSIAN}{newline}{RUSSIAN}"
    assert decode(text.encode(encoding), "a").split() == text.split()
    assert "\r" not in decode(text.encode(encoding), "a")


@pytest.mark.parametrize("encoding", ["cp1251", "koi8_r", "cp1252"])
def test_a_declaration_of_utf_8_that_the_bytes_contradict_is_not_believed(encoding, caplog):
    text = {"cp1252": "Der Bürgermeister grüßte die Gäste."}.get(
        encoding, "Паром вышел из порта в среду утром."
    )
    page = '<meta charset="utf-8">' + text
    assert decode_markup(page.encode(encoding), "a.html") == page
    assert "no UTF-8; read as" in caplog.text


def test_a_declared_file_that_fits_no_encoding_keeps_its_sound_part(caplog):
    data = b'<meta charset="utf-8">The ferry \x81\x8d sank.'
    assert decode_markup(data, "a.html") == '<meta charset="utf-8">The ferry \ufffd\ufffd sank.'
    assert "2 places are no UTF-8" in caplog.text
