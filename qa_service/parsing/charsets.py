"""Which encoding bytes of text are in: by mark, by declaration, by form, and by what their words look like."""

import codecs
import re
from collections import Counter
from dataclasses import dataclass

from qa_service.parsing.draft import Unreadable

# UTF-32 first: its little-endian mark begins with the one of UTF-16.
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_TEXT_ENCODING = re.compile(
    r"utf-8|cp(?:125\d|437|850|866|874|932|949|950)|iso8859-\d{1,2}|koi8-[rut]|mac-\w+|tis-620|gb2312|gbk|gb18030"
    r"|big5\w*|shift_jis\w*|euc_\w+|iso2022_\w+|hz|ptcp154"
)
_STATEFUL = frozenset({"hz", "iso2022_jp", "iso2022_kr", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_3"})
_BYTE_ENCODINGS = {"cp1252": "Windows-1252", "cp1251": "Windows-1251", "koi8_r": "KOI8-R"}
_CYRILLIC = ("cp1251", "koi8_r")
_GUESSED_FROM = 1 << 16
_FEWEST_SPACES = 0.02
_CASE_TURN = re.compile(r"(?<=[а-яё])[А-ЯЁ]")
_BY_FREQUENCY = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъ"  # the letters of Russian, commonest first
_RARITY = {letter: rank for rank, letter in enumerate(_BY_FREQUENCY)} | dict.fromkeys(" \n.,-0123456789", 0)
_CYRILLIC_WORD = re.compile(r"\b[А-яЁёІіЇїЄєҐґЎў]{2,40}\b")
_ACCENTED = re.compile(r"[A-Za-z][À-ÿ]|[À-ÿ][A-Za-z]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and in a few words what had to be guessed or replaced, if anything."""

    text: str
    remark: str | None = None


def marked_encoding(data: bytes) -> str | None:
    """Return the encoding that a byte order mark at the start of `data` names."""
    return next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)


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


def decoded(data: bytes, declared: str | None = None) -> Decoded:
    """Decode bytes: by their mark, as sound UTF-8, as declared, as damaged UTF-8, as what they look like.

    A declaration of UTF-8 that the bytes contradict counts as none, unless nothing else fits them.

    Raises:
        Unreadable: they contradict their mark or are no text of a known encoding.
    """
    marked = marked_encoding(data)
    if marked is not None and marked != "utf-8-sig":
        try:
            return Decoded(data.decode(marked))
        except UnicodeDecodeError as error:
            raise Unreadable(f"marked as {marked.upper()}, but byte {error.start} does not fit") from None
    if b"\x00" in data and (wide := unmarked_utf_16(data)):
        return Decoded(data.decode(wide), f"no byte order mark; read as {wide.upper()}")
    try:
        text = data.decode("utf-8-sig")
        # Sound UTF-8 beyond ASCII is no accident, but seven-bit encodings look like ASCII.
        return Decoded(data.decode(declared) if declared in _STATEFUL else text)
    except UnicodeDecodeError:
        if declared and declared != "utf-8":
            return _decoded_as(data, declared)
        try:
            return _decoded_by_looks(data)
        except Unreadable:
            if declared:
                return _decoded_as(data, declared)
            raise


def unmarked_utf_16(data: bytes) -> str | None:
    """Return the byte order of UTF-16 that has no mark, or None; spaces and line ends tell."""
    if len(data) % 2:
        return None
    best = None
    spaces = _FEWEST_SPACES * len(data) / 2
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        found = sum(map(text.count, " \n"))
        if found > spaces and "\x00" not in text:
            best, spaces = encoding, found
    return best


def _decoded_as(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, "replace")
    damaged = text.count("\ufffd")
    return Decoded(
        text, f"{damaged} places are no {encoding.upper()} and were replaced by U+FFFD" if damaged else None
    )


def _decoded_by_looks(data: bytes) -> Decoded:
    text = data.decode("utf-8-sig", "replace")
    damaged = text.count("\ufffd")
    sound = len(text) - len(text.encode("ascii", "ignore")) - damaged
    # An encoding of single bytes hardly ever forms a sound UTF-8 sequence; where most do, it is damaged UTF-8.
    if sound >= damaged:
        return Decoded(text, f"{damaged} places are no UTF-8 and were replaced by U+FFFD")
    encoding = _likely(data)
    try:
        return Decoded(data.decode(encoding), f"no UTF-8; read as {_BYTE_ENCODINGS[encoding]}")
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"binary or unknown encoding: byte {error.start} is no text; save as UTF-8"
        ) from None


def _likely(data: bytes) -> str:
    """Return the encoding of single bytes in which `data` looks most like words.

    In Latin scripts a letter with an accent stands among plain ones; a Cyrillic word has no ASCII in it. The two
    Cyrillic encodings part by how common the letters are that come out, and by capitals inside of words.
    """
    first = next(place for place, byte in enumerate(data) if byte > 0x7F)
    sample = data[max(0, first - _GUESSED_FROM // 2) :][:_GUESSED_FROM]
    accented = len(_ACCENTED.findall(sample.decode("latin-1")))
    if len(_CYRILLIC_WORD.findall(sample.decode("cp1251", "replace"))) <= accented:
        return "cp1252"
    return min(_CYRILLIC, key=lambda name: _strangeness(sample.decode(name, "replace")))


def _strangeness(text: str) -> int:
    """Return how little Cyrillic text looks like words, to compare two readings of the same bytes."""
    rare = sum(
        count * _RARITY.get(letter, len(_BY_FREQUENCY)) for letter, count in Counter(text.lower()).items()
    )
    return rare + len(_BY_FREQUENCY) * len(_CASE_TURN.findall(text))
