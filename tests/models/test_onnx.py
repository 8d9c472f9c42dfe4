"""Encoder and reader on ONNX Runtime against PyTorch, which is the reference."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from embeddings.encoder import SentenceTransformerEncoder
from embeddings.exported_models import MODEL
from embeddings.onnx_encoder import OnnxEncoder, encoder_key
from embeddings.onnx_model import obstacle
from embeddings.onnx_reader import OnnxReader
from embeddings.protocols import Encoder, Reader
from embeddings.reader import NOTHING, CrossEncoderReader
from qa_service import bootstrap
from qa_service.domain import Article
from qa_service.parsing import read_sources
from tests.models.test_encoder import TEXTS

pytestmark = pytest.mark.skipif(obstacle() is not None, reason=f"{obstacle()}")

QUESTIONS = ["Who said so?", "How much will it cost?", "When was it opened?", "Where did it happen?"]


@pytest.fixture(scope="module")
def paragraphs() -> list[str]:
    articles = [item for item in read_sources([bootstrap.sample_folder()]) if isinstance(item, Article)]
    return [paragraph.text for article in articles for paragraph in article.paragraphs]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def encoder(models: Path, paragraphs: list[str]) -> OnnxEncoder:
    return OnnxEncoder(models, lambda: paragraphs, threads=2)


@pytest.fixture(scope="module")
def reader(models: Path, paragraphs: list[str]) -> OnnxReader:
    return OnnxReader(models, lambda: paragraphs, threads=2)


def never() -> list[str]:
    pytest.fail("it was exported again")


def test_vectors_are_near_those_of_the_reference(encoder: OnnxEncoder, paragraphs: list[str]) -> None:
    typed: Encoder = encoder
    reference = SentenceTransformerEncoder()
    texts = [*TEXTS, *QUESTIONS, *paragraphs[5::12]]
    vectors = typed.encode_documents(texts)
    assert (vectors.shape, vectors.dtype) == ((len(texts), reference.dimension), np.float32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    cosines = (vectors * reference.encode_documents(texts)).sum(axis=1)
    assert cosines.min() >= 0.99
    assert cosines.mean() >= 0.998
    assert typed.count_tokens(texts) == reference.count_tokens(texts)
    assert (typed.weight_hash, typed.number_format) == (reference.weight_hash, "int8")


def test_the_bits_depend_neither_on_company_nor_on_threads(
    encoder: OnnxEncoder, models: Path, paragraphs: list[str]
) -> None:
    texts = [*TEXTS, *paragraphs[:20]]
    together = encoder.encode_documents(texts)
    np.testing.assert_array_equal(together, [encoder.encode_query(text) for text in texts])
    alone = OnnxEncoder(models, never, threads=1)
    np.testing.assert_array_equal(together, alone.encode_documents(texts))
    assert encoder.encode_documents([]).shape == (0, 384)


def test_readings_are_near_those_of_the_reference(reader: OnnxReader, paragraphs: list[str]) -> None:
    typed: Reader = reader
    reference = CrossEncoderReader()
    passages = [text for text in paragraphs if len(text) > 100][::9]
    same, apart = [], []
    for question in QUESTIONS:
        for one, other in zip(
            typed.read(question, passages), reference.read(question, passages), strict=True
        ):
            same.append(one.span == other.span)
            apart.append(abs(one.relevance - other.relevance))
    assert np.mean(same) >= 0.85
    assert np.mean(apart) <= 0.15
    assert max(apart) <= 1.0
    assert typed.name == reference.name + "-int8"


def test_readings_do_not_depend_on_company(reader: OnnxReader, paragraphs: list[str]) -> None:
    passages = ["", *paragraphs[:6], paragraphs[7] * 9]
    together = reader.read(QUESTIONS[0], passages)
    assert together == [reader.read(QUESTIONS[0], [passage])[0] for passage in passages]
    assert together[0] == NOTHING
    assert reader.read(QUESTIONS[0], []) == []


def test_a_damaged_export_is_made_again_with_the_same_bits(
    encoder: OnnxEncoder, models: Path, paragraphs: list[str]
) -> None:
    before = encoder.encode_query(QUESTIONS[0])
    file = models / encoder_key() / MODEL
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    again = OnnxEncoder(models, lambda: paragraphs, threads=2)
    np.testing.assert_array_equal(again.encode_query(QUESTIONS[0]), before)


def test_a_made_export_needs_neither_pytorch_nor_onnx_nor_a_network(
    encoder: OnnxEncoder, reader: OnnxReader, models: Path
) -> None:
    program = (
        "import sys; from pathlib import Path; folder, sockets = Path(sys.argv[1]), []\n"
        "sys.addaudithook(lambda event, _: event.startswith('socket.') and sockets.append(event))\n"
        "from embeddings.onnx_encoder import OnnxEncoder as E\n"
        "from embeddings.onnx_reader import OnnxReader as R\n"
        "E(folder, list).encode_query('Who?')\n"
        "R(folder, list).read('Who?', ['I.'])\n"
        "print([m for m in ('torch', 'transformers', 'sentence_transformers', 'onnx') if m in sys.modules], sockets)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(models)], capture_output=True, text=True, check=True
    )
    assert (done.stdout.strip(), done.stderr) == ("[] []", "")
