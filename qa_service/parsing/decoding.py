"""Bytes of a text file to clean Unicode: encoding, newlines, composed characters."""

import codecs
import logging
import re
import unicodedata
from pathlib import Path

from qa_service.parsing.draft import Unreadable

_LOG = logging.getLogger(__name__)
# UTF-32 first: its little-endian mark begins with the one of UTF-16.
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_SURROGATE_OR_NUL = re.compile("[\x00\ud800-\udfff]")
_CONTROL = re.compile("[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_CONTROL_SHARE_OF_BINARY = 0.05
_LONGEST_MARK_RUN = 30
_DECLARED = re.compile(r"(?:charset|encoding)\s{0,3}=\s{0,3}[\"']?\s{0,3}([a-z0-9_.:-]{2,40})", re.IGNORECASE)
_DECLARED_WITHIN = 4096
_TEXT_ENCODING = re.compile(
    r"utf-8|cp(?:125\d|437|850|866|874|932|949|950)|iso8859-\d{1,2}|koi8-[rut]|mac-\w+|tis-620|gb2312|gbk|gb18030"
    r"|big5\w*|shift_jis\w*|euc_\w+|iso2022_\w+|hz|ptcp154"
)
_STATEFUL = frozenset({"hz", "iso2022_jp", "iso2022_kr", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_3"})
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


def marked_encoding(data: bytes) -> str | None:
    """Return the encoding that a byte order mark at the start of `data` names."""
    return next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)


def decode(data: bytes, origin: str, declared: str | None = None) -> str:
    """Turn a file's bytes into clean text; see `clean`.

    Args:
        declared: the encoding that the file itself names; a byte order mark goes before it, and so does
            UTF-8 where the bytes are sound UTF-8 with more than ASCII in it.

    UTF-8, and UTF-16 and UTF-32 with a byte order mark, are read as they are; UTF-8 with few damaged
    bytes keeps its sound part; anything else is taken for Windows-1252. Both departures are logged.

    Raises:
        Unreadable: the bytes are no text, or blank.
    """
    text = clean(_decoded(data, origin, declared))
    controls = len(_CONTROL.findall(text))
    if controls > _CONTROL_SHARE_OF_BINARY * len(text):
        raise Unreadable(f"binary: {controls} of {len(text)} characters are control characters")
    if not text.strip("\ufeff\u200b \t\n\f"):
        raise Unreadable("the file is blank")
    return text


def decode_markup(data: bytes, origin: str) -> str:
    """Turn the bytes of HTML or XML into clean text, by the encoding that they declare; see `decode`."""
    found = _DECLARED.search(data[:_DECLARED_WITHIN].decode("latin-1"))
    return decode(data, origin, known_encoding(found[1]) if found else None)


def known_encoding(label: str) -> str | None:
    """Return Python's name of an encoding of text that people may write, or None for any other label.

    Latin-1 means Windows-1252, and two-byte labels inside readable ASCII mean UTF-8.
    Source: WHATWG Encoding Standard, section 4.2 (labels) and HTML Standard, 13.2.3.2 (prescan).
    """
    label = label.strip().lower()
    if label in {"iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii", "iso8859-1"}:
        return "cp1252"
    if label.startswith("utf-16"):
        return "utf-8"
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    return name if _TEXT_ENCODING.fullmatch(name) else None


def _decoded(data: bytes, origin: str, declared: str | None = None) -> str:
    encoding = marked_encoding(data)
    if encoding is not None and encoding != "utf-8-sig":
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            raise Unreadable(f"marked as {encoding.upper()}, but byte {error.start} does not fit") from None
    if b"\x00" in data:
        raise Unreadable(f"binary: a NUL byte at {data.index(0)}")
    try:
        text = data.decode("utf-8-sig")
        if declared is None or not (text.isascii() or declared in _STATEFUL):
            return text
        return data.decode(declared)
    except UnicodeDecodeError:
        return _decoded_as(data, declared, origin) if declared else _decoded_roughly(data, origin)


def _decoded_as(data: bytes, encoding: str, origin: str) -> str:
    text = data.decode(encoding, "replace")
    if damaged := text.count("\ufffd"):
        _LOG.warning("%s: %d places are no %s and were replaced by U+FFFD", origin, damaged, encoding.upper())
    return text


def _decoded_roughly(data: bytes, origin: str) -> str:
    text = data.decode("utf-8-sig", "replace")
    damaged = text.count("\ufffd")
    sound = len(text) - len(text.encode("ascii", "ignore")) - damaged
    # Windows-1252 hardly ever forms a sound UTF-8 sequence; where most do, the file is damaged UTF-8.
    if sound >= damaged:
        _LOG.warning("%s: %d places are no UTF-8 and were replaced by U+FFFD", origin, damaged)
        return text
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"binary or unknown encoding: byte {error.start} is no text; save as UTF-8"
        ) from None
    _LOG.warning("%s: no UTF-8; read as Windows-1252", origin)
    return text


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
