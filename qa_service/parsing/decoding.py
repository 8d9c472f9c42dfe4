"""Bytes of a file to clean Unicode text: newlines, composed characters, and a remark on what was replaced."""

import logging
import re
import unicodedata
from pathlib import Path

from qa_service.parsing.charsets import decoded, known_encoding
from qa_service.parsing.draft import Unreadable

_LOG = logging.getLogger(__name__)
_SURROGATE_OR_NUL = re.compile("[\x00\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_CONTROL_SHARE_OF_BINARY = 0.05
_DECLARED = re.compile(r"(?:charset|encoding)\s{0,3}=\s{0,3}[\"']?\s{0,3}([a-z0-9_.:-]{2,40})", re.IGNORECASE)
_DECLARED_WITHIN = 4096
_LONGEST_MARK_RUN = 30
_JOINER = "\u034f"


def read_bytes(path: Path, limit: int) -> bytes:
    """Return a file's bytes.

    Raises:
        Unreadable: the file is empty or larger than `limit` bytes.
        OSError: the system refuses.
    """
    with path.open("rb") as handle:
        data = handle.read(limit + 1)
    if len(data) > limit:
        raise Unreadable(f"larger than {limit >> 20} MiB; split it into smaller files")
    if not data:
        raise Unreadable("the file is empty")
    return data


def decode(data: bytes, origin: str, declared: str | None = None) -> str:
    """Turn a file's bytes into clean text; see `charsets.decoded` and `clean`.

    What was guessed or replaced is logged with `origin` in front, which makes it a note of the file.

    Args:
        declared: the encoding that the file itself names, as Python calls it.

    Raises:
        Unreadable: the bytes are no text, or blank.
    """
    found = decoded(data, declared)
    if is_binary(found.text):
        raise Unreadable("binary: more than one in twenty characters is a control character")
    if found.remark:
        _LOG.warning("%s: %s", origin, found.remark)
    text = clean_noting(found.text, origin)
    if not text.strip("\ufeff\u200b \t\n\f"):
        raise Unreadable("the file is blank")
    return text


def decode_markup(data: bytes, origin: str) -> str:
    """Turn the bytes of HTML or XML into clean text, by the encoding that they declare; see `decode`."""
    found = _DECLARED.search(data[:_DECLARED_WITHIN].decode("latin-1"))
    return decode(data, origin, known_encoding(found[1]) if found else None)


def is_binary(text: str) -> bool:
    """Return whether so many characters are control characters that it cannot be text."""
    return len(_CONTROL.findall(text)) > _CONTROL_SHARE_OF_BINARY * len(text)


def clean_noting(text: str, origin: str) -> str:
    """Return clean `text` and note how many characters that no text has were in it."""
    if replaced := len(_SURROGATE_OR_NUL.findall(text)):
        what = "NUL or lone surrogate was" if replaced == 1 else "NULs or lone surrogates were"
        _LOG.warning("%s: %d %s replaced by U+FFFD", origin, replaced, what)
    return clean(text)


def clean(text: str) -> str:
    """Return `text` with LF newlines, in NFC, and without characters that no text has.

    NUL and lone surrogates become U+FFFD. More than thirty combining marks in a row are parted by
    U+034F, because composing takes time quadratic in the length of such a run.

    Source: Unicode Standard Annex 15, section 13 (Stream-Safe Text Format).
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _SURROGATE_OR_NUL.sub("\ufffd", text)
    if text.isascii():
        return text
    marks = "".join(sorted(c for c in set(text) if unicodedata.combining(c)))
    if marks:
        mark = f"[{re.escape(marks)}]"
        text = re.sub(f"({mark}{{{_LONGEST_MARK_RUN}}})(?={mark})", rf"\1{_JOINER}", text)
    return unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    """Return clean `text` with every run of white space as one space."""
    return " ".join(clean(text).split())
