"""Gold questions with made-up answers, and an archive that gives just those: figures can be counted by hand."""

from dataclasses import dataclass, field

from qa_service.domain import (
    Abstention,
    AbstentionReason,
    Answer,
    ArticleSummary,
    Citation,
    Confidence,
    Hit,
    IndexInfo,
    Paragraph,
    ParagraphKind,
    Passage,
    Question,
    ShortAnswer,
)
from qa_service.evaluation import Evaluation, GoldQuestion, evaluate
from qa_service.evaluation.facts import RunFacts
from qa_service.retrieval import Ranking

INDEX = IndexInfo("20250101T000000Z-0123456789abcdef", "2025-01-01T00:00:00+00:00", 3, 9, "counting")
FACTS = RunFacts(
    "2025-02-03T04:05:06+00:00", "gold.jsonl", "qa-service eval gold.jsonl", "0.1.0", {"QA_READER": "fake"}
)


@dataclass(frozen=True)
class Case:
    """A gold question and what the service has to say to it.

    `cited` are the texts of the cited paragraphs, `ranked` those that retrieval finds, best first; without `cited`
    the service abstains however low the threshold. `short` has to stand in the first cited paragraph.
    """

    question: str
    answers: tuple[str, ...] = ()
    support: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    place: tuple[str, int] | None = None
    confidence: float = 0.9
    cited: tuple[str, ...] = ()
    short: str | None = None
    ranked: tuple[str, ...] = ()
    title: str = "A title"

    @property
    def gold(self) -> GoldQuestion:
        return GoldQuestion(
            f"id of {self.question}", self.question, self.answers, self.support, self.history, self.place
        )


@dataclass
class FakeArchive:
    """An archive of no articles: the fakes below know everything."""

    info: IndexInfo = INDEX


@dataclass
class FakeService:
    """Answers and ranks as the cases say, and counts how often it is asked."""

    cases: list[Case]
    asked: list[str] = field(default_factory=list)

    def ask(self, archive: object, question: Question) -> Answer:
        self.asked.append(question.text)
        return answer_of(next(c for c in self.cases if c.question == question.text), question)

    def retrieve(self, archive: object, text: str, *, limit: int) -> Ranking:
        found = next((c.ranked for c in self.cases if c.question == text), ())
        hits = [
            Hit(n, 1 / n, 0.0, 0.0, n, article("A title"), p, Passage("a", 0, 0, 0, 0, len(p.text), p.text))
            for n, p in enumerate(map(paragraph, found), start=1)
        ]
        return Ranking(tuple(hits[:limit]), len(hits))


def run(cases: list[Case], threshold: float | None = 0.5) -> Evaluation:
    """Evaluate `cases`."""
    service = FakeService(cases)
    return evaluate([case.gold for case in cases], FakeArchive(), service, service, threshold=threshold)


def answer_of(case: Case, question: Question) -> Answer:
    """Return what the service says to `case`."""
    citations = tuple(
        Citation(f"c{n}", n, article(case.title), paragraph(text), text, 0, len(text), 1.0)
        for n, text in enumerate(case.cited, start=1)
    )
    short = None
    if case.short is not None:
        start = case.cited[0].index(case.short)
        short = ShortAnswer(case.short, start, start + len(case.short), "c1")
    return Answer(
        answer_id="ans_1",
        created_at="2025-01-01T00:00:00+00:00",
        conversation_id="c",
        question=question,
        standalone=question.text,
        text=" ".join(case.cited) if citations else None,
        short_answer=short,
        sentences=(),
        citations=citations,
        abstention=None if citations else Abstention(AbstentionReason.NO_MATCH, "Nothing.", ()),
        confidence=Confidence(case.confidence, 0.0, calibrated=True),
        index=INDEX,
        engine_mode="extractive",
        engine_reader="fake-reader",
    )


def article(title: str) -> ArticleSummary:
    """Return an article of that title, dated and with a source."""
    return ArticleSummary("a", title, None, "Courier", (), "2025-03-11", False, None, 9)


def paragraph(text: str) -> Paragraph:
    """Return a body paragraph that begins its article; its index is how many words it has."""
    return Paragraph(0, len(text.split()), ParagraphKind.BODY, 0, len(text), text)
