"""Lines that look like titles or inner headings, by form alone."""

import re
from itertools import pairwise

_WORD = re.compile(r"\w[\w’'.&-]{0,60}")
_CLOSERS = "”’\"'»)]*_ "
_OPENERS = "“‘\"'«([¿¡"
_STOPS = ".!?…。！？؟।"
_QUOTES = {"“": "”", "‘": "’", "«": "»", "„": "“", '"': '"', "'": "'"}
_DASHES = "-–—"
# "in the U.S." ends with an initialism, not with a stop.
_INITIALISM = re.compile(r"(?:^|[\s(])(?:[A-Z]\.){2,5}$")
_LIST_ITEM = re.compile(r"(?:[-*•‣▪◦·–—]|\(?\d{1,3}[.)])\s+\S")
_BULLET = re.compile(r"[-*•‣▪◦·–—]\s+\S")
_SPEAKER = re.compile(r"(?:Q|A|Question|Answer)\s?[:.]\s", re.IGNORECASE)
_LONGEST_TITLE = 200
_MOST_TITLE_WORDS = 25
_LONGEST_HEADING = 100
_MOST_HEADING_WORDS = 10
_MOST_ENCLOSED_WORDS = 15
_TITLE_CASE_SHARE = 0.6
# Words behind a closing quotation mark that a comma, or a question, leads to.
_SPOKEN = re.compile(r"[,?!][”\"’'»]\s+\w")


def word_count(text: str) -> int:
    """Return how many words the first 1,000 characters hold."""
    return len(_WORD.findall(text[:1000]))


def ends_sentence(text: str) -> bool:
    """Return whether the text closes with a stop, inside or before closing quotes and brackets."""
    end = text[-80:].rstrip(_CLOSERS)
    return end.endswith(tuple(_STOPS)) and not _INITIALISM.search(end)


def is_title_case(text: str) -> bool:
    """Return whether most of the longer words begin with a capital or digit.

    Words of up to three letters do not count, since titles write many of them small; scripts without
    capitals are never in title case.
    """
    long_words = [word for word in _WORD.findall(text[:_LONGEST_TITLE]) if len(word) > 3]
    high = sum(not word[0].islower() for word in long_words)
    cased = any(word[0].isupper() for word in _WORD.findall(text[:_LONGEST_TITLE]))
    return cased and high >= _TITLE_CASE_SHARE * len(long_words)


def is_enclosed(text: str) -> bool:
    """Return whether dashes or quotes stand around the whole line, as around an inner heading."""
    text = text.strip()
    if len(text) < 3 or len(text) > _LONGEST_TITLE or word_count(text) > _MOST_ENCLOSED_WORDS:
        return False
    if is_dashed(text):
        return True
    close = _QUOTES.get(text[0])
    inner = text[1:-1]
    return text[-1] == close and close not in inner.replace("n’t", "") and not ends_sentence(inner)


def is_dashed(text: str) -> bool:
    """Return whether dashes stand around the whole line, which marks an inner heading and never a title."""
    inner = text.strip(_DASHES)
    return len(text) > 2 and text[0] in _DASHES and text[-1] in _DASHES and inner != inner.strip()


def is_list_item(text: str) -> bool:
    """Return whether the line begins with a bullet and is not wrapped in dashes."""
    return bool(_BULLET.match(text)) and not is_enclosed(text)


def begins_item(line: str) -> bool:
    """Return whether a line of wrapped text begins an item, numbered or not."""
    return bool(_LIST_ITEM.match(line.lstrip()))


def is_heading_like(text: str) -> bool:
    """Return whether a line could be a title: short, one line, no closing stop, no list item or speech."""
    if len(text) > _LONGEST_TITLE or "\n" in text or not text or is_list_item(text) or _SPEAKER.match(text):
        return False
    if "://" in text or (text[0] in "([" and text[-1] in ")]"):
        return False
    if not 1 <= word_count(text) <= _MOST_TITLE_WORDS or text.rstrip(_CLOSERS).endswith((",", ";", ":")):
        return False
    first = text.lstrip(_OPENERS + _DASHES + " ")[:1]
    if first.islower() or not first.isalnum():
        return is_enclosed(text)
    return not ends_sentence(text) or text.rstrip(_CLOSERS)[-1:] in "?!？！؟"


def is_inner_heading(text: str) -> bool:
    """Return whether a heading-like line is short enough for a heading inside an article.

    Speech with its speaker ("Too late," said one) is none, even where the closing stop was left out: a
    paragraph that passes for a heading could never be cited.
    """
    if is_enclosed(text):
        return True
    if not is_heading_like(text) or len(text) > _LONGEST_HEADING or word_count(text) > _MOST_HEADING_WORDS:
        return False
    return is_title_case(text) or not (ends_sentence(text) or _SPOKEN.search(text))


_NUMBERED = re.compile(r"\A(?:\[(\d{1,4})\]|\((\d{1,4})\)|(\d{1,4})[.):])\s+(?=\S)")


def numbering(titles: list[str]) -> list[int]:
    """Return how many characters of each title number it, when all are numbered one after another."""
    matches = [_NUMBERED.match(title) for title in titles]
    found = [match for match in matches if match is not None]
    if len(titles) < 2 or len(found) < len(titles):
        return [0] * len(titles)
    numbers = [int(next(group for group in match.groups() if group)) for match in found]
    if any(later != earlier + 1 for earlier, later in pairwise(numbers)):
        return [0] * len(titles)
    return [match.end() for match in found]
