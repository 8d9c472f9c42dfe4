"""The steps by which families are found: resemblance, candidates, grouping, age, alignment of paragraphs."""

import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qa_service.families.alignment import align
from qa_service.families.candidates import MOST_COMPARED, candidate_pairs
from qa_service.families.grouping import group
from qa_service.families.resemblance import Kinship, jaccard, kinship, shingles
from qa_service.families.signatures import PLACES, KnownSignatures, is_signed, signer, text_key
from qa_service.families.versions import Version, version


def sentences(seed: int, words: int) -> str:
    """Return words in an order that no other seed gives."""
    chosen = random.Random(seed)
    return " ".join(f"w{chosen.randrange(5000)}" for _ in range(words))


def kin(one: str, other: str) -> Kinship:
    return kinship(shingles(one), shingles(other))


def test_case_and_punctuation_do_not_part_two_texts() -> None:
    one = "“It’s over,” said Brandt. " + sentences(1, 40)
    assert jaccard(shingles(one), shingles('"IT\'S OVER" said Brandt – ' + sentences(1, 40))) == 1.0


@pytest.mark.parametrize(
    ("what", "made", "same"),
    [
        ("a word mended", lambda text: text.replace(text.split()[50], "mended", 1), True),
        ("a third added", lambda text: f"{text} {sentences(2, 100)}", True),
        ("as much added again", lambda text: f"{text} {sentences(2, 280)}", True),
        ("cut to a third", lambda text: " ".join(text.split()[:100]), True),
        ("five times as much around it", lambda text: f"{text} {sentences(2, 1500)}", False),
        ("one paragraph of background in common", lambda text: f"{text[:400]} {sentences(2, 230)}", False),
        ("another text", lambda text: sentences(3, 300), False),
    ],
)
def test_what_counts_as_a_version(what: str, made: object, same: bool) -> None:
    text = sentences(1, 300)
    assert (kin(text, made(text)) is Kinship.VERSIONS) is same, what  # type: ignore[operator]


def test_too_short_texts_are_never_versions() -> None:
    assert kin("No comment was given.", "No comment was given.") is Kinship.STRANGERS


@given(st.integers(0, 10_000), st.integers(25, 200))
@settings(max_examples=20, deadline=None)
def test_signatures_of_equal_texts_are_equal_and_estimate_resemblance(seed: int, words: int) -> None:
    sign, text = signer(), sentences(seed, words)
    half = f"{text} {sentences(seed + 1, words)}"
    assert (sign(text) == sign(text.upper())).all()
    true = jaccard(shingles(text), shingles(half))
    assert abs(float((sign(text) == sign(half)).mean()) - true) < 5 * (true * (1 - true) / PLACES) ** 0.5


def test_signatures_do_not_change_between_versions_of_this_project() -> None:
    signature = signer()(sentences(1, 60))
    assert signature[:3].tolist() == [46877608, 8559745, 179007038]


def test_short_texts_have_no_signature() -> None:
    sign = signer()
    assert not is_signed(sign("No comment."))
    assert is_signed(sign(sentences(1, 30)))


def test_a_key_names_the_text_and_an_unknown_folder_knows_none() -> None:
    assert text_key("one") == text_key("one") != text_key("two")
    assert KnownSignatures(None).find(text_key("one")) is None


def pairs_among(signatures: NDArray[np.uint32]) -> NDArray[np.int64]:
    return candidate_pairs(signatures, np.arange(len(signatures)))


def test_candidates_hold_every_close_pair_and_hardly_another() -> None:
    sign = signer()
    texts = [sentences(n, 300) for n in range(60)]
    texts += [f"{text[:-200]} {sentences(100 + n, 40)}" for n, text in enumerate(texts[:30])]
    found = {tuple(pair) for pair in pairs_among(np.stack([sign(text) for text in texts])).tolist()}
    assert {(n, 60 + n) for n in range(30)} == found


def test_pairs_name_places_in_the_given_order_and_no_other_text() -> None:
    sign = signer()
    copy, other = sign(sentences(1, 60)), sign(sentences(2, 60))
    assert candidate_pairs(np.stack([copy, other, copy, copy]), np.array([3, 1, 0])).tolist() == [[0, 2]]


def test_a_thousand_copies_make_few_candidates() -> None:
    signatures = np.tile(signer()(sentences(1, 60)), (1000, 1))
    pairs = pairs_among(signatures)
    assert len(pairs) <= 2000
    assert set(pairs[:, 1].tolist()) == set(range(1, 1000))


def test_no_article_is_compared_with_more_than_a_few() -> None:
    near = np.tile(signer()(sentences(1, 60)), (200, 1))
    for row in range(200):
        near[row, row % 250] = row
    later = pairs_among(near)[:, 1]
    assert np.bincount(later).max() <= MOST_COMPARED


@pytest.mark.parametrize("rows", [0, 1])
def test_nothing_to_pair(rows: int) -> None:
    assert pairs_among(np.zeros((rows, PLACES), dtype=np.uint32)).shape == (0, 2)


def test_a_digest_does_not_bring_together_the_stories_that_it_repeats() -> None:
    one, two = sentences(1, 100), sentences(2, 100)
    texts = [f"{one} {two}", one, two]
    assert group([(0, 1), (0, 2)], lambda a, b: kin(texts[a], texts[b])) == [[0, 1]]


def by_distance(versions: int, related: int) -> Callable[[int, int], Kinship]:
    """Compare numbers by how far apart they are."""
    return lambda a, b: Kinship((abs(a - b) <= versions) + (abs(a - b) <= related))


def test_a_story_rewritten_from_version_to_version_is_one_as_long_as_its_ends_are_related() -> None:
    chain = [(n - 1, n) for n in range(1, 6)]
    assert group(chain, by_distance(1, 5)) == [[0, 1, 2, 3, 4, 5]]
    assert group(chain, by_distance(1, 2)) == [[0, 1, 2], [3, 4, 5]]


@given(
    st.sets(st.tuples(st.integers(0, 30), st.integers(0, 30)).filter(lambda p: p[0] < p[1])),
    st.integers(1, 30),
)
def test_members_are_versions_of_one_and_strangers_to_none(close: set[tuple[int, int]], related: int) -> None:
    compare = by_distance(3, related)
    families = group(sorted(close, key=lambda p: (p[1], p[0])), compare)
    members = [one for family in families for one in family]
    assert len(members) == len(set(members))
    for family in families:
        assert len(family) > 1
        for place, later in enumerate(family[1:], start=1):
            assert any(compare(one, later) is Kinship.VERSIONS for one in family[:place])
            assert Kinship.STRANGERS not in [compare(one, later) for one in family[: min(place, 8)]]


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ({"published_at": "2020-08-18"}, {"published_at": "2020-08-19"}),
        ({"published_at": "2020-08-18"}, {"published_at": "2020-08-18", "updated_at": "2020-08-20"}),
        ({"published_at": "2020-08-18T09:00:00Z"}, {"published_at": "2020-08-18T08:30:00-01:00"}),
        ({"published_at": "2020-08-18"}, {"published_at": "2020-08-18", "corrections": 1}),
        ({}, {"corrections": 1}),
    ],
)
def test_the_newer_version_is_known(older: dict[str, object], newer: dict[str, object]) -> None:
    old, new = made(**older), made(**newer)
    assert new.is_newer(old)
    assert not old.is_newer(new)
    assert new.order > old.order


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"published_at": "2020-08-18"}, {"published_at": "2020-08-18"}),
        ({"published_at": "2020-08-18"}, {"published_at": "2020-08-18T09:00:00Z"}),
        ({"published_at": "2020-08-18"}, {}),
        ({"published_at": "9999-12-31T23:59:59-01:00"}, {"published_at": "9999-12-31"}),
        ({"published_at": "2020-08-18Tmorning"}, {"published_at": "2020-08-18"}),
    ],
)
def test_the_newer_version_is_not_guessed(one: dict[str, object], other: dict[str, object]) -> None:
    assert not made(**one).is_newer(made(**other))
    assert not made(**other).is_newer(made(**one))


def made(published_at: str | None = None, updated_at: str | None = None, corrections: int = 0) -> Version:
    return version("a", published_at, updated_at, corrections, 100)


def test_paragraphs_align_across_changed_figures_and_moves() -> None:
    newest = [
        "Four people are still missing off Vestra.",
        "The search goes on.",
        "The captain sailed for years.",
    ]
    older = [
        "The captain sailed for years.",
        "Eleven people are still missing off Vestra.",
        "Fog lay on the reef.",
    ]
    assert align([newest, older]) == [[0, 1, 2], [2, 0, 3]]


def test_what_the_newest_lacks_is_aligned_among_the_older_ones() -> None:
    assert align([["A b c d."], ["Old words here."], ["Old words here!"]]) == [[0], [1], [1]]


@given(
    st.lists(
        st.lists(st.sampled_from(["a b c d", "a b c e", "A b c d!", "x", "", "- -"]), max_size=6), max_size=4
    )
)
def test_no_two_paragraphs_of_one_version_are_the_same_one(versions: list[list[str]]) -> None:
    aligned = align(versions)
    assert [len(one) for one in aligned] == [len(one) for one in versions]
    assert all(len(set(one)) == len(one) for one in aligned)
    assert aligned == align(versions)
