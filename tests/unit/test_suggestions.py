"""Suggested questions are made from names in the text and kept only when they are answered."""

from pathlib import Path

from qa_service.answering import Answerer
from qa_service.archive import open_current
from qa_service.overlap_reading import OverlapReader
from qa_service.retrieval import Retriever
from qa_service.suggestions import answered_suggestions, sample_questions
from tests.unit.index_building import BACKENDS, HashEncoder, build, write_articles
from tests.unit.test_answering import POLICY, SURE, WordsAlone

TEXT = (
    "The council met captain Ilse Brandt, 40, in the Energy Office, a tower."
    "\n\nUnlike Gamma, who left, Otto Lind said no.\n\nIt was Mr Marten, the mayor, who spoke."
)


def suggested(tmp_path: Path, text: str, threshold: float = 0.5) -> tuple[str, ...]:
    build(tmp_path / "data", write_articles(tmp_path / "a.jsonl", {"a": text}), encoder=WordsAlone())
    archive = open_current(tmp_path / "data", BACKENDS, HashEncoder().weight_hash)
    return answered_suggestions(
        archive, Answerer(Retriever(WordsAlone(), 50), OverlapReader(SURE), threshold, POLICY)
    )


def test_people_are_asked_about(tmp_path: Path) -> None:
    assert suggested(tmp_path, TEXT) == ("Who is Ilse Brandt?", "What did Otto Lind say?")


def test_what_is_not_answered_is_not_suggested(tmp_path: Path) -> None:
    assert suggested(tmp_path, TEXT, threshold=1.0) == ()


def test_a_text_without_names_suggests_nothing(tmp_path: Path) -> None:
    assert suggested(tmp_path, "it rained all day, and nobody came to the harbour.") == ()


def test_the_samples_bring_questions_with_their_proof() -> None:
    assert len(sample_questions()) >= 4
    assert all(support for _, support in sample_questions())
