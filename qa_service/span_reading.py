"""Reading with the cross-encoder: paragraphs ranked anew, the words that answer marked, a calibrated confidence."""

from collections.abc import Sequence

from embeddings.answer_calibration import LONE_MARGIN, AnswerCalibration, AnswerFeatures
from embeddings.answer_signs import coverage, mismatch
from embeddings.protocols import LexicalIndex, Reader, Reading, Span
from qa_service.domain import Hit
from qa_service.reading import Evidence, held_words
from qa_service.sentence_choice import ParagraphSentences, is_open


class SpanReader:
    """Marks, in each paragraph, the few words that answer, and quotes the sentences around them."""

    mode = "extractive"
    calibrated = True

    def __init__(self, reader: Reader, calibration: AnswerCalibration) -> None:
        self._reader, self._calibration = reader, calibration

    @property
    def name(self) -> str:
        """See `HitReader.name`."""
        return self._reader.name

    def read(self, question: str, hits: Sequence[Hit], lexical: LexicalIndex) -> list[Evidence]:
        """Return the evidence of each hit, best reading first; equal ones keep the order of retrieval."""
        readings = self._reader.read(
            question, [hit.paragraph.text for hit in hits], [hit.before for hit in hits]
        )
        scores = [
            self._calibration.reading_score(reading.relevance, hit.score)
            for reading, hit in zip(readings, hits, strict=True)
        ]
        weights, account = lexical.term_weights(question), is_open(question)
        found = []
        for number, (hit, reading) in enumerate(zip(hits, readings, strict=True)):
            quote, short = _marked(
                hit, reading, ParagraphSentences(hit.paragraph.text, weights, lexical), account
            )
            rivals = [score for other, score in enumerate(scores) if other != number]
            around = (hit.article.title, hit.before)
            signs = (
                *coverage(lexical, question, hit.paragraph.text, reading.span, around),
                mismatch(question, _words(hit, reading)),
            )
            confidence = self._confidence(hit, reading, scores[number], rivals, signs)
            held = held_words(hit, weights, lexical)
            found.append(Evidence(hit, quote, short, scores[number], held, confidence))
        return sorted(found, key=lambda e: -e.score)

    def _confidence(
        self,
        hit: Hit,
        reading: Reading,
        score: float,
        rivals: Sequence[float],
        signs: tuple[float, float, float],
    ) -> float:
        """Return the probability that `reading` answers, given the scores of the other paragraphs."""
        margin = min(LONE_MARGIN, score - max(rivals)) if rivals else LONE_MARGIN
        return self._calibration.probability(
            AnswerFeatures(
                reading.relevance, margin, reading.span_score, reading.no_answer, hit.dense, *signs
            )
        )


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
