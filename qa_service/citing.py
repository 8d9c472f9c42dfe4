"""Which evidence is cited beside the best: what agrees with it, what differs, and what adds the rest of the answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa_service.reading import Evidence

MAX_CITED = 3
_WORD = re.compile(r"\w+(?:[.,]\d+)*")
_STOP = {"a", "an", "the", "some", "about", "around", "of", "in", "on", "at", "by", "to", "for", "than", "more", "over",
         "nearly", "almost", "his", "her", "their", "its"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CitationPolicy:
    """How much evidence has to offer to be cited beside the best.

    Attributes:
        margin: cited when its score lies at most this much below the best.
        gain: cited when it holds at least this share of the question that the cited ones lack, in (0, 1].
        reach: what adds to the question may lie at most this much below the best score.
        agreeing: cited when it marks the same words and its confidence is at least this share of the best's.
        differing: the same for another article that marks another figure or another name.
    """

    margin: float
    gain: float
    reach: float = float("inf")
    agreeing: float = 1.0
    differing: float = 1.0


def select(evidence: Sequence[Evidence], policy: CitationPolicy) -> list[Evidence]:
    """Return the best evidence and at most two more that agree with it, rival it or add to it.

    Args:
        evidence: best first.
    """
    chosen: list[Evidence] = []
    held: set[str] = set()
    for piece in evidence:
        if not chosen or _belongs(piece, chosen[0], held, policy):
            chosen.append(piece)
            held |= piece.held.keys()
        if len(chosen) == MAX_CITED:
            break
    return chosen


def _belongs(piece: Evidence, best: Evidence, held: set[str], policy: CitationPolicy) -> bool:
    behind = best.score - piece.score
    gain = sum(share for term, share in piece.held.items() if term not in held)
    if behind <= policy.margin or (gain >= policy.gain and behind <= policy.reach):
        return True
    sure = piece.confidence / best.confidence if best.confidence else 0.0
    if same_answer(piece.short_text, best.short_text):
        return sure >= policy.agreeing
    elsewhere = piece.hit.article.article_id != best.hit.article.article_id
    return elsewhere and sure >= policy.differing and differ(piece.short_text, best.short_text)


def same_answer(one: str, other: str) -> bool:
    """Return whether two short answers say the same: the words of one are among those of the other.

    >>> same_answer("around 40 members", "40"), same_answer("nearly 7,000", "more than 7,000 people")
    (True, True)
    >>> same_answer("40", "some 20 people"), same_answer("", "40")
    (False, False)
    """
    first, second = _words(one), _words(other)
    return bool(first and second) and (first <= second or second <= first)


def holds_words(text: str, answer: str) -> bool:
    """Return whether `text` has every word of a short answer, those that mean nothing alone left out.

    >>> holds_words("Some 7,000 marched in Minsk.", "nearly 7,000"), holds_words("Nobody came.", "the")
    (True, False)
    """
    wanted = _words(answer)
    return bool(wanted) and wanted <= _words(text)


def differ(one: str, other: str) -> bool:
    """Return whether two short answers name different figures, or different names.

    >>> differ("around 40", "some 20"), differ("Ivan Tertel", "Valery Vakulchik")
    (True, True)
    >>> differ("around 40", "the list"), differ("7,000", "nearly 7,000"), differ("Tertel", "Ivan Tertel")
    (False, False, False)
    """
    if same_answer(one, other):
        return False
    figures = [set(re.findall(r"\d+(?:[.,]\d+)*", text)) for text in (one, other)]
    if all(figures):
        return not figures[0] & figures[1]
    names = [set(re.findall(r"\b[^\W\d_a-z]\w+", text)) for text in (one, other)]
    return all(names) and not any(figures) and not names[0] & names[1]


def _words(text: str) -> set[str]:
    return {word for word in _WORD.findall(text.lower()) if word not in _STOP}
