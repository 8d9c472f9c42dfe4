"""Names and noun phrases of a text, found by capitals, determiners and small words alone."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from qa_service.follow_ups.tokens import Token
from qa_service.follow_ups.verbs import is_base, is_gerund, is_past
from qa_service.follow_ups.vocabulary import DETERMINERS, PREPOSITIONS, PRONOUNS, TIMES, word_set

_PARTICLES = frozenset(("of", "de", "von", "van", "da", "al", "the", "for", "di", "la", "&"))
_QUOTES = {"“": "”", '"': '"', "«": "»"}
_ATTACHED = frozenset(("of", "at", "in", "on", "by"))
_LOOSE = frozenset(("about", "into", "against", "between", "over", "for", "with", "from", "to"))
_TAKES_LOOSE = word_set(
    "report inquiry investigation talks vote protest protests ban war law rule sanctions case campaign attack speech "
    "letter film book song article debate deal agreement question train road bridge ferry flight match game"
)
MAX_PHRASES = 20
_MAX_QUOTED = 10
_MAX_WORDS = 10
_MAX_RUN = 16


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase: `text` without what stands before its determiner.

    Attributes:
        first, last: half-open range of tokens.
        head: the noun, in lower case; for a name its last word.
        determiner, preposition: in lower case, None where there is none.
        title: words in lower case before a name, such as "fire chief"; empty for other phrases.
        inner: lies inside another phrase.
        doubtful: a name by nothing but the capital of a text's first word.
    """

    text: str
    first: int
    last: int
    head: str
    name: bool
    determiner: str | None = None
    preposition: str | None = None
    title: str = ""
    inner: bool = False
    doubtful: bool = False

    @property
    def words(self) -> list[str]:
        """The words without the determiner, in lower case."""
        found = self.text.lower().replace("’", "'").split()
        return found[1:] if self.determiner and len(found) > 1 else found


def phrases(text: str, tokens: Sequence[Token], verbs: Collection[int] = ()) -> list[Phrase]:
    """Return the noun phrases of `text` in order; one inside another follows it. A crowded text is read in part.

    Args:
        verbs: tokens that are known to be verbs.
    """
    found: list[Phrase] = []
    position = 0
    while position < len(tokens) and len(found) < MAX_PHRASES:
        quoted = _quoted(text, tokens, position)
        if quoted:
            found.append(quoted)
            position = quoted.last + 1
            continue
        first, noun, end = _run(tokens, position, verbs)
        if end == noun:
            position = max(end, position + 1)
            continue
        found.extend(_read_run(text, tokens, first, noun, end, verbs))
        position = end
    return found


def _quoted(text: str, tokens: Sequence[Token], position: int) -> Phrase | None:
    closing = _QUOTES.get(tokens[position].text)
    if closing is None:
        return None
    for end in range(position + 2, min(position + 2 + _MAX_QUOTED, len(tokens))):
        if tokens[end].text == closing:
            before = tokens[position - 1].lower if position else ""
            return Phrase(
                text[tokens[position].start : tokens[end].end],
                position,
                end,
                tokens[end - 1].lower,
                name=True,
                determiner="“",
                preposition=before if before in PREPOSITIONS else None,
            )
    return None


def _is_verb(tokens: Sequence[Token], at: int, first: int, verbs: Collection[int]) -> bool:
    """Whether the open word at `at` is a verb, in a phrase whose determiner (if any) stands at `first`."""
    if at in verbs:
        return True
    token = tokens[at]
    if token.is_capitalised and at:
        return False
    after_determiner = at == first + 1 and tokens[first].lower in DETERMINERS
    followed = at + 1 < len(tokens) and tokens[at + 1].is_open
    if after_determiner and followed:
        return False
    if at > first and tokens[at - 1].is_capitalised and (is_base(token.lower) or _is_present(tokens, at)):
        return True
    if is_gerund(token.lower) and tokens[first].lower in DETERMINERS and at > first + 1:
        return followed or (
            at + 1 < len(tokens) and tokens[at + 1].is_word
        )  # not "about the heating ruling?"
    return is_past(token.lower) or is_gerund(token.lower) or token.lower.endswith("ly")


def _is_present(tokens: Sequence[Token], at: int) -> bool:
    """Whether the word at `at`, after a name, is a verb such as in "Ada Merrow owns the mill"."""
    following = tokens[at + 1].lower if at + 1 < len(tokens) else ""
    return tokens[at].lower.endswith("s") and (following in DETERMINERS or following in PRONOUNS)


def _run(tokens: Sequence[Token], position: int, verbs: Collection[int]) -> tuple[int, int, int]:
    """Return where a phrase's determiner, its first other word and its end stand; the last two are equal if none."""
    first = noun = position
    if tokens[position].lower in DETERMINERS:
        noun += 1
        if tokens[position].lower in ("that", "this") and noun < len(tokens) and tokens[noun].is_capitalised:
            return noun, noun, noun  # a conjunction: the name after it is a phrase of its own
    elif position and tokens[position - 1].lower == "to" and not tokens[position].is_capitalised:
        return position, position + 1, position + 1  # an infinitive, or nothing worse lost than a bare noun
    end = noun
    while end < min(len(tokens), noun + _MAX_RUN):
        token = tokens[end]
        owns = token.is_possessive and end > noun and end + 1 < len(tokens) and tokens[end + 1].is_open
        if owns or (token.is_open and not _is_verb(tokens, end, first, verbs)):
            end += 1
        elif end > noun and (width := _particles(tokens, end)):
            end += width
        else:
            break
    return first, noun, end


def _particles(tokens: Sequence[Token], at: int) -> int:
    """Return how many small words at `at` join two capitalised words into one name."""
    if not tokens[at - 1].is_capitalised or tokens[at - 1].is_possessive:
        return 0
    width = 0
    while at + width < len(tokens) and tokens[at + width].lower in _PARTICLES and width < 2:
        width += 1
    follows = at + width < len(tokens) and tokens[at + width].is_capitalised and tokens[at + width].is_open
    return width if width and follows else 0


def _read_run(
    text: str, tokens: Sequence[Token], first: int, noun: int, end: int, verbs: Collection[int]
) -> Iterator[Phrase]:
    """Yield the phrase of a run and the names inside it."""
    before = tokens[first - 1].lower if first else ""
    preposition = before if before in PREPOSITIONS else None
    determiner = tokens[first].lower if noun > first else None
    capital = [t.is_capitalised or t.text[0].isdigit() or t.lower in _PARTICLES for t in tokens[noun:end]]
    if noun == 0 and end - noun > 1 and not capital[1]:
        capital[0] = False  # the capital of a sentence's first word means nothing
    names = list(_name_runs(tokens, noun, capital))
    if names and names[-1][1] == end and not any(tokens[i].is_possessive for i in range(noun, end)):
        start = names[-1][0]
        title = " ".join(t.lower for t in tokens[noun:start])
        start = first if start == noun else start
        words = text[tokens[start].start : tokens[end - 1].end]
        yield Phrase(
            words,
            start,
            end,
            tokens[end - 1].lower,
            name=True,
            determiner=determiner if start == first else None,
            preposition=preposition,
            title=title,
            doubtful=end - start == 1 and _is_doubtful(tokens, start),
        )
        names = names[:-1]
    else:
        last = _attached_end(tokens, noun, end, verbs)
        words = text[tokens[first].start : tokens[last - 1].end]
        yield Phrase(words, first, last, tokens[end - 1].lower, False, determiner, preposition)
    for start, stop in names:
        words = text[tokens[start].start : tokens[stop - 1].end]
        owner = (
            stop < len(tokens) and tokens[stop].is_possessive
        )  # "in Ada’s house" says nothing of where Ada is
        yield Phrase(
            words,
            start,
            stop,
            tokens[stop - 1].lower,
            True,
            preposition=None if owner else preposition,
            inner=True,
        )


def _is_doubtful(tokens: Sequence[Token], at: int) -> bool:
    """Whether a word may be written with a capital only because it opens a sentence."""
    opens = at == 0 or tokens[at - 1].text in ".:;!?–—"
    noted = at + 1 < len(tokens) and (tokens[at + 1].text == "(" or tokens[at + 1].is_possessive)
    return opens and not noted and not tokens[at].text.isupper()


def _name_runs(tokens: Sequence[Token], noun: int, capital: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield the stretches of capitalised words; a possessive ending parts two."""
    start = None
    for offset, is_capital in enumerate([*capital, False]):
        if is_capital and start is None and tokens[noun + offset].is_capitalised:
            start = offset
        elif not is_capital and start is not None:
            yield noun + start, noun + offset
            start = None


def _attached_end(tokens: Sequence[Token], noun: int, end: int, verbs: Collection[int]) -> int:
    """Return where a common noun phrase ends once the prepositional phrases that belong to it are counted in."""
    loose = tokens[end - 1].lower in _TAKES_LOOSE
    for _ in range(2):
        if end + 1 >= len(tokens):
            break
        preposition = tokens[end].lower
        if preposition not in _ATTACHED and not (loose and preposition in _LOOSE):
            break
        _, inner, stop = _run(tokens, end + 1, verbs)
        if stop == inner or stop - noun > _MAX_WORDS:
            break
        if preposition != "of" and any(t.lower in TIMES or t.text.isdigit() for t in tokens[inner:stop]):
            break
        end = stop
    return end


def marked_inner(found: Sequence[Phrase]) -> list[Phrase]:
    """Return `found` with `inner` set on every phrase that lies inside an earlier one."""
    marked: list[Phrase] = []
    reach = 0
    for phrase in found:
        marked.append(replace(phrase, inner=True) if phrase.last <= reach else phrase)
        reach = max(reach, phrase.last)
    return marked
