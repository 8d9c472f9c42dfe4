"""Postings that are built in blocks: the same bytes however small the blocks, and the numbers of the formula."""

from collections import Counter
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.lexical_building import ARRAYS, K1, B, write_postings
from embeddings.terms import terms

texts_of_few_words = st.lists(st.lists(st.sampled_from("abcdefg"), max_size=9).map(" ".join), max_size=14)


def stored(texts: list[str], **limits: int) -> tuple[dict[str, bytes], list[str], int]:
    with TemporaryDirectory() as folder:
        known, size = write_postings(iter(texts), Path(folder), 0.5, **limits)
        assert sorted(p.name for p in Path(folder).iterdir()) == sorted(f"{name}.npy" for name in ARRAYS)
        return {name: (Path(folder) / f"{name}.npy").read_bytes() for name in ARRAYS}, known, size


@given(texts=texts_of_few_words, terms_at_once=st.integers(1, 20), postings_at_once=st.integers(1, 20))
def test_the_size_of_the_blocks_changes_no_byte(
    texts: list[str], terms_at_once: int, postings_at_once: int
) -> None:
    limited = stored(texts, terms_at_once=terms_at_once, postings_at_once=postings_at_once)
    assert limited == stored(texts)


@given(texts=texts_of_few_words)
def test_every_posting_is_the_formula_for_its_feature_and_row(texts: list[str]) -> None:
    with TemporaryDirectory() as folder:
        known, size = write_postings(texts, Path(folder), 0.5, terms_at_once=8, postings_at_once=8)
        pairs, starts, rows, impacts = (np.load(Path(folder) / f"{name}.npy") for name in ARRAYS)
    words = [terms(text) for text in texts]
    features: list[object] = [
        *known,
        *((known[key // len(known)], known[key % len(known)]) for key in pairs.tolist()),
    ]
    assert (size, len(starts)) == (len(texts), len(features) + 1)
    assert (np.diff(pairs) > 0).all()
    expected = {
        **_postings([Counter(one) for one in words], 1.0),
        **_postings([Counter(pairwise(one)) for one in words], 0.5),
    }
    assert set(features) == set(expected)
    for feature, start, stop in zip(features, starts[:-1], starts[1:], strict=True):
        assert rows[start:stop].tolist() == list(expected[feature])
        np.testing.assert_allclose(impacts[start:stop], list(expected[feature].values()), rtol=1e-6)


def _postings(counted: list[Counter[object]], weight: float) -> dict[object, dict[int, float]]:
    lengths = [one.total() for one in counted]
    average = max(1.0, sum(lengths) / max(1, len(lengths)))
    found: dict[object, dict[int, float]] = {}
    for row, one in enumerate(counted):
        for feature, repeats in one.items():
            held = sum(feature in other for other in counted)
            rarity = np.log(1 + (len(counted) - held + 0.5) / (held + 0.5))
            damping = K1 * (1 - B + B * lengths[row] / average)
            found.setdefault(feature, {})[row] = weight * rarity * repeats / (repeats + damping)
    return found


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that refuses every write")
def test_a_full_disk_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "rows.npy").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space"):
        write_postings([f"word{n}" for n in range(5000)], tmp_path, 0.5)
