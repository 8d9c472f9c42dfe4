"""Encoder and reader on OpenVINO against PyTorch, which is the reference."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from embeddings.encoder import SentenceTransformerEncoder
from embeddings.exported_models import MODEL
from embeddings.openvino_encoder import OpenVinoEncoder, encoder_key
from embeddings.openvino_model import eight_bit_obstacle, obstacle
from embeddings.openvino_reader import OpenVinoReader
from embeddings.protocols import Encoder, Reader
from embeddings.reader import NOTHING, CrossEncoderReader
from qa_service import bootstrap
from qa_service.domain import Article
from qa_service.parsing import read_sources
from tests.models.test_encoder import TEXTS

pytestmark = pytest.mark.skipif(obstacle() is not None, reason=f"{obstacle()}")

# 8-bit products only where the CPU is fit for them; float32 everywhere.
FORMATS = ["float32"] if eight_bit_obstacle() else ["int8", "float32"]
QUESTIONS = ["Who said so?", "How much will it cost?", "When was it opened?", "Where did it happen?"]


@pytest.fixture(scope="module")
def paragraphs() -> list[str]:
    articles = [item for item in read_sources([bootstrap.sample_folder()]) if isinstance(item, Article)]
    return [paragraph.text for article in articles for paragraph in article.paragraphs]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module", params=FORMATS)
def numbers(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def encoder(models: Path, paragraphs: list[str], numbers: str) -> OpenVinoEncoder:
    return OpenVinoEncoder(models, lambda: paragraphs, number_format=numbers, threads=2)


@pytest.fixture(scope="module")
def reader(models: Path, paragraphs: list[str], numbers: str) -> OpenVinoReader:
    return OpenVinoReader(models, lambda: paragraphs, number_format=numbers, threads=2)


def never() -> list[str]:
    pytest.fail("it was exported again")


def test_vectors_are_near_those_of_the_reference(
    encoder: OpenVinoEncoder, paragraphs: list[str], numbers: str
) -> None:
    typed: Encoder = encoder
    reference = SentenceTransformerEncoder()
    texts = [*TEXTS, *QUESTIONS, *paragraphs[5::12]]
    vectors = typed.encode_documents(texts)
    assert (vectors.shape, vectors.dtype) == ((len(texts), reference.dimension), np.float32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    cosines = (vectors * reference.encode_documents(texts)).sum(axis=1)
    least, mean = {"int8": (0.99, 0.998), "float32": (0.99999, 0.99999)}[typed.number_format]
    assert cosines.min() >= least
    assert cosines.mean() >= mean
    assert typed.count_tokens(texts) == reference.count_tokens(texts)
    assert (typed.weight_hash, typed.number_format) == (reference.weight_hash, numbers)


def test_the_bits_depend_neither_on_company_nor_on_threads(
    encoder: OpenVinoEncoder, models: Path, paragraphs: list[str]
) -> None:
    texts = [*TEXTS, *paragraphs[:20]]
    together = encoder.encode_documents(texts)
    np.testing.assert_array_equal(together, [encoder.encode_query(text) for text in texts])
    alone = OpenVinoEncoder(models, never, number_format=encoder.number_format, threads=1)
    np.testing.assert_array_equal(together, alone.encode_documents(texts))
    assert encoder.encode_documents([]).shape == (0, 384)


def test_readings_are_near_those_of_the_reference(
    reader: OpenVinoReader, paragraphs: list[str], numbers: str
) -> None:
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
    alike, mean, most = {"int8": (0.85, 0.15, 1.0), "float32": (1.0, 1e-3, 1e-3)}[numbers]
    assert np.mean(same) >= alike
    assert np.mean(apart) <= mean
    assert max(apart) <= most
    assert typed.name == reference.name + ("-int8" if numbers == "int8" else "")


def test_readings_do_not_depend_on_company(reader: OpenVinoReader, paragraphs: list[str]) -> None:
    passages = ["", *paragraphs[:6], paragraphs[7] * 9]
    together = reader.read(QUESTIONS[0], passages)
    assert together == [reader.read(QUESTIONS[0], [passage])[0] for passage in passages]
    assert together[0] == NOTHING
    assert reader.read(QUESTIONS[0], []) == []


@pytest.mark.parametrize("name", [MODEL, "model.bin"])
def test_a_damaged_export_is_made_again_with_the_same_bits(
    encoder: OpenVinoEncoder, models: Path, paragraphs: list[str], name: str
) -> None:
    before = encoder.encode_query(QUESTIONS[0])
    file = models / encoder_key(encoder.number_format) / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    again = OpenVinoEncoder(models, lambda: paragraphs, number_format=encoder.number_format, threads=2)
    np.testing.assert_array_equal(again.encode_query(QUESTIONS[0]), before)


def test_a_made_export_needs_no_pytorch(
    encoder: OpenVinoEncoder, reader: OpenVinoReader, models: Path, numbers: str
) -> None:
    program = (
        "import sys; from pathlib import Path; folder, numbers = Path(sys.argv[1]), sys.argv[2]\n"
        "from embeddings.openvino_encoder import OpenVinoEncoder as E\n"
        "from embeddings.openvino_reader import OpenVinoReader as R\n"
        "E(folder, list, number_format=numbers).encode_query('Who?')\n"
        "R(folder, list, number_format=numbers).read('Who?', ['I.'])\n"
        "print([m for m in ('torch', 'transformers', 'sentence_transformers', 'onnx') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(models), numbers], capture_output=True, text=True, check=True
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_its_telemetry_never_reaches_out(encoder: OpenVinoEncoder, models: Path, numbers: str) -> None:
    program = (
        "import sys, time; from pathlib import Path; folder = Path(sys.argv[1]); seen = []\n"
        "sys.addaudithook(lambda event, _: event.startswith('socket.') and seen.append(event))\n"
        "from embeddings.openvino_encoder import OpenVinoEncoder as E\n"
        "E(folder, lambda: sys.exit('exported again'), number_format=sys.argv[2]).encode_query('Who?')\n"
        "time.sleep(1)  # it would send from a thread\n"
        "assert any('telemetry' in name for name in sys.modules), 'it is gone: drop this test'\n"
        "print(seen)"
    )
    done = subprocess.run([sys.executable, "-c", program, models, numbers], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
