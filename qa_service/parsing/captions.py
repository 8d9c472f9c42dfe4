"""Photo captions, by their credits and prefixes."""

import re
from functools import lru_cache

from qa_service.parsing.names import NAME_PARTICLES

_TAIL = 200
_BOUNDARY = re.compile(r"[.!?…”’\"'»)\]–—][ \n]+(?=[\w©(–—])")
_PREFIX = re.compile(
    r"\W{0,2}(?:\(files?\)|files? (?:photo|picture|image)\s*[:–—-]|file\s*[–—-]\s|(?:photo|picture|image|caption"
    r"|photograph|illustration|graphic)s?(?: credit| caption)?\s*(?:[:–—]| - | by\b))",
    re.IGNORECASE,
)
_FILE_PHOTO = re.compile(
    r"\(files?\)|\bfile (?:photo|picture|image)\b|^file\s*[–—-]\s|, file\)\W{0,2}$", re.IGNORECASE
)
_PICTURE_WORD = re.compile(
    r"\b(?:photo|photograph|picture|image|illustration|graphic|credit|handout|courtesy)\b", re.IGNORECASE
)
_CREDIT_WORD = re.compile(
    r"(?:(?:photo|photograph|picture|image|illustration|graphic|credit)s?(?: credit)?(?:\s*[:©]| by\b)|©|courtesy of\b)"
    r"\s*(?=\S)",
    re.IGNORECASE,
)
_YEAR_OF_RIGHTS = re.compile(r"©\s*\d{4}|reserved", re.IGNORECASE)
_NAMES_PARTED = re.compile(r"[/|]|\bvia\b")
_JOINING_WORDS = NAME_PARTICLES | {"for", "of", "the"}
_DASHES = frozenset("–—-")
_MOST_NAME_WORDS = 5
_MOST_CREDIT_WORDS = 10


def is_caption(text: str) -> bool:
    """Return whether a paragraph is a photo caption by its prefix or the credit that closes it."""
    return bool(_PREFIX.match(text)) or credit_start(text) is not None


def is_credit(text: str) -> bool:
    """Return whether a whole line is a credit, such as "Name SURNAME / Agency" or "Photo: Name"."""
    return len(text) <= _TAIL and "\n" not in text and credit_start(text) == 0


def is_file_photo(text: str) -> bool:
    """Return whether a caption says that its picture is an older one."""
    return bool(_FILE_PHOTO.search(text[:_TAIL]) or _FILE_PHOTO.search(text[-_TAIL:]))


def caption_words(text: str) -> str:
    """Return a caption without prefix and credit, to tell whether two say the same."""
    end = credit_start(text)
    prefix = _PREFIX.match(text)
    return text[prefix.end() if prefix else 0 : end].strip(" .–—-")


@lru_cache(maxsize=256)  # neighbours are asked about one after another
def credit_start(text: str) -> int | None:
    """Return where the credit that closes `text` begins, or None without one."""
    text = text.rstrip()
    offset = max(0, len(text) - _TAIL)
    tail = text[offset:]
    bracketed = _bracketed_credit(tail)
    if bracketed is not None:
        return offset + bracketed
    starts = [match.end() for match in _BOUNDARY.finditer(tail)]
    if offset == 0 and _is_credit_alone(tail):
        return 0
    for start in starts:
        if _is_names(tail[start:].lstrip("–—- ")) or _is_worded_credit(tail[start:]):
            return offset + start
    return None


def _bracketed_credit(tail: str) -> int | None:
    closed = tail.rstrip(".")
    if not closed.endswith((")", "]")):
        return None
    start = closed.rfind("(" if closed[-1] == ")" else "[")
    inner = closed[start + 1 : -1]
    # "(the picture is unclear)" is a remark; a credit names somebody.
    if start >= 0 and (_is_names(inner) or (_PICTURE_WORD.search(inner) and _names_somebody(inner))):
        return start
    return None


def _names_somebody(inner: str) -> bool:
    match = _PICTURE_WORD.search(inner)
    after = inner[match.end() :] if match else inner
    if not after.strip() or len(inner.split()) > _MOST_CREDIT_WORDS + 2:
        return False
    return bool(re.match(r"\s*(?:[:/©|,]|by\b|credit\b|of\b|via\b|from\b)", after, re.IGNORECASE))


def _is_credit_alone(line: str) -> bool:
    if _is_worded_credit(line):
        return True
    if not _is_names(line) or ":" in line or "," in line:
        return False
    # A title may hold a slash too; a credit closes with an agency: capitals, or parted by spaces.
    parts = [part.strip(" .") for part in re.split(r"[/|]", line)]
    shouted = any(word.isupper() and len(word) > 1 for part in parts for word in part.split())
    return len(parts[-1].split()) <= 3 and len(parts[0].split()) <= 4 and (shouted or " / " in line)


def _is_worded_credit(text: str) -> bool:
    match = _CREDIT_WORD.match(text)
    if match is None or _YEAR_OF_RIGHTS.search(text):
        return False
    words = text[match.end() :].rstrip(" .)").split()
    return 1 <= len(words) <= _MOST_CREDIT_WORDS and all(_is_name_word(word) for word in words)


def _is_names(text: str) -> bool:
    """Return whether the text is two or more names parted by slashes or "via"."""
    if not _NAMES_PARTED.search(text):
        return False
    text = re.sub(r"\bvia\b", "/", text.strip().removesuffix("."))
    parts = [part.split() for part in re.split(r"[/|]", text)]
    if len(parts) < 2 or not all(parts):
        return False
    return all(
        len(words) <= _MOST_NAME_WORDS
        and all(_is_name_word(word) for word in words)
        and not all(word in _JOINING_WORDS for word in words)
        for words in parts
    )


def _is_name_word(word: str) -> bool:
    if word in _DASHES or word in _JOINING_WORDS or word in {"/", "|", "and", "&"}:
        return True
    bare = word.strip("(,")
    return bare[:1].isupper() or (bare[:1].isalpha() and not bare[:1].islower())
