"""What question, answer and sentence say of each other by their words alone; read by the confidence."""

import re

from embeddings.protocols import LexicalIndex, Span
from embeddings.sentences import sentence_spans

_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_DAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday|today|yesterday|tomorrow"
_TIMES = (
    "spring|summer|autumn|fall|winter|morning|evening|night|noon|midnight|century|decade|year|month|week|day"
)
_NUMBERS = (
    "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    "|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand"
    "|million|billion|dozen|half|third|quarter|first|second|fifth|sixth|once|twice|several|few|many|no|none"
    "|single|double|both"
)
_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|old|tall|long|far|often|large|big)\b"
    r"|\bwhat (?:is |was |were |are )?(?:the )?(?:percentage|percent|number|age|population|turnout)\b",
    re.IGNORECASE,
)
_ASKS_TIME = re.compile(
    r"^\W*(?:\w+\s+){0,2}?(?:when|(?:what|which) (?:year|date|day|month|century))\b", re.IGNORECASE
)
_ASKS_PERSON = re.compile(r"^\W*(?:who|whose|whom)\b", re.IGNORECASE)
_NUMBER = re.compile(rf"\d|\b(?:{_NUMBERS})s?\b", re.IGNORECASE)
_TIME = re.compile(rf"\d|\b(?:{_MONTHS}|{_DAYS}|{_TIMES}|{_NUMBERS})s?\b", re.IGNORECASE)


def mismatch(question: str, answer: str) -> float:
    """Return how badly `answer` fits what is asked for, in [0, 1]: a number, a time, a name.

    >>> mismatch("How many came?", "40 people"), mismatch("How many came?", "the port")
    (0.0, 1.0)
    >>> mismatch("When did it open?", "in May"), mismatch("When did it open?", "the port")
    (0.0, 1.0)
    >>> mismatch("Who came?", "Ilse Brandt"), mismatch("Who came?", "a crowd")
    (0.0, 0.5)
    """
    if _ASKS_NUMBER.search(question):
        return float(_NUMBER.search(answer) is None)
    if _ASKS_TIME.search(question):
        return float(_TIME.search(answer) is None)
    if _ASKS_PERSON.search(question):
        return 0.0 if any(c.isupper() for c in answer) else 0.5
    return 0.0


def sentence_coverage(
    lexical: LexicalIndex, question: str, passage: str, span: Span | None, title: str
) -> float:
    """Return the share of the question's words, by rarity, that the sentence around `span` and the title hold.

    Returns:
        In [0, 1]; 0 without a span or without words in the question.
    """
    weights = lexical.term_weights(question)
    total = sum(weights.values())
    if span is None or not total:
        return 0.0
    touched = [s for s in sentence_spans(passage) if s.start < span.end and span.start < s.end]
    held = lexical.term_weights("\n".join([title, *(passage[s.start : s.end] for s in touched)])).keys()
    return sum(weight for term, weight in weights.items() if term in held) / total
