"""Training groups of passages as short as news paragraphs, read with what stands before them."""

import random
from collections.abc import Sequence
from dataclasses import replace

from embeddings.reader_windows import Tokens, Window, cut_window, with_context
from embeddings.training.examples import Question
from embeddings.training.group_parts import Example, Group, TokenisedCollection, token_sentences, token_span

# How often what stands before the sentences is read with them.
CONTEXT_SHARE = 0.75
SHORT_TOKENS = 70
# How often a group has other sentences of the same passage for a negative.
NEIGHBOUR_SHARE = 0.5


class ShortGroups:
    """Makes short groups; the same state of `chance` gives the same groups."""

    def __init__(self, data: TokenisedCollection, chance: random.Random) -> None:
        self._data, self._random = data, chance

    def group(self, number: int, question: Question) -> Group:
        """Return a group of passages as short as news paragraphs; empty where the answer's sentences are longer."""
        asked, passage = self._data.questions[number], self._data.passages[question.passage]
        sentences = token_sentences(self._data.collection.passages[question.passage], passage)
        votes = [span for start, end in question.answers if (span := token_span(passage, start, end))]
        holding = {
            i for i, (a, b) in enumerate(sentences) if any(first < b and last >= a for first, last in votes)
        }
        if not votes or not holding:
            return []
        anchor = self._random.choice(votes)
        inside = [i for i, (a, b) in enumerate(sentences) if anchor[0] < b and anchor[1] >= a]
        stretch = self._stretch(sentences, inside[0], inside[-1])
        if stretch is None:
            return []
        first, end = stretch
        starts: dict[int, float] = {}
        ends: dict[int, float] = {}
        window = self._cut_out(asked, passage, first, end)
        held = [(s, e) for s, e in votes if first <= s and e < end]
        for start, last in held:
            place = window.offset - first
            starts[start + place] = starts.get(start + place, 0.0) + 1 / len(held)
            ends[last + place] = ends.get(last + place, 0.0) + 1 / len(held)
        group = [Example(window, starts, ends, 0.0)]
        neighbour = self._neighbour(asked, question, sentences, holding)
        if neighbour is not None and self._random.random() < NEIGHBOUR_SHARE:
            group.append(Example(neighbour, {}, {}, 1.0))
        rows = self._data.negatives[number]
        for place in {min(int(self._random.expovariate(0.7)), len(rows) - 1) for _ in range(2) if rows}:
            group.append(Example(self._likely_stretch(asked, rows[place]), {}, {}, 1.0))
        return group if len(group) > 1 else []

    def _stretch(self, sentences: Sequence[tuple[int, int]], first: int, last: int) -> tuple[int, int] | None:
        """Return the tokens of sentences first..last with up to two more around them; None when too many."""
        if sentences[last][1] - sentences[first][0] > SHORT_TOKENS:
            return None
        for _ in range(self._random.randint(0, 2)):
            back = first > 0 and self._random.random() < 0.5
            wider = (first - 1, last) if back else (first, min(last + 1, len(sentences) - 1))
            if sentences[wider[1]][1] - sentences[wider[0]][0] <= SHORT_TOKENS:
                first, last = wider
        return sentences[first][0], sentences[last][1]

    def _cut_out(self, asked: Tokens, passage: Tokens, first: int, end: int) -> Window:
        """Return the window of the tokens first..end alone, now and then with what stands before them."""
        part = Tokens(passage.ids[first:end], passage.places[first:end])
        window = replace(cut_window(asked, part, 0), first=first)
        return with_context(window, passage.ids[:first]) if self._random.random() < CONTEXT_SHARE else window

    def _neighbour(
        self, asked: Tokens, question: Question, sentences: Sequence[tuple[int, int]], holding: set[int]
    ) -> Window | None:
        """Return other sentences of the passage, the answer perhaps before them."""
        text, passage = (
            self._data.collection.passages[question.passage],
            self._data.passages[question.passage],
        )
        answers = [text[start:end].lower() for start, end in question.answers]

        def free(i: int) -> bool:
            begin, end = passage.places[sentences[i][0]][0], passage.places[sentences[i][1] - 1][1]
            return i not in holding and not any(answer in text[begin:end].lower() for answer in answers)

        usable = [
            i for i in range(len(sentences)) if free(i) and sentences[i][1] - sentences[i][0] <= SHORT_TOKENS
        ]
        if not usable:
            return None
        first = last = self._random.choice(usable)
        while (
            last + 1 in usable
            and sentences[last + 1][1] - sentences[first][0] <= SHORT_TOKENS
            and self._random.random() < 0.5
        ):
            last += 1
        return self._cut_out(asked, passage, sentences[first][0], sentences[last][1])

    def _likely_stretch(self, asked: Tokens, row: int) -> Window:
        """Return a few sentences of a passage, those with most of the question's tokens, or now and then any."""
        passage = self._data.passages[row]
        sentences = token_sentences(self._data.collection.passages[row], passage)
        if not sentences:
            return cut_window(asked, passage, 0)
        wanted = set(asked.ids)
        place = self._random.randrange(len(sentences))
        if self._random.random() < 0.7:
            place = max(
                range(len(sentences)), key=lambda i: len(wanted & set(passage.ids[slice(*sentences[i])]))
            )
        stretch = self._stretch(sentences, place, place)
        first, end = stretch or sentences[place]
        return self._cut_out(asked, passage, first, end)
