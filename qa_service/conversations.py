"""From a follow-up to a question that stands alone, by rules over what the person asked before."""

import re
import uuid
from collections.abc import Sequence

from qa_service.domain import Turn

_PRONOUN = re.compile(
    r"\b(?P<possessive>his|its|their|her(?=\s+[a-z]))\b|\b(?P<personal>he|she|it|they|him|her|them)\b",
    re.IGNORECASE,
)
_WH = r"who|whom|whose|what|which|when|where|why|how(?:\s+(?:many|much|long|old|often))?"
_BARE = re.compile(rf"(?:and\s+)?(?P<wh>{_WH})\s*\?*", re.IGNORECASE)
_OPENING_WH = re.compile(rf"(?:{_WH})\b\s*", re.IGNORECASE)
_ABOUT = re.compile(r"(?:and|but|so|what about|how about)\b[\s,]*", re.IGNORECASE)
_NAME = re.compile(r"\b[A-Z][\w’'-]*(?:\s+(?:(?:of|the|de|von|van|for)\s+)*[A-Z][\w’'-]*)*")
_QUESTION_WORDS = {"Who", "Whom", "Whose", "What", "Which", "When", "Where", "Why", "How", "Is", "Are", "Was", "Were",
                   "Did", "Do", "Does", "Has", "Have", "Had", "Can", "Could", "Will", "Would", "And", "But", "In", "On",
                   "At", "The", "A", "An", "I"}  # fmt: skip


def new_conversation_id() -> str:
    """Return an id that no other conversation has."""
    return f"conv_{uuid.uuid4().hex}"


def standalone_question(text: str, history: Sequence[Turn]) -> str:
    """Return `text` with what it leaves open filled in from the questions asked before it.

    A bare question word ("Where?") takes the rest of the question before; a pronoun takes the name
    that was asked about last or, where none was, the words of the question before; a question that
    names its own subject is returned as it is.
    """
    asked = [turn.content for turn in history if turn.role == "user" and turn.content.strip()]
    if not asked:
        return text
    previous = asked[-1].strip()
    bare = _BARE.fullmatch(text.strip())
    if bare:
        rest = _OPENING_WH.sub("", previous, count=1)
        return f"{bare['wh'].capitalize()} {rest}"
    names = _names(text)
    if _ABOUT.match(text.strip()) and len(text.split()) <= 6:
        return f"{text} ({previous})"
    if names or not _PRONOUN.search(text):
        return text
    name = next((found[-1] for found in map(_names, reversed(asked)) if found), None)
    if name is None:
        return f"{text} ({previous})"
    return _PRONOUN.sub(lambda m: f"{name}’s" if m["possessive"] else name, text, count=1)


def _names(question: str) -> list[str]:
    """Return the runs of capitalised words that are not just the question's first word."""
    found = []
    for match in _NAME.finditer(question):
        words = match[0].split()
        while words and words[0] in _QUESTION_WORDS:
            words = words[1:]
        if words:
            found.append(" ".join(words).removesuffix("’s").removesuffix("'s"))
    return found
