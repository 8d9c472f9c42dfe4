"""Training groups: for each question a window that answers it and windows that do not."""

import random
import re
from collections.abc import Callable
from itertools import pairwise

from embeddings.reader_windows import Tokens, Window, cut_window, room_for_passage, window_starts
from embeddings.training.examples import Collection, Question
from embeddings.training.group_parts import Example, Group, TokenisedCollection, token_span
from embeddings.training.short_groups import ShortGroups

# How often an epoch takes each set's questions, on average: the archive holds news, not reviews or chat, and only
# squad_open has questions written to mislead.
EPOCH_SHARE = {"squadshifts_reddit": 0.3, "squadshifts_amazon_reviews": 0.1, "squad_open": 3.0}
# What the negative beside a positive is, when not a hard negative from retrieval.
OTHER_WINDOW_SHARE = 0.15
CUT_SENTENCE_SHARE = 0.12
SWAPPED_QUESTION_SHARE = 0.25
# How often a group's passages are cut to a few sentences, as long as a news paragraph.
SHORT_SHARE = 0.4
# Hard negatives beside a positive: more where paragraphs are as alike as an archive's, for the ranking's sake.
HARD_NEGATIVES = {"squadshifts_new_wiki": 2, "nq_oracle": 2, "squad_open": 3}


class GroupMaker:
    """Makes the groups of one epoch; the same seed gives the same groups."""

    def __init__(self, data: TokenisedCollection, swap: "QuestionSwapper", seed: int) -> None:
        self._data = data
        self._swap = swap
        self._random = random.Random(seed)  # noqa: S311 (a seeded order, no secret)
        self._short = ShortGroups(data, self._random)

    def epoch(self) -> list[Group]:
        """Return the groups of one pass over the questions, in random order."""
        groups = []
        for number, question in enumerate(self._data.collection.questions):
            for _ in range(int(EPOCH_SHARE.get(question.source, 1.0) + self._random.random())):
                group = self._group(number, question)
                if group:
                    groups.append(group)
        self._random.shuffle(groups)
        return groups

    def _group(self, number: int, question: Question) -> Group:
        asked, passage = self._data.questions[number], self._data.passages[question.passage]
        if question.sentence_only:
            return self._sentences(number, question)
        if not question.answers:
            return [Example(self._likely_window(asked, passage), {}, {}, 1.0, ranked=False)]
        if self._random.random() < SHORT_SHARE and (short := self._short.group(number, question)):
            return short
        positive = self._positive(asked, passage, question)
        if positive is None:
            return []
        group = [positive, *self._negatives(number, question, positive.window)]
        if self._random.random() < SWAPPED_QUESTION_SHARE and question.source != "squadshifts_amazon_reviews":
            swapped = self._swap(number, self._random)
            if swapped is not None:
                group.append(
                    Example(cut_window(swapped, passage, positive.window.first), {}, {}, 1.0, ranked=False)
                )
        return group

    def _sentences(self, number: int, question: Question) -> Group:
        asked = self._data.questions[number]
        others = self._random.sample(question.others, min(3, len(question.others)))
        rows = [question.passage, *others]
        return [Example(cut_window(asked, self._data.passages[row], 0), {}, {}, None) for row in rows]

    def _positive(self, asked: Tokens, passage: Tokens, question: Question) -> Example | None:
        spans = [token_span(passage, start, end) for start, end in question.answers]
        votes = [span for span in spans if span]
        if not votes:
            return None
        room = room_for_passage(asked)
        anchor = self._random.choice(votes)
        low = max(0, min(anchor[1] + 1 - room, len(passage.ids) - room))
        high = max(low, min(anchor[0], len(passage.ids) - room))
        window = cut_window(asked, passage, self._random.randint(low, high))
        inside = [(s, e) for s, e in votes if window.first <= s and e < window.first + window.count]
        starts: dict[int, float] = {}
        ends: dict[int, float] = {}
        shift = window.offset - window.first
        for start, end in inside:
            starts[start + shift] = starts.get(start + shift, 0.0) + 1 / len(inside)
            ends[end + shift] = ends.get(end + shift, 0.0) + 1 / len(inside)
        return Example(window, starts, ends, 0.0) if inside else None

    def _negatives(self, number: int, question: Question, positive: Window) -> Group:
        asked, passage = self._data.questions[number], self._data.passages[question.passage]
        draw = self._random.random()
        if draw < OTHER_WINDOW_SHARE:
            other = self._window_without_answer(asked, passage, question)
            if other:
                return [Example(other, {}, {}, 1.0)]
        elif draw < OTHER_WINDOW_SHARE + CUT_SENTENCE_SHARE:
            cut = self._without_answer_sentences(question)
            if cut is not None and cut.ids:
                return [Example(self._likely_window(asked, cut), {}, {}, 1.0)]
        rows = self._data.negatives[number]
        wanted = HARD_NEGATIVES.get(question.source, 1)
        drawn = {min(int(self._random.expovariate(0.7)), len(rows) - 1) for _ in range(wanted) if rows}
        return [
            Example(self._likely_window(asked, self._data.passages[rows[place]]), {}, {}, 1.0)
            for place in sorted(drawn)
        ]

    def _likely_window(self, asked: Tokens, passage: Tokens) -> Window:
        """Return the tile with most of the question's tokens, or now and then any: the hardest one counts when read."""
        starts = window_starts(len(passage.ids), room := room_for_passage(asked))
        if len(starts) > 1 and self._random.random() < 0.7:
            wanted = set(asked.ids)
            best = max(starts, key=lambda s: len(wanted & set(passage.ids[s : s + room])))
        else:
            best = self._random.choice(starts)
        return cut_window(asked, passage, best)

    def _window_without_answer(self, asked: Tokens, passage: Tokens, question: Question) -> Window | None:
        spans = [s for start, end in question.answers if (s := token_span(passage, start, end))]
        room = room_for_passage(asked)
        free = [
            first
            for first in window_starts(len(passage.ids), room)
            if all(last < first or begin >= first + room for begin, last in spans)
        ]
        return cut_window(asked, passage, self._random.choice(free)) if free else None

    def _without_answer_sentences(self, question: Question) -> Tokens | None:
        """Return the passage's tokens without the sentences that hold an accepted answer."""
        text = self._data.collection.passages[question.passage]
        tokens = self._data.passages[question.passage]
        breaks = [0, *(m.end() for m in re.finditer(r"[.!?][\"'”)]*\s+", text)), len(text)]
        answers = [text[start:end].lower() for start, end in question.answers]
        kept = [
            (a, b)
            for a, b in pairwise(breaks)
            if not any(start < b and end > a for start, end in question.answers)
            and not any(answer in text[a:b].lower() for answer in answers)
        ]
        rows = [i for i, (a, b) in enumerate(tokens.places) if any(x <= a and b <= y for x, y in kept)]
        if len(rows) < 12:
            return None
        return Tokens([tokens.ids[i] for i in rows], [tokens.places[i] for i in rows])


class QuestionSwapper:
    """Makes a question that its passage does not answer, by changing the name or number it asks about."""

    def __init__(self, collection: Collection, tokenize: Callable[[str], Tokens]) -> None:
        self._collection = collection
        self._tokenize = tokenize
        by_source: dict[str, list[str]] = {}
        for text, source in zip(collection.passages, collection.sources, strict=True):
            by_source.setdefault(source, []).extend(names_and_numbers(text))
        self._pool = by_source

    def __call__(self, number: int, chance: random.Random) -> Tokens | None:
        """Return the tokens of a changed question, None when there is nothing to change."""
        question = self._collection.questions[number]
        found = names_and_numbers(question.text)
        if not found:
            return None
        old = chance.choice(found)
        near = names_and_numbers(self._collection.passages[question.passage])
        pool = near if chance.random() < 0.5 else self._pool[question.source]
        alike = [
            new
            for new in pool
            if new[0].isdigit() == old[0].isdigit() and new.lower() not in question.text.lower()
        ]
        if not alike:
            return None
        return self._tokenize(question.text.replace(old, chance.choice(alike), 1))


def names_and_numbers(text: str) -> list[str]:
    """Return the capitalised runs that do not begin a sentence, and the numbers.

    >>> names_and_numbers("When did Jan Kowalski leave Warsaw in 1944?")
    ['Jan Kowalski', 'Warsaw', '1944']
    """
    return [
        m.group()
        for m in re.finditer(
            r"(?<=[a-z,;] )[A-Z][\w-]+(?: (?:of |the )?[A-Z][\w-]+)*|\b\d[\d,.]*\d\b|\b\d\b", text
        )
    ]
