"""The shipped reader, with the real weights: offsets, odd input, refusal of wrong weights, calibration."""

import json
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.answer_calibration import AnswerFeatures, load_calibration
from embeddings.protocols import ModelUnavailable, Reader
from embeddings.reader import NOTHING, WEIGHTS_FOLDER, CrossEncoderReader

PASSAGE = (
    "Fishing boats lay idle in Marsk harbour on Tuesday. The port authority closed the northern pier after a "
    "storm tore away forty metres of its wall. Repairs will cost 2.3 million crowns, harbour master Ilse Brandt said."
)
ELSEWHERE = "The museum opens at ten on weekdays and shows paintings from three private collections."
ODD = [
    "",
    " \n\t ",
    "...!?",
    "🦊" * 30,
    "👩‍👩‍👧‍👦 family of four",
    "رئيس الوزراء زار القاهرة يوم الأحد",
    "議長は東京で会見した。",
    "e\u0301te\u0301 naïve ﬁne Ⅳ",
    "a\x00b\ufeffc\u200b d",
    "lone \ud800 surrogate",
    "x" * 5000,
]


@pytest.fixture(scope="module")
def reader():
    return CrossEncoderReader()


def test_it_is_a_reader(reader):
    typed: Reader = reader
    assert typed.name.startswith("minilm-reader-")


def test_the_passage_that_answers_is_preferred_and_marked(reader):
    right, wrong = reader.read("How much will the repairs cost?", [PASSAGE, ELSEWHERE])
    assert right.relevance > wrong.relevance
    assert right.no_answer < wrong.no_answer
    assert right.span is not None
    assert "2.3 million" in PASSAGE[right.span.start : right.span.end]


def test_readings_keep_the_order_of_the_passages(reader):
    question = "Who is the harbour master?"
    forth = reader.read(question, [PASSAGE, ELSEWHERE, "", PASSAGE * 6])
    back = reader.read(question, [PASSAGE * 6, "", ELSEWHERE, PASSAGE])
    for one, other in zip(forth, reversed(back), strict=True):
        assert one.span == other.span
        assert one.relevance == pytest.approx(other.relevance, abs=1e-3)


def test_the_same_call_gives_the_same_bits(reader):
    passages = [PASSAGE, ELSEWHERE * 9, PASSAGE * 4]
    assert reader.read("What did the storm do?", passages) == reader.read("What did the storm do?", passages)


def test_what_stands_before_is_read_and_never_marked(reader):
    before = "Harbour master Ilse Brandt, 61, retired on Monday."
    alone = reader.read("How old is Ilse Brandt?", [ELSEWHERE])
    (reading,) = reader.read("How old is Ilse Brandt?", [ELSEWHERE], [before])
    assert reading.relevance != alone[0].relevance
    assert reading.span is not None
    assert 0 <= reading.span.start < reading.span.end <= len(ELSEWHERE)
    assert reader.read("How old is Ilse Brandt?", [ELSEWHERE], [""]) == alone


def test_an_answer_deep_in_a_long_passage_is_found(reader):
    text = (
        "The council met again. " * 200
        + "The bridge was opened by Queen Margrethe in 1987. "
        + ELSEWHERE * 10
    )
    (reading,) = reader.read("Who opened the bridge?", [text])
    assert reading.span is not None
    assert "Margrethe" in text[reading.span.start : reading.span.end]


@pytest.mark.parametrize("text", ODD, ids=[ascii(text[:12]) for text in ODD])
def test_odd_text_is_read_without_harm(reader, text):
    for question, passage in ((text, PASSAGE), ("Who came?", text), (text, text)):
        (reading,) = reader.read(question, [passage])
        if reading.span is not None:
            assert 0 <= reading.span.start < reading.span.end <= len(passage)


def test_a_passage_without_a_word_answers_nothing(reader):
    assert reader.read("Who came?", ["", "  \n"]) == [NOTHING, NOTHING]
    assert reader.read("Who came?", []) == []


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60), st.text(max_size=400))
def test_spans_lie_inside_any_passage(reader, question, passage):
    (reading,) = reader.read(question, [passage])
    if reading.span is not None:
        assert 0 <= reading.span.start < reading.span.end <= len(passage)


@pytest.mark.parametrize("prefix", ["", "🦊🦊 ", "שלום ", "é" * 7 + " "])
def test_offsets_count_code_points(reader, prefix):
    text = prefix + PASSAGE
    (reading,) = reader.read("How much will the repairs cost?", [text])
    assert reading.span is not None
    assert "2.3 million" in text[reading.span.start : reading.span.end]


def test_spans_do_not_cut_words(reader):
    text = "The antidisestablishmentarians Przybyszewski and Szczepankowska wrote the manifesto."
    (reading,) = reader.read("Who wrote the manifesto?", [text])
    assert reading.span is not None
    start, end = reading.span.start, reading.span.end
    assert start == 0 or not text[start - 1].isalnum()
    assert end == len(text) or not text[end].isalnum()


def test_the_weights_are_small_enough():
    assert sum(path.stat().st_size for path in WEIGHTS_FOLDER.iterdir()) <= 12 * 1024 * 1024


@pytest.fixture
def copied(tmp_path):
    shutil.copytree(WEIGHTS_FOLDER, tmp_path / "weights")
    return tmp_path / "weights"


def test_changed_weights_are_refused_before_they_are_parsed(copied):
    file = copied / "reader.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(bytes(content))
    with pytest.raises(ModelUnavailable, match=r"SHA-256.*Install the package again"):
        CrossEncoderReader(copied)


@pytest.mark.parametrize("name", ["reader.safetensors", "reader.json"])
def test_missing_files_are_named_with_the_mend(copied, name):
    (copied / name).unlink()
    with pytest.raises(ModelUnavailable, match=rf"{name}.*Install the package again"):
        CrossEncoderReader(copied)


def test_another_backbone_is_refused(copied):
    card = json.loads((copied / "reader.json").read_text())
    (copied / "reader.json").write_text(json.dumps({**card, "embeddings_sha256": "0" * 64}))
    with pytest.raises(ModelUnavailable, match="pinned version"):
        CrossEncoderReader(copied)


def test_the_calibration_rises_with_the_evidence():
    calibration = load_calibration(WEIGHTS_FOLDER)
    poor = AnswerFeatures(span_score=-3, no_answer=4, cosine=0.2, sentence=0.1, mismatch=1)
    rich = AnswerFeatures(span_score=-0.2, no_answer=-4, cosine=0.8, sentence=0.9, mismatch=0)
    assert 0 <= calibration.probability(poor) < calibration.probability(rich) <= 1
    assert calibration.reading_score(2.0, 1.0) > calibration.reading_score(1.0, 1.0)
    assert calibration.reading_score(1.0, 2.0) > calibration.reading_score(1.0, 1.0)
    assert "squad_open" in calibration.source


def test_a_broken_calibration_is_refused_with_the_mend(tmp_path):
    with pytest.raises(ModelUnavailable, match="calibration"):
        load_calibration(tmp_path)
    (tmp_path / "calibration.json").write_text('{"weights": {}}')
    with pytest.raises(ModelUnavailable, match="calibrate"):
        load_calibration(tmp_path)
