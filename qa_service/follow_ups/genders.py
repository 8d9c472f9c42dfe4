"""Whether a text speaks of a name as a man or a woman, by the titles and pronouns near it."""

import re

_WINDOW = 160
_MALE = re.compile(r"\b(?:he|his|him|himself)\b", re.IGNORECASE)
_FEMALE = re.compile(r"\b(?:she|her|hers|herself)\b", re.IGNORECASE)
_OTHER_NAME = re.compile(r"(?<![.!?”\"] )\b[A-Z][a-z]")
_MALE_TITLE = re.compile(r"\b(?:mr|sir|lord|king|prince)\.?\s*\Z", re.IGNORECASE)
_FEMALE_TITLE = re.compile(r"\b(?:mrs|ms|miss|lady|queen|princess)\.?\s*\Z", re.IGNORECASE)
_MAX_TEXT = 4000


def gender_near(name: str, text: str) -> str | None:
    """Return "f" or "m" when the titles and pronouns after `name` in `text` agree on one, else None."""
    text = text[:_MAX_TEXT]
    last = name.split()[-1] if name.split() else ""
    votes = {"f": 0, "m": 0}
    position = text.find(last) if last else -1
    for _ in range(4):
        if position < 0:
            break
        before = text[max(0, position - len(name) - 12) : position].removesuffix(name.removesuffix(last))
        votes["m"] += 5 * bool(_MALE_TITLE.search(before))
        votes["f"] += 5 * bool(_FEMALE_TITLE.search(before))
        after = text[position + len(last) : position + len(last) + _WINDOW]
        other = _OTHER_NAME.search(after)
        after = after[: other.start()] if other else after
        votes["m"] += len(_MALE.findall(after))
        votes["f"] += len(_FEMALE.findall(after))
        position = text.find(last, position + len(last))
    if votes["f"] == votes["m"] or min(votes.values()) * 2 > max(votes.values()):
        return None
    return "f" if votes["f"] > votes["m"] else "m"
