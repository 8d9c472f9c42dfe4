"""Texts with characters that turn the direction of writing, kept from turning what stands beside them.

`static/text.js` does the same. Source: Unicode Standard Annex 9 (Unicode Bidirectional Algorithm), 2 and 3.3.2.
"""

import re

from markupsafe import Markup, escape

_OPEN_EMBEDDING, _CLOSE_EMBEDDING = "\u202a\u202b\u202d\u202e", "\u202c"
_OPEN_ISOLATE, _CLOSE_ISOLATE, _FIRST_STRONG = "\u2066\u2067\u2068", "\u2069", "\u2068"
_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def guards(text: str) -> tuple[str, str]:
    """Return what has to stand before and after `text`, so that it opens and closes nothing but its own."""
    opened: list[str] = []  # what is open, outermost first
    strays = 0  # isolates that are closed but were not opened
    for control in _CONTROLS.findall(text):
        if control in _OPEN_EMBEDDING or control in _OPEN_ISOLATE:
            opened.append(control)
        elif control == _CLOSE_EMBEDDING:
            if opened and opened[-1] in _OPEN_EMBEDDING:
                opened.pop()
        elif any(one in _OPEN_ISOLATE for one in opened):
            while opened.pop() not in _OPEN_ISOLATE:
                pass  # an isolate takes along what was opened in it
        else:
            strays += 1
            opened.clear()
    if not opened and not strays:
        return "", ""
    unclosed = sum(one in _OPEN_ISOLATE for one in opened)
    return _FIRST_STRONG * (1 + strays), _CLOSE_ISOLATE * (1 + unclosed)


def isolated(text: str) -> str:
    """Return `text`, in an isolate of its own where what it opens is not closed, or what it closes not opened.

    >>> isolated("plain"), ascii(isolated("a \N{RIGHT-TO-LEFT OVERRIDE}b"))
    ('plain', "'\\\\u2068a \\\\u202eb\\\\u2069'")
    """
    before, after = guards(text)
    return before + text + after


def own(text: str | None) -> Markup:
    """Return `text` for a page, in an element that keeps its direction to itself; nothing when there is none."""
    return Markup("<bdi>") + escape(isolated(text)) + Markup("</bdi>") if text else Markup("")


def joined(texts: list[str], separator: str = " · ") -> Markup:
    """Return those of `texts` that are not empty side by side, each with its direction to itself."""
    return escape(separator).join(own(text) for text in texts if text)
