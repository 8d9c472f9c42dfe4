"""Answers from the sample archive and the seed, with the real encoder."""

from dataclasses import replace
from pathlib import Path

import pytest

from embeddings.protocols import Encoder
from embeddings.sentences import sentence_spans
from qa_service import bootstrap
from qa_service.archive import Archive
from qa_service.domain import Answer, ParagraphKind, Question, Turn
from qa_service.evaluation import evaluate, read_gold
from qa_service.settings import Settings
from qa_service.suggestions import WANTED, answered_suggestions

SAMPLE_GOLD = bootstrap.sample_folder().parent / "questions.jsonl"


def assert_quotes_are_stored(archive: Archive, answer: Answer) -> int:
    """Check invariant 1 on every citation; return how many there were."""
    nearest = answer.abstention.nearest if answer.abstention else ()
    for citation in (*answer.citations, *nearest):
        article = archive.store.article(citation.article.article_id)
        assert article.text[citation.start : citation.end] == citation.quote != ""
        paragraph = citation.paragraph
        assert article.text[paragraph.start : paragraph.end] == paragraph.text
        assert paragraph.start <= citation.start < citation.end <= paragraph.end
    return len(answer.citations) + len(nearest)


def test_every_citation_of_hundreds_of_questions_is_verbatim(
    sample_settings: Settings, encoder: Encoder
) -> None:
    archive = bootstrap.open_archive(sample_settings, encoder)
    answerer = bootstrap.build_answerer(sample_settings, encoder)
    asked = [(g.question, tuple(Turn("user", h) for h in g.history)) for g in read_gold(SAMPLE_GOLD)]
    for summary in archive.store.articles(100):
        for paragraph in archive.store.article(summary.article_id).paragraphs[::2]:
            if paragraph.kind is ParagraphKind.BODY:
                first = sentence_spans(paragraph.text)[0]
                asked.append((f"Is it so that {paragraph.text[first.start : first.end]}", ()))
    assert len(asked) >= 200
    shown = sum(assert_quotes_are_stored(archive, answerer.ask(archive, Question(*one))) for one in asked)
    assert shown >= len(asked)


def test_the_samples_are_answered_well(
    sample_settings: Settings, encoder: Encoder, sample_archive: Archive
) -> None:
    retriever, answerer = (
        bootstrap.build_retriever(sample_settings, encoder),
        bootstrap.build_answerer(sample_settings, encoder),
    )
    figures = evaluate(read_gold(SAMPLE_GOLD), sample_archive, retriever, answerer).figures()
    assert float(figures["recall@10"]) >= 0.9
    assert float(figures["cited"]) >= 0.6


@pytest.mark.parametrize(
    "text",
    [
        "Кто капитан парома?",
        "港の責任者は誰ですか？",
        "من هو قائد العبارة؟",
        "🦊🦊🦊 ferry 👩‍👩‍👧‍👦?",
        "e\u0301te\u0301 \u202eferry\u202c",
        "ferry " * 600,
        "?" * 50 + " who",
        "<script>alert(1)</script> ferry {{7*7}}",
    ],
)
def test_odd_questions_are_answered_or_refused_with_stored_quotes(
    sample_settings: Settings, encoder: Encoder, sample_archive: Archive, text: str
) -> None:
    answer = bootstrap.build_answerer(sample_settings, encoder).ask(sample_archive, Question(text))
    assert_quotes_are_stored(sample_archive, answer)
    assert 0 <= answer.confidence.score <= 1
    assert answer.confidence.calibrated


def test_greetings_get_no_quote(sample_settings: Settings, encoder: Encoder, sample_archive: Archive) -> None:
    answerer = bootstrap.build_answerer(sample_settings, encoder)
    for text in ("hello", "Thanks!", "???", "good morning", "👋"):
        answer = answerer.ask(sample_archive, Question(text))
        assert answer.abstention is not None
        assert answer.abstention.nearest == ()
        assert "full question" in answer.abstention.message


def test_accepting_every_error_answers_and_accepting_none_refuses(
    sample_settings: Settings, encoder: Encoder, sample_archive: Archive
) -> None:
    question = Question(read_gold(SAMPLE_GOLD)[0].question)
    for accepted, status in ((1.0, "answered"), (0.0, "abstained")):
        settings = replace(sample_settings, accepted_error=accepted)
        assert bootstrap.build_answerer(settings, encoder).ask(sample_archive, question).status == status


def test_the_overlap_reader_answers_where_it_is_chosen(
    sample_settings: Settings, encoder: Encoder, sample_archive: Archive
) -> None:
    settings = replace(sample_settings, reader="sentence-overlap")
    answer = bootstrap.build_answerer(settings, encoder).ask(
        sample_archive, Question(read_gold(SAMPLE_GOLD)[0].question)
    )
    assert (answer.engine_reader, answer.confidence.calibrated) == ("sentence-overlap", False)


def test_suggested_questions_are_answered(
    sample_settings: Settings, encoder: Encoder, sample_archive: Archive
) -> None:
    answerer = bootstrap.build_answerer(sample_settings, encoder)
    suggested = answered_suggestions(sample_archive, answerer)
    assert len(suggested) == len(set(suggested)) == WANTED
    for text in suggested:
        assert answerer.ask(sample_archive, Question(text)).status == "answered"


@pytest.fixture(scope="module")
def seed_figures(
    shared: Path, encoder: Encoder, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, float]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("seed"))
    source = shared / "seed" / "articles.txt"
    bootstrap.run_reindex(
        settings, [source], full=False, dry_run=False, progress=lambda stage, done, total: None
    )
    evaluation = evaluate(
        read_gold(shared / "gold" / "seed_dev.jsonl"),
        bootstrap.open_archive(settings, encoder),
        bootstrap.build_retriever(settings, encoder),
        bootstrap.build_answerer(settings, encoder),
    )
    figures = evaluation.figures()
    return {name: float(value) for name, value in figures.items() if isinstance(value, float | int)}


def test_the_seed_reaches_its_figures(seed_figures: dict[str, float]) -> None:
    assert seed_figures["answerable"] == 43
    assert seed_figures["unanswerable"] == 16
    assert seed_figures["follow_ups"] == 5
    assert seed_figures["recall@1"] >= 0.86
    assert seed_figures["recall@3"] >= 0.97
    assert seed_figures["cited"] >= 0.95
    assert seed_figures["cited_first"] >= 0.90
    assert seed_figures["right"] >= 0.85
    assert seed_figures["answerable_refused"] <= 0.08
    assert seed_figures["unanswerable_refused"] >= 13 / 16
