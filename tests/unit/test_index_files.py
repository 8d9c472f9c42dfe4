"""Generations whose archive has outgrown exact search: recorded, proved, taken over and opened beside older ones."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from embeddings.lexical_index import Bm25LexicalIndexBackend
from embeddings.vector_index import FaissVectorIndexBackend, FlatVectorIndex
from embeddings.vector_index_ivf import IvfVectorIndex
from qa_service.archive import Archive, Backends, open_current
from qa_service.chunking import ParagraphChunker
from qa_service.errors import GenerationDamaged
from qa_service.indexing import ReindexReport, reindex
from tests.unit.index_building import HashEncoder, write_articles

GROWN = Backends(FaissVectorIndexBackend(exact_up_to=20), Bm25LexicalIndexBackend())
HASH = "a" * 64


def index(data_dir: Path, articles: int, **options: object) -> ReindexReport:
    texts = {f"a{n}": f"Paragraph number {n} of the archive." for n in range(articles)}
    source = write_articles(data_dir.with_suffix(".jsonl"), texts)
    given = {"encoder": HashEncoder(), "chunker": ParagraphChunker(), "backends": GROWN, **options}
    return reindex([source], data_dir, **given)  # type: ignore[arg-type]


def opened(data_dir: Path) -> Archive:
    return open_current(data_dir, GROWN, HASH)


def vectors(archive: Archive) -> NDArray[np.float32]:
    return archive.vectors.vectors(np.arange(archive.vectors.size))


def test_the_manifest_records_which_index_was_built(tmp_path: Path) -> None:
    index(tmp_path / "data", 20)
    small = opened(tmp_path / "data")
    assert isinstance(small.vectors, FlatVectorIndex)
    assert small.manifest.vector_index == "exact"
    index(tmp_path / "data", 21)
    large = opened(tmp_path / "data")
    assert isinstance(large.vectors, IvfVectorIndex)
    assert large.manifest.vector_index == "ivf-sq8"
    assert set(large.manifest.files["vectors.ivf"]) == {"sha256", "size"}


def test_vectors_are_taken_over_bit_by_bit_across_the_switch_and_back(tmp_path: Path) -> None:
    data = tmp_path / "data"
    index(data, 18)
    before = vectors(opened(data))
    grown = index(data, 30)
    assert (grown.encoded, grown.reused) == (12, 18)
    assert vectors(opened(data))[:18].tobytes() == before.tobytes()
    shrunk = index(data, 18)
    assert (shrunk.encoded, shrunk.reused) == (0, 18)
    assert vectors(opened(data)).tobytes() == before.tobytes()


def test_an_archive_indexed_before_there_were_lists_still_answers(tmp_path: Path) -> None:
    data = tmp_path / "data"
    index(data, 30, backends=Backends(FaissVectorIndexBackend(), Bm25LexicalIndexBackend()))
    assert isinstance(opened(data).vectors, FlatVectorIndex)
    assert index(data, 31).reused == 30
    assert isinstance(opened(data).vectors, IvfVectorIndex)


@pytest.mark.parametrize("harm", ["altered", "missing", "surplus"])
def test_lists_that_are_not_those_that_were_written_are_refused(tmp_path: Path, harm: str) -> None:
    data = tmp_path / "data"
    name = index(data, 10 if harm == "surplus" else 30).generation
    path = data / "generations" / str(name) / "vectors.ivf"
    if harm == "missing":
        path.unlink()
    elif harm == "surplus":
        path.write_bytes(b"IwSq")
    else:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    with pytest.raises(GenerationDamaged, match=r"vectors\.ivf"):
        opened(data)


def test_the_same_articles_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        index(tmp_path / name, 40)
    one, two = (opened(tmp_path / name).manifest.files for name in ("one", "two"))
    for file in ("vectors.faiss", "vectors.ivf"):
        assert one[file] == two[file]
