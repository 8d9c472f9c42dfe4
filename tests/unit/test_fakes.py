"""The stand-ins do what can be worked out by hand."""

import numpy as np

from embeddings.protocols import Span
from tests.fakes import CountingEncoder, FakeReader, ListLexicalIndex


def test_a_vector_counts_words_and_has_length_one() -> None:
    encoder = CountingEncoder(("ferry", "sank"))
    assert encoder.dimension == 3
    np.testing.assert_allclose(encoder.encode_query("Ferry! A ferry sank."), np.array([2, 1, 1]) / np.sqrt(6))
    np.testing.assert_array_equal(encoder.encode_query(""), [0, 0, 1])


def test_documents_are_encoded_like_queries() -> None:
    encoder = CountingEncoder()
    texts = ["The captain", "", "vote vote"]
    np.testing.assert_array_equal(
        encoder.encode_documents(texts), np.stack([encoder.encode_query(text) for text in texts])
    )
    assert encoder.encode_documents([]).shape == (0, encoder.dimension)
    assert encoder.count_tokens(texts) == [2, 0, 2]


def test_a_rare_word_weighs_more_and_an_unknown_one_most() -> None:
    weights = ListLexicalIndex(["ferry sank", "ferry left"]).term_weights("Unseen sank ferry")
    assert weights["unseen"] > weights["sank"] > weights["ferry"] > 0


def test_the_reader_marks_from_the_first_to_the_last_shared_word() -> None:
    found, nothing = FakeReader().read("Which ferry sank?", ["Then the ferry Calla sank at dawn.", "Votes."])
    assert found.span == Span(9, 25)
    assert (found.relevance, found.span_score) == (2 / 3, 2 / 3)
    assert (nothing.relevance, nothing.span, nothing.no_answer) == (0.0, None, 1.0)
