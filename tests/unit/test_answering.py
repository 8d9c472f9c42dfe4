"""The read flow on real generations of small archives."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from embeddings.protocols import LexicalIndex, Span
from qa_service.answering import Answerer
from qa_service.archive import Archive, open_current
from qa_service.citing import CitationPolicy
from qa_service.domain import AbstentionReason, Answer, Filters, Hit, ParagraphKind, Question, Turn
from qa_service.errors import InvalidFilter, InvalidQuestion
from qa_service.overlap_reading import OverlapConfidence, OverlapReader, features
from qa_service.question_checks import MAX_QUESTION, check_question, checked_filters
from qa_service.reading import Evidence, HitReader
from qa_service.retrieval import Retriever
from tests.unit.index_building import BACKENDS, HashEncoder, build, write_articles

SURE = OverlapConfidence(intercept=9.0, weights=(0.0, 0.0, 0.0))
POLICY = CitationPolicy(margin=0.1, gain=0.2)
TEXTS = {
    "ferry": "The ferry Calla sank off Norrey. 😀 It had left Carrow at dawn.\n\nCaptain Ilse Brandt survived.",
    "strike": "Dockers stopped work at noon. They want 8 percent.\n\nThe port offered 4.5 percent.",
}


class WordsAlone(HashEncoder):
    """Finds everything equally near, so that the words decide the ranking."""

    def encode_query(self, text: str) -> NDArray[np.float32]:
        return np.zeros(self.dimension, dtype=np.float32)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    folder = tmp_path_factory.mktemp("archive")
    build(
        folder / "data",
        write_articles(folder / "a.jsonl", TEXTS, source="Courier", published_at="2025-03-11"),
    )
    return open_current(folder / "data", BACKENDS, WordsAlone().weight_hash)


def answerer(reader: HitReader | None = None, threshold: float = 0.5) -> Answerer:
    return Answerer(Retriever(WordsAlone(), 50), reader or OverlapReader(SURE), threshold, POLICY)


def assert_every_quote_is_stored(archive: Archive, answer: Answer) -> None:
    nearest = answer.abstention.nearest if answer.abstention else ()
    for citation in (*answer.citations, *nearest):
        article = archive.store.article(citation.article.article_id)
        assert article.text[citation.start : citation.end] == citation.quote
        assert article.paragraphs[citation.paragraph.ordinal] == citation.paragraph
        assert citation.paragraph.start <= citation.start < citation.end <= citation.paragraph.end
    for sentence in answer.sentences:
        assert answer.text is not None
        assert answer.text[sentence.start : sentence.end] == sentence.text
        assert set(sentence.citation_ids) <= {c.citation_id for c in answer.citations}


def test_an_answer_quotes_the_sentence_and_says_where_it_stands(archive: Archive) -> None:
    answer = answerer().ask(archive, Question("Which captain survived: Ilse Brandt?", top_k=1))
    assert answer.status == "answered"
    assert answer.text == "Captain Ilse Brandt survived."
    (citation,) = answer.citations
    assert (citation.article.article_id, citation.paragraph.index, citation.number) == ("ferry", 1, 1)
    assert answer.index.generation == archive.info.generation
    assert (answer.engine_mode, answer.engine_reader) == ("extractive", "sentence-overlap")
    assert_every_quote_is_stored(archive, answer)


def test_a_question_over_two_paragraphs_cites_both(archive: Archive) -> None:
    answer = answerer().ask(
        archive, Question("What percent did the dockers want and what did the port offer?")
    )
    cited = {(c.article.article_id, c.paragraph.index) for c in answer.citations}
    assert {("strike", 0), ("strike", 1)} <= cited
    assert [c.number for c in answer.citations] == list(range(1, len(answer.citations) + 1))


def test_below_the_threshold_it_abstains_with_the_nearest_paragraphs(archive: Archive) -> None:
    answer = answerer(threshold=1.0).ask(archive, Question("Which captain survived?"))
    assert answer.abstention is not None
    assert answer.abstention.reason is AbstentionReason.BELOW_THRESHOLD
    assert (answer.text, answer.short_answer, answer.citations, answer.sentences) == (None, None, (), ())
    assert 1 <= len(answer.abstention.nearest) <= 3
    assert_every_quote_is_stored(archive, answer)


def test_without_a_shared_word_below_the_threshold_nothing_matches(archive: Archive) -> None:
    answer = answerer(threshold=1.0).ask(archive, Question("Quarterly zeppelin maintenance"))
    assert answer.abstention is not None
    assert answer.abstention.reason is AbstentionReason.NO_MATCH
    assert_every_quote_is_stored(archive, answer)


@pytest.mark.parametrize(
    ("text", "opening"),
    [
        ("Hello!", "Hello."),
        ("Thanks a lot 😀", "You are welcome."),
        ("???", "There are no words"),
        ("👍", "There are"),
    ],
)
def test_a_message_that_asks_nothing_is_told_what_can_be_asked(
    archive: Archive, text: str, opening: str
) -> None:
    answer = answerer().ask(archive, Question(text))
    assert answer.abstention is not None
    assert answer.abstention.message.startswith(opening)
    assert "2 articles" in answer.abstention.message
    assert (answer.abstention.nearest, answer.confidence.score) == ((), 0.0)


def test_filters_that_leave_nothing_are_named_as_the_reason(archive: Archive) -> None:
    answer = answerer().ask(
        archive, Question("Which captain survived?", filters=Filters(sources=("Elsewhere",)))
    )
    assert answer.abstention is not None
    assert answer.abstention.reason is AbstentionReason.FILTERS_EMPTY
    assert answer.confidence.score == 0.0


@pytest.mark.parametrize("kinds", [("headline",), ("subhead", "headline"), ("subhead", "body")])
def test_kinds_that_are_cited_with_what_follows_are_said_to_be_so(
    archive: Archive, kinds: tuple[str, ...]
) -> None:
    filters = Filters(kinds=tuple(map(ParagraphKind, kinds)))
    answer = answerer(threshold=0.0).ask(archive, Question("Which captain survived?", filters=filters))
    (note,) = answer.warnings
    assert note.startswith(
        f"filters.kinds names {' and '.join(kinds).replace(' and body', '')}: headings are"
    )
    if "body" in kinds:
        assert {one.paragraph.kind.value for one in answer.citations} == {"body"}
    else:
        assert answer.abstention is not None
        assert answer.abstention.reason is AbstentionReason.FILTERS_EMPTY
        assert answer.abstention.message.startswith("No paragraph fits the filters; widen the kinds")
        assert note in answer.abstention.message


def test_other_kinds_that_nothing_is_of_are_named_as_the_reason(archive: Archive) -> None:
    filters = Filters(kinds=(ParagraphKind.TABLE,))
    answer = answerer().ask(archive, Question("Who is the mayor?", filters=filters))
    assert answer.abstention is not None
    assert "widen the kinds" in answer.abstention.message
    assert answer.warnings == ()


def test_as_of_hides_what_was_published_later(archive: Archive) -> None:
    early = answerer().ask(archive, Question("Which captain survived?", as_of="2025-03-10"))
    assert early.abstention is not None
    assert answerer().ask(archive, Question("Which captain survived?", as_of="2025-03-11")).abstention is None


class MisplacedReader:
    """Claims words that stand elsewhere."""

    mode, name, calibrated = "extractive", "misplaced", False

    def read(self, question: str, hits: Sequence[Hit], lexical: LexicalIndex) -> list[Evidence]:
        found = OverlapReader(SURE).read(question, hits, lexical)
        return [replace(e, quote=Span(e.hit.paragraph.end, e.hit.paragraph.end + 5)) for e in found]


def test_a_quote_that_is_not_in_its_paragraph_is_never_shown(archive: Archive) -> None:
    answer = answerer(MisplacedReader()).ask(archive, Question("Which captain survived?"))
    assert answer.abstention is not None
    assert answer.abstention.reason is AbstentionReason.NO_MATCH
    assert answer.abstention.nearest == ()


def test_a_store_whose_text_differs_from_the_hit_gives_no_answer(archive: Archive, tmp_path: Path) -> None:
    other = write_articles(tmp_path / "b.jsonl", {i: t.replace("a", "o") for i, t in TEXTS.items()})
    build(tmp_path / "other", other, encoder=WordsAlone())
    elsewhere = open_current(tmp_path / "other", BACKENDS, WordsAlone().weight_hash)

    class Swapping(Retriever):
        def retrieve(self, archive: Archive, text: str, **options: object):  # type: ignore[no-untyped-def, override]
            return super().retrieve(elsewhere, text, **options)  # type: ignore[arg-type]

    drifted = Answerer(Swapping(WordsAlone(), 50), OverlapReader(SURE), 0.5, POLICY)
    assert drifted.ask(archive, Question("captoin survived")).citations == ()


def test_a_follow_up_is_searched_as_it_stands_alone(archive: Archive) -> None:
    history = (Turn("user", "Who is Ilse Brandt?"), Turn("assistant", "Captain Ilse Brandt survived."))
    answer = answerer().ask(archive, Question("Did she survive?", history, top_k=1))
    assert answer.standalone == "Did Captain Ilse Brandt survive?"
    assert answer.text == "Captain Ilse Brandt survived."


def test_a_follow_up_with_two_meanings_is_asked_back(archive: Archive) -> None:
    history = (Turn("user", "Did Mrs Brandt and Mrs Holm survive?"),)
    answer = answerer().ask(archive, Question("How old is she?", history))
    assert answer.abstention is not None
    assert "choose" in answer.abstention.message
    assert answer.alternatives == ("How old is Mrs Brandt?", "How old is Mrs Holm?")
    assert (answer.citations, answer.abstention.nearest) == ((), ())


class OnlyBrandt(OverlapReader):
    """Is sure only of what begins with Brandt."""

    def read(self, question: str, hits: Sequence[Hit], lexical: LexicalIndex) -> list[Evidence]:
        sure = 0.9 if question.startswith(("Did Brandt", "How old is Mrs Brandt")) else 0.1
        return [replace(e, confidence=sure) for e in super().read(question, hits, lexical)]


def test_of_two_places_for_a_name_the_only_one_that_is_answered_is_taken(archive: Archive) -> None:
    history = (Turn("user", "Did Merkel speak to Holm?"),)
    answer = answerer(OnlyBrandt(SURE)).ask(archive, Question("And Brandt?", history))
    assert (answer.status, answer.standalone, answer.alternatives) == (
        "answered",
        "Did Brandt speak to Holm?",
        (),
    )


def test_of_two_people_none_is_taken_because_the_archive_knows_only_one(archive: Archive) -> None:
    history = (Turn("user", "Did Mrs Brandt and Mrs Holm survive?"),)
    answer = answerer(OnlyBrandt(SURE)).ask(archive, Question("How old is she?", history))
    assert answer.status == "abstained"
    assert answer.alternatives == ("How old is Mrs Brandt?", "How old is Mrs Holm?")


class NamingReader:
    """Marks “Ilse Brandt” wherever it stands."""

    mode, name, calibrated = "extractive", "naming", False

    def read(self, question: str, hits: Sequence[Hit], lexical: LexicalIndex) -> list[Evidence]:
        return [self._marked(e) for e in OverlapReader(SURE).read(question, hits, lexical)]

    def _marked(self, evidence: Evidence) -> Evidence:
        at = evidence.hit.paragraph.text.find("Ilse Brandt")
        start = evidence.hit.paragraph.start + at
        return replace(evidence, short=Span(start, start + 11)) if at >= 0 else evidence


def test_an_earlier_question_is_answered_again_to_know_who_is_meant(archive: Archive) -> None:
    history = (Turn("user", "Which captain survived?"),)
    answer = answerer(NamingReader()).ask(archive, Question("Where did she live?", history))
    assert answer.standalone == "Where did Ilse Brandt live?"
    assert answer.short_answer is not None
    assert answer.short_answer.text == "Ilse Brandt"


def test_the_same_question_gives_the_same_answer(archive: Archive) -> None:
    def settled(answer: Answer) -> Answer:
        return replace(answer, answer_id="", created_at="", conversation_id="", timings_ms={})

    first, second = (answerer().ask(archive, Question("What percent?")) for _ in range(2))
    assert settled(first) == settled(second)
    assert {"retrieve", "read", "cite", "total"} <= first.timings_ms.keys()


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=80))
def test_any_question_is_answered_or_refused_with_stored_quotes(archive: Archive, text: str) -> None:
    if text.strip():
        assert_every_quote_is_stored(archive, answerer().ask(archive, Question(text)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("x" * (MAX_QUESTION + 1), "4,001"),
        ("a\0b", "U+0000"),
        ("\ud800", "U+D800"),
    ],
)
def test_questions_that_are_none_are_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidQuestion) as caught:
        check_question(text)
    assert message in str(caught.value)


def test_the_longest_question_is_taken(archive: Archive) -> None:
    assert answerer().ask(archive, Question("captain " * 500)).question.text == "captain " * 500


@pytest.mark.parametrize(
    "question",
    [
        Question("Who?", filters=Filters(date_from="yesterday")),
        Question("Who?", filters=Filters(date_to="2025-02-30")),
        Question("Who?", as_of="11 March"),
        Question("Who?", filters=Filters(date_from="2025-03-02", date_to="2025-03-01")),
    ],
)
def test_dates_that_are_none_are_refused(archive: Archive, question: Question) -> None:
    with pytest.raises(InvalidFilter):
        answerer().ask(archive, question)


def test_confidence_is_a_probability_that_rises_with_its_features(archive: Archive) -> None:
    hits = Retriever(WordsAlone(), 50).retrieve(archive, "captain Brandt", limit=3).hits
    evidence = OverlapReader(SURE).read("captain Brandt", hits, archive.lexical)
    low, high = (OverlapConfidence(-2.0, (1.0, w, 0.0)).score(evidence) for w in (1.0, 2.0))
    assert 0.0 < low < high < 1.0
    assert features(evidence)[1] == max(e.coverage for e in evidence)


def test_dates_and_names_reach_the_store_in_its_own_form() -> None:
    given = Filters(date_from="20260901", date_to="2026-09-03T10:00:00Z", sources=("Cafe\u0301",))
    checked, as_of = checked_filters(given, "2026-W36-2")
    assert (checked.date_from, checked.date_to, checked.sources) == (
        "2026-09-01",
        "2026-09-03",
        ("Caf\u00e9",),
    )
    assert as_of == "2026-09-01"
