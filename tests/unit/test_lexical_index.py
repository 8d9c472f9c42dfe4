"""What every lexical index promises, on the real one and on the stand-in; then what is the real one's own."""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.lexical_index import K1, B, Bm25LexicalIndexBackend
from embeddings.protocols import LexicalIndex, LexicalIndexBackend
from tests.fakes import ListLexicalIndexBackend

every_backend = pytest.mark.parametrize(
    "backend", [Bm25LexicalIndexBackend(), ListLexicalIndexBackend()], ids=["bm25", "list"]
)
TEXTS = ["The ferry sank", "A captain voted", "captain and ferry", "...", "", "The ferry sank"]


def built(texts: list[str], backend: LexicalIndexBackend | None = None) -> LexicalIndex:
    backend = backend or Bm25LexicalIndexBackend()
    # The arrays stay readable after the folder is gone, for they are mapped.
    with TemporaryDirectory() as folder:
        path = Path(folder) / "lexical"
        backend.build(iter(texts), path)
        return backend.load(path)


@every_backend
def test_texts_that_share_more_words_come_first(backend: LexicalIndexBackend) -> None:
    index = built(TEXTS, backend)
    assert index.size == 6
    found = index.search("ferry captain", 10)
    assert found.rows.tolist()[0] == 2
    assert set(found.rows.tolist()) == {0, 1, 2, 5}
    assert (found.rows.dtype, found.scores.dtype) == (np.int64, np.float32)


@every_backend
def test_equal_texts_keep_the_lower_row_first(backend: LexicalIndexBackend) -> None:
    index = built([*TEXTS, *["ferry sank"] * 30], backend)
    found = index.search("sank", 20)
    assert len(found.rows) == 20
    for score in set(found.scores.tolist()):
        tied = found.rows[found.scores == score].tolist()
        assert tied == sorted(tied)
    assert found.rows[found.scores == found.scores[-1]].tolist()[0] <= 6


@every_backend
def test_a_mask_leaves_rows_out(backend: LexicalIndexBackend) -> None:
    index = built(TEXTS, backend)
    allowed = np.array([False, True, True, True, True, True])
    assert set(index.search("ferry", 10, allowed).rows.tolist()) == {2, 5}
    assert index.search("ferry", 10, np.zeros(6, dtype=np.bool_)).rows.size == 0


@every_backend
@pytest.mark.parametrize("query", ["", "?!", "nowhere", "\ud800", "\0"])
def test_a_query_that_shares_no_word_finds_nothing(backend: LexicalIndexBackend, query: str) -> None:
    index = built(TEXTS, backend)
    assert index.search(query, 5).rows.size == 0
    np.testing.assert_array_equal(index.scores(query, np.arange(6)), np.zeros(6))


@every_backend
@pytest.mark.parametrize("texts", [[], ["", "..."]], ids=["no texts", "no words"])
def test_an_index_without_words_finds_nothing(backend: LexicalIndexBackend, texts: list[str]) -> None:
    index = built(texts, backend)
    assert index.size == len(texts)
    assert index.search("ferry", 5).rows.size == 0
    assert (
        index.term_weights("ferry")["ferry" if isinstance(backend, ListLexicalIndexBackend) else "ferri"] > 0
    )


@every_backend
def test_a_rare_term_weighs_more_and_an_unknown_one_most(backend: LexicalIndexBackend) -> None:
    weights = list(built(TEXTS, backend).term_weights("ferry voted unknown ferry").values())
    assert len(weights) == 3
    assert 0 < weights[0] < weights[1] < weights[2]


@every_backend
@given(
    texts=st.lists(st.text(alphabet="ab cé’s.1,北京\u0301\ud800", max_size=12), max_size=12),
    query=st.text(alphabet="ab cé’s.1,北京\u0301\ud800", max_size=12),
    k=st.integers(1, 14),
    data=st.data(),
)
def test_a_search_is_the_head_of_all_scores_in_order(
    backend: LexicalIndexBackend, texts: list[str], query: str, k: int, data: st.DataObject
) -> None:
    index = built(texts, backend)
    allowed = np.array(
        data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts))), dtype=np.bool_
    )
    scores = index.scores(query, np.arange(len(texts)))
    ranked = [row for row in np.lexsort((np.arange(len(texts)), -scores)) if scores[row] > 0 and allowed[row]]
    found = index.search(query, k, allowed)
    assert found.rows.tolist() == ranked[:k]
    np.testing.assert_array_equal(found.scores, scores[ranked[:k]])
    assert all(weight > 0 for weight in index.term_weights(query).values())


def test_the_score_is_the_formula_of_bm25() -> None:
    texts = ["ferry ferry port", "port", "harbour wall"]
    backend = Bm25LexicalIndexBackend(pair_weight=0)
    score = built(texts, backend).scores("ferries", np.array([0]))[0]
    inverse_frequency = np.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    assert score == pytest.approx(inverse_frequency * 2 / (2 + K1 * (1 - B + B * 3 / 2)), rel=1e-6)


def test_words_that_follow_each_other_score_above_the_same_words_apart() -> None:
    index = built(["prime minister spoke", "minister spoke prime", "prime numbers"])
    assert index.search("the prime minister", 3).rows.tolist() == [0, 1, 2]
    # "the" is no term, so that nothing stands between the two words.
    assert index.search("prime the minister", 3).rows.tolist() == [0, 1, 2]
    apart = built(["prime minister spoke", "minister spoke prime"], Bm25LexicalIndexBackend(pair_weight=0))
    assert np.ptp(apart.search("prime minister", 2).scores) == 0


def test_a_repeated_word_of_the_query_counts_once() -> None:
    index = built(TEXTS)
    once, twice = (index.scores(query, np.arange(6)) for query in ("ferry sank", "ferry sank, ferry sank"))
    np.testing.assert_array_equal(once, twice)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("Lukashenko", "Lukashenko’s key supporter"),
        ("Lukashenko's", "Lukashenko said"),
        ("Nauseda", "Gitanas Nausėda"),
        ("NAUSĖDA", "Gitanas Nauseda"),
        ("Walesa", "Lech Wałęsa"),
        ("7000", "nearly 7,000 people"),
        ("UN", "the U.N. council"),
        ("Лукашенко", "президент Лукашенко"),
        ("السلام", "عملية السلام"),
        ("समाचार", "हिन्दी समाचार"),
        ("国家主席", "習近平国家主席が訪問"),
        ("北京", "他在北京工作"),
        ("sanctions", "a sanction"),
    ],
)
def test_a_word_is_found_however_it_is_written(query: str, text: str) -> None:
    index = built(["nothing of the sort", text, "другое слово 東京 कुछ और"])
    assert index.search(query, 1).rows.tolist() == [1]


def test_equal_texts_give_equal_bytes_in_every_process(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from embeddings.lexical_index import Bm25LexicalIndexBackend as B;"
        "B().build(['the ferry sank', 'a captain and a port', 'sank the port'], Path(sys.argv[1]))"
    )
    for name in ("one", "two"):
        subprocess.run([sys.executable, "-c", program, str(tmp_path / name)], check=True)
    names = sorted(p.name for p in (tmp_path / "one").iterdir())
    assert names == ["impacts.npy", "pairs.npy", "rows.npy", "settings.json", "starts.npy", "terms.json"]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_nothing_pickled_is_read(tmp_path: Path) -> None:
    backend = Bm25LexicalIndexBackend()
    backend.build(TEXTS, tmp_path / "lexical")
    np.save(tmp_path / "lexical" / "rows.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="Python objects"):
        backend.load(tmp_path / "lexical")


def test_an_index_of_other_words_is_refused(tmp_path: Path) -> None:
    backend = Bm25LexicalIndexBackend()
    backend.build(TEXTS, tmp_path / "lexical")
    path = tmp_path / "lexical" / "settings.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"terms_version": 0}))
    with pytest.raises(ValueError, match="Reindex"):
        backend.load(tmp_path / "lexical")
