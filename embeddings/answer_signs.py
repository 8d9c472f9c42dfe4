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
_ASKS_NAME = re.compile(r"^\W*(?:what|which)\b.*\b(?:name|names|named|called|nickname)\b", re.IGNORECASE)
_CHOICE = re.compile(r"\bor\b", re.IGNORECASE)
_ARTICLE = re.compile(r"^\W*(?:the|a|an)\b", re.IGNORECASE)
_AGE = re.compile(r"(?<!\d)\d{1,3}[- ]years?[- ]old|\baged? \d", re.IGNORECASE)
_NUMBER = re.compile(rf"\d|\b(?:{_NUMBERS})s?\b", re.IGNORECASE)
_TIME = re.compile(rf"\d|\b(?:{_MONTHS}|{_DAYS}|{_TIMES}|{_NUMBERS})s?\b", re.IGNORECASE)


def mismatch(question: str, answer: str) -> float:
    """Return how badly `answer` fits what is asked for, in [0, 1]: a number, a time, a name; nothing that was said.

    >>> mismatch("How many came?", "40 people"), mismatch("How many came?", "the port")
    (0.0, 1.0)
    >>> mismatch("When did it open?", "in May"), mismatch("When did it open?", "the port")
    (0.0, 1.0)
    >>> mismatch("When was she born?", "in 1947"), mismatch("When was she born?", "73-year-old")
    (0.0, 1.0)
    >>> mismatch("Who came?", "Ilse Brandt"), mismatch("Who came?", "The crowd")
    (0.0, 0.5)
    >>> mismatch("What is her dog called?", "Rex"), mismatch("What is the name of her dog?", "a terrier")
    (0.0, 0.5)
    >>> mismatch("Who is Ilse Brandt's husband?", "Brandt"), mismatch("Which is older, Marsk or Orle?", "Orle")
    (1.0, 0.0)
    """
    if _repeats(question, answer):
        return 1.0
    if _ASKS_NUMBER.search(question):
        return float(_NUMBER.search(answer) is None)
    if _ASKS_TIME.search(question):
        return float(_TIME.search(answer) is None or _AGE.search(answer) is not None)
    if _ASKS_PERSON.search(question) or _ASKS_NAME.search(question):
        return 0.0 if any(c.isupper() for c in _ARTICLE.sub("", answer)) else 0.5
    return 0.0


def _repeats(question: str, answer: str) -> bool:
    """Return whether `answer` only says words of the question again, where that leaves no choice between two."""
    said, asked = _words(answer), _words(question)
    return bool(said) and said <= asked and _CHOICE.search(question) is None


def _words(text: str) -> set[str]:
    """Return the words of `text` without their endings of possession and plural."""
    return {re.sub(r"(?:['’]s|s['’]?)$", "", word) for word in re.findall(r"\w+(?:['’]\w+)?", text.lower())}


def coverage(lexical: LexicalIndex, question: str, passage: str, span: Span | None, title: str) -> float:
    """Return which share of the question's words, by rarity, stands in the sentences around `span` or in `title`.

    Returns:
        A share in [0, 1]; 0 without a span or without words in the question.
    """
    weights = lexical.term_weights(question)
    total = sum(weights.values())
    if not total or span is None:
        return 0.0
    touched = [
        passage[s.start : s.end] for s in sentence_spans(passage) if s.start < span.end and span.start < s.end
    ]
    near = lexical.term_weights("\n".join((title, *touched))).keys()
    return sum(weight for term, weight in weights.items() if term in near) / total
