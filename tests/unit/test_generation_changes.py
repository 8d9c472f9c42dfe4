"""What changed between two generations is listed by article, and nothing that stayed is."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa_service import generations
from qa_service.generation_changes import Changes, changes_between
from tests.unit.index_building import build, write_articles

BEFORE = {
    "ferry": "It sank.\n\nIt was raised.",
    "mayor": "She resigned.",
    "dog": "It swam.",
    "gone": "No more.",
}


def store_of(folder: Path, articles: dict[str, str], **fields: object) -> Path:
    """Return the file of articles of a generation made of `articles`."""
    folder.mkdir(exist_ok=True)
    build(folder / "data", write_articles(folder / "a.jsonl", articles, **fields))
    return folder / "data" / "generations" / generations.current_id(folder / "data") / "articles.sqlite"


def test_each_kind_of_change_is_found(tmp_path: Path) -> None:
    old = store_of(tmp_path / "old", BEFORE, title="T")
    now = {"mayor": "She stayed.", "ferry": BEFORE["ferry"], "hound": "It swam.", "new": "First."}
    new = store_of(tmp_path / "new", now, title="T")

    changes = changes_between(old, new)

    # The order of lines is not what an article says; the place it was read from is: "a.jsonl:1" is now ":2".
    assert changes == Changes(
        added=("new",),
        changed=("ferry", "mayor"),
        removed=("gone",),
        renamed=(("dog", "hound"),),
        unchanged=0,
    )


def test_without_a_generation_before_everything_is_new(tmp_path: Path) -> None:
    store = store_of(tmp_path / "new", BEFORE)
    assert changes_between(None, store) == Changes(tuple(sorted(BEFORE)), (), (), (), 0)
    assert changes_between(store, store) == Changes((), (), (), (), 4)


def test_a_field_beside_the_text_counts(tmp_path: Path) -> None:
    old = store_of(tmp_path / "old", BEFORE)
    for number, fields in enumerate(
        ({"updated_at": "2026-01-02"}, {"authors": ["A. B."]}, {"url": "https://a.example/"})
    ):
        assert len(changes_between(old, store_of(tmp_path / str(number), BEFORE, **fields)).changed) == 4


def test_a_paragraph_that_is_cut_otherwise_counts(tmp_path: Path) -> None:
    old = store_of(tmp_path / "old", {"a": "One\n\ntwo."})
    new = store_of(tmp_path / "new", {"a": "One two."})
    assert changes_between(old, new).changed == ("a",)


def test_twins_are_paired_one_to_one(tmp_path: Path) -> None:
    old = store_of(tmp_path / "old", {"a": "Same.", "b": "Same."}, title="T")
    new = store_of(tmp_path / "new", {"c": "Same."}, title="T")
    changes = changes_between(old, new)
    assert (changes.renamed, changes.removed, changes.added) == ((("a", "c"),), ("b",), ())


archives = st.dictionaries(
    st.sampled_from("abcd"), st.sampled_from(["One.", "Two.", "Three.\n\nFour."]), min_size=1
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(archives, archives)
def test_every_article_of_both_is_accounted_for(
    tmp_path_factory: object, before: dict[str, str], after: dict[str, str]
) -> None:
    folder = tmp_path_factory.mktemp("changes")  # type: ignore[attr-defined]
    old, new = store_of(folder / "old", before, title="T"), store_of(folder / "new", after, title="T")
    changes = changes_between(old, new)
    kept = len(changes.changed) + changes.unchanged + len(changes.renamed)
    assert kept + len(changes.added) == len(after)
    assert kept + len(changes.removed) == len(before)
