"""The real encoder."""

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import embeddings.encoder
from embeddings.encoder import (
    DEFAULT_WEIGHTS_SHA256,
    SentenceTransformerEncoder,
    check_weights,
    packaged_model,
)
from embeddings.protocols import ModelUnavailable

TEXTS = [
    "The ferry sank.",
    "",
    "A much longer text about a captain. " * 60,
    "Порт",
    "\ud800 half a sign",
    "x",
]


@pytest.fixture(scope="module")
def model() -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder(batch_size=2)


def test_the_model_is_what_it_says(model: SentenceTransformerEncoder) -> None:
    assert (model.name, model.dimension, model.weight_hash) == (
        "all-MiniLM-L6-v2",
        384,
        DEFAULT_WEIGHTS_SHA256,
    )


def test_vectors_have_length_one_whatever_the_text(model: SentenceTransformerEncoder) -> None:
    vectors = model.encode_documents(TEXTS)
    assert (vectors.shape, vectors.dtype) == ((len(TEXTS), 384), np.float32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert model.encode_documents([]).shape == (0, 384)


def test_documents_keep_their_order(model: SentenceTransformerEncoder) -> None:
    vectors = model.encode_documents(TEXTS)
    for text, vector in zip(TEXTS, vectors, strict=True):
        np.testing.assert_allclose(model.encode_query(text), vector, atol=2e-6)


def test_the_same_text_gives_the_same_bits(model: SentenceTransformerEncoder) -> None:
    np.testing.assert_array_equal(model.encode_query("Who sank?"), model.encode_query("Who sank?"))
    np.testing.assert_array_equal(model.encode_documents(TEXTS), model.encode_documents(TEXTS))


def test_meaning_is_near_meaning(model: SentenceTransformerEncoder) -> None:
    query = model.encode_query("Which vessel went down?")
    ferry, vote = model.encode_documents(["The ferry sank off the coast.", "Parliament voted on the budget."])
    assert query @ ferry > query @ vote + 0.2


def test_tokens_are_counted_whole(model: SentenceTransformerEncoder) -> None:
    assert model.count_tokens(["", "the ferry sank", "word " * 1000]) == [0, 3, 1000]
    assert model.count_tokens([]) == []


def test_threads_do_not_disturb_each_other(model: SentenceTransformerEncoder) -> None:
    questions = [f"Who said {i} things?" for i in range(8)]
    expected = {q: model.encode_query(q) for q in questions}
    found: dict[str, bool] = {}

    def ask(question: str) -> None:
        for _ in range(5):
            model.count_tokens([question * 3, "x"])
            found[question] = np.array_equal(model.encode_query(question), expected[question])

    threads = [threading.Thread(target=ask, args=(q,)) for q in questions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(questions, True)


def test_a_folder_can_be_named(model: SentenceTransformerEncoder) -> None:
    named = SentenceTransformerEncoder(str(packaged_model()))
    assert named.name == str(packaged_model())
    assert len(named.weight_hash) == 64
    assert named.weight_hash != model.weight_hash
    np.testing.assert_array_equal(named.encode_query("Who sank?"), model.encode_query("Who sank?"))


def test_an_unknown_model_is_named_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="Give the name or folder"):
        SentenceTransformerEncoder(str(tmp_path / "nothing"))


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"other")
    with pytest.raises(ModelUnavailable, match=r"SHA-256 .*pip install --force-reinstall"):
        check_weights(weights, DEFAULT_WEIGHTS_SHA256)
    with pytest.raises(ModelUnavailable, match="No such file"):
        check_weights(tmp_path / "missing", DEFAULT_WEIGHTS_SHA256)


def test_a_missing_package_is_named_with_the_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings.encoder, "_PACKAGE", "no_such_package_here")
    with pytest.raises(ModelUnavailable, match="pip install"):
        packaged_model()


def test_checking_the_weights_loads_no_model_library() -> None:
    program = (
        "import sys; from embeddings.encoder import packaged_model; packaged_model();"
        "print([m for m in ('torch', 'transformers', 'sentence_transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_loading_and_encoding_print_nothing() -> None:
    program = (
        "from embeddings.encoder import SentenceTransformerEncoder as E; e = E(threads=1);"
        "e.encode_documents(['a'] * 40); e.count_tokens(['word ' * 1000])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
