"""What the running service says of itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qa_service.answering import Answerer
from qa_service.archive import LiveArchive
from qa_service.citing import CitationPolicy
from qa_service.live_service import LiveService
from qa_service.overlap_reading import OverlapConfidence, OverlapReader
from qa_service.retrieval import Retriever
from tests.unit.index_building import BACKENDS, HashEncoder, build, write_articles


@contextmanager
def serving(data_dir: Path) -> Iterator[LiveService]:
    encoder = HashEncoder()
    retriever = Retriever(encoder, 10)
    reader = OverlapReader(OverlapConfidence(0.0, (1.0, 1.0, 1.0)))
    answerer = Answerer(retriever, reader, 0.5, CitationPolicy(0.1, 0.2))
    live = LiveArchive(data_dir, BACKENDS, encoder.weight_hash, refresh_s=3600)
    service = LiveService(live, encoder, retriever, answerer, data_dir)
    yield service
    service.close()


def test_a_service_with_an_index_is_ready_and_names_no_path(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    name = build(data_dir, write_articles(tmp_path / "a.jsonl", {"ferry": "The ferry sank."})).generation
    with serving(data_dir) as service:
        checks = {check.name: check for check in service.checks()}
    assert all(check.ok for check in checks.values())
    assert checks["index"].detail == f"generation {name}, 1 articles"
    assert str(tmp_path) not in "".join(check.detail for check in checks.values())


def test_without_a_data_folder_it_waits_for_a_reindex(tmp_path: Path) -> None:
    with serving(tmp_path / "missing") as service:
        checks = {check.name: check for check in service.checks()}
    assert (checks["index"].ok, checks["encoder"].ok, checks["data_dir"].ok) == (False, True, False)
    assert "reindex makes it" in checks["data_dir"].detail
    assert "qa-service reindex" in checks["index"].detail
    assert str(tmp_path) not in "".join(check.detail for check in checks.values())
