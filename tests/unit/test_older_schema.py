"""A generation of another schema version is refused with the mend named; a reindex mends it and leaves it alone."""

import json
from pathlib import Path

import pytest

from qa_service import generations
from qa_service.archive import open_current
from qa_service.errors import GenerationMismatch
from qa_service.manifest import Manifest, generation_id
from tests.unit.index_building import BACKENDS, HashEncoder, build, bytes_under, write_articles


def of_schema(data_dir: Path, version: int) -> str:
    """Make the current generation one of another schema version, as whole as it was; return its id."""
    root = data_dir / "generations"
    old = generations.current_id(data_dir)
    values = json.loads((root / old / "manifest.json").read_bytes()) | {"schema_version": version}
    manifest = Manifest(**values)
    (root / old / "manifest.json").write_bytes(manifest.to_bytes())
    name = generation_id(manifest)
    (root / old).rename(root / name)
    generations.set_current(data_dir, name)
    return name


@pytest.mark.parametrize("version", [0, 99])
def test_it_is_refused_and_a_reindex_of_the_same_sources_mends_it(tmp_path: Path, version: int) -> None:
    source = write_articles(
        tmp_path / "a.jsonl", {"bridge": "It fell.\n\nNobody was hurt.", "dog": "It swam."}
    )
    data_dir, encoder = tmp_path / "data", HashEncoder()
    build(data_dir, source)
    old = of_schema(data_dir, version)
    before = bytes_under(data_dir / "generations" / old)

    with pytest.raises(GenerationMismatch, match=f"schema version {version}.*`qa-service reindex SOURCE…`"):
        open_current(data_dir, BACKENDS, None)
    report = build(data_dir, source, encoder=encoder, max_deleted=0.0)

    assert open_current(data_dir, BACKENDS, None).info.generation == report.generation != old
    assert (report.added, report.encoded, len(encoder.encoded)) == (2, 3, 3)
    assert bytes_under(data_dir / "generations" / old) == before
    assert not (data_dir / "quarantine").exists()


def test_it_is_pruned_in_its_turn(tmp_path: Path) -> None:
    source = write_articles(tmp_path / "a.jsonl", {"dog": "It swam."})
    build(tmp_path, source)
    old = of_schema(tmp_path, 0)
    build(tmp_path, source, keep=2)
    assert old in generations.generation_ids(tmp_path)
    build(tmp_path, source, keep=2)
    assert old not in generations.generation_ids(tmp_path)
