"""Reading with the cross-encoder: paragraphs ranked anew, the words that answer marked, a calibrated confidence."""

from collections.abc import Sequence

from embeddings.answer_calibration import AnswerCalibration, AnswerFeatures
from embeddings.answer_signs import coverage, mismatch
from embeddings.protocols import LexicalIndex, Reader, Reading, Span
from qa_service.citing import holds_words
from qa_service.domain import Hit
from qa_service.reading import Evidence, held_words
from qa_service.sentence_choice import ParagraphSentences, is_open

# How many of the first paragraphs are read whatever they say where they are of another article than the answer:
# it may tell the same, or something else.
COMPARED = 3


class SpanReader:
    """Marks, in each paragraph that it reads, the few words that answer, and quotes the sentences around them.

    Not every hit is read: the first is, then one after another until no further one could come first even with the
    relevance `AnswerCalibration.high_relevance`. Of other articles, those that hold the answer's words and those among
    the first `COMPARED` are read too.
    """

    mode = "extractive"
    calibrated = True

    def __init__(self, reader: Reader, calibration: AnswerCalibration) -> None:
        self._reader, self._calibration = reader, calibration

    @property
    def name(self) -> str:
        """See `HitReader.name`."""
        return self._reader.name

    def read(self, question: str, hits: Sequence[Hit], lexical: LexicalIndex) -> list[Evidence]:
        """Return the evidence of each hit that was read, best first; equal ones keep the order of retrieval."""
        weights, account = lexical.term_weights(question), is_open(question)
        found = []
        for hit, reading in self._readings(question, hits):
            sentences = ParagraphSentences(hit.paragraph.text, weights, lexical)
            quote, short = _marked(hit, reading, sentences, account)
            features = AnswerFeatures(
                reading.span_score,
                reading.no_answer,
                hit.dense,
                coverage(lexical, question, hit.paragraph.text, reading.span, hit.article.title),
                mismatch(question, _words(hit, reading)),
            )
            confidence = self._calibration.probability(features)
            held = held_words(hit, weights, lexical)
            found.append(Evidence(hit, quote, short, self._score(hit, reading), held, confidence))
        return sorted(found, key=lambda e: -e.score)

    def _readings(self, question: str, hits: Sequence[Hit]) -> list[tuple[Hit, Reading]]:
        """Return what was read, in the order of retrieval."""
        read = self._take(question, hits[:1])
        while len(read) < len(hits) and self._may_lead(hits[len(read)], read):
            read += self._take(question, [hits[len(read)]])
        if len(read) < len(hits):
            best, reading = max(read, key=lambda pair: self._score(*pair))
            read += self._take(question, _of_others(hits, len(read), best, _words(best, reading)))
        return read

    def _take(self, question: str, hits: Sequence[Hit]) -> list[tuple[Hit, Reading]]:
        if not hits:
            return []
        texts, before = [hit.paragraph.text for hit in hits], [hit.before for hit in hits]
        return list(zip(hits, self._reader.read(question, texts, before), strict=True))

    def _may_lead(self, hit: Hit, read: Sequence[tuple[Hit, Reading]]) -> bool:
        highest = self._calibration.reading_score(self._calibration.high_relevance, hit.score)
        return highest > max(self._score(*pair) for pair in read)

    def _score(self, hit: Hit, reading: Reading) -> float:
        return self._calibration.reading_score(reading.relevance, hit.score)


def _of_others(hits: Sequence[Hit], read: int, best: Hit, answer: str) -> list[Hit]:
    """Return those behind the first `read` of `hits`, in other articles than `best`, that may agree or differ."""
    return [
        hit
        for place, hit in enumerate(hits)
        if place >= read
        and hit.article.article_id != best.article.article_id
        and (place < COMPARED or holds_words(hit.paragraph.text, answer))
    ]


def _words(hit: Hit, reading: Reading) -> str:
    return hit.paragraph.text[reading.span.start : reading.span.end] if reading.span else ""


def _marked(
    hit: Hit, reading: Reading, sentences: ParagraphSentences, account: bool
) -> tuple[Span, Span | None]:
    """Return quote and short answer in code points of the article's text."""
    base = hit.paragraph.start
    if reading.span is None:
        chosen = sentences.best()
        return Span(base + chosen.start, base + chosen.end), None
    chosen = sentences.around(reading.span, account=account)
    short = Span(base + reading.span.start, base + reading.span.end)
    # A span may begin or end between sentences (a closing quotation mark): the quote takes it in.
    return Span(min(base + chosen.start, short.start), max(base + chosen.end, short.end)), short
