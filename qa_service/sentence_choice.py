"""Which sentences of a paragraph are quoted."""

import re
from collections.abc import Sequence, Set

from embeddings.protocols import LexicalIndex, Span
from embeddings.sentences import sentence_spans

MAX_SENTENCES = 3
# Questions that no few words answer: reasons, manners, accounts and people's words.
_OPEN = re.compile(
    r"\bwhy\b|\bhow\s+come\b"
    r"|\bhow\s+(?:do|does|did|is|are|was|were|has|have|had|can|could|will|would|should|might|to)\b"
    r"|\bwhat\s+(?:has\s+|have\s+|had\s+)?(?:happen|led\s+to|caused)"
    r"|\bwhat\s+(?:do|does|did|has|have|had)\b[^?]{0,200}\b(?:say|said|tell|told|think|argue[ds]?|claim(?:ed)?"
    r"|explain(?:ed)?|respon[ds]e?d?|react(?:ed)?|warn(?:ed)?|promise[ds]?|announce[ds]?)\b"
    r"|\bwhat\s+(?:is|was|were|are)\b[^?]{0,80}\b(?:reason|reaction|response|explanation|argument|consequence)s?\b"
    r"|^\s*(?:explain|describe|summari[sz]e|tell\s+me)\b",
    re.IGNORECASE,
)


def is_open(question: str) -> bool:
    """Return whether the question asks for an account, a reason or somebody's words rather than a fact.

    >>> is_open("Why did the ferry sink?"), is_open("How many ferries sank?")
    (True, False)
    >>> is_open("What did Brandt say about the storm?"), is_open("What is the ferry's name?")
    (True, False)
    """
    return _OPEN.search(question) is not None


class ParagraphSentences:
    """The sentences of one paragraph with the question's words that each holds."""

    def __init__(self, text: str, weights: dict[str, float], lexical: LexicalIndex) -> None:
        self.spans: Sequence[Span] = sentence_spans(text) or (Span(0, len(text)),)
        terms = [lexical.term_weights(text[s.start : s.end]).keys() for s in self.spans]
        self._covered = [weights.keys() & held for held in terms]
        self._gains = [sum(weights[term] for term in covered) for covered in self._covered]

    def best(self) -> Span:
        """Return the sentence that holds the rarest words of the question, with neighbours that add to them."""
        lead = max(range(len(self.spans)), key=lambda i: (self._gains[i], -i))
        return self._joined(*grow(lead, lead, self._covered))

    def around(self, words: Span, *, account: bool) -> Span:
        """Return the sentences that hold `words`; with `account`, two or three.

        Args:
            words: a span of the paragraph's text.
            account: neighbours join that hold more of the question, and the one that follows in any case.
        """
        touched = [i for i, s in enumerate(self.spans) if s.start < words.end and words.start < s.end]
        first, last = (touched[0], touched[-1]) if touched else (0, len(self.spans) - 1)
        if account:
            first, last = grow(first, last, self._covered)
            if first == last:
                first, last = (first, last + 1) if last + 1 < len(self.spans) else (max(0, first - 1), last)
        return self._joined(first, last)

    def _joined(self, first: int, last: int) -> Span:
        return Span(self.spans[first].start, self.spans[last].end)


def grow(first: int, last: int, covered: Sequence[Set[str]]) -> tuple[int, int]:
    """Return the window `first` to `last` with the neighbours that hold words which it lacks.

    At most `MAX_SENTENCES` stand in it, unless it had more; of two neighbours the one that adds more
    comes first, the earlier one among equals.
    """
    held = set().union(*covered[first : last + 1])
    while last - first + 1 < MAX_SENTENCES:
        neighbours = [i for i in (first - 1, last + 1) if 0 <= i < len(covered) and covered[i] - held]
        if not neighbours:
            break
        chosen = max(neighbours, key=lambda i: (len(covered[i] - held), -i))
        held |= covered[chosen]
        first, last = min(first, chosen), max(last, chosen)
    return first, last
