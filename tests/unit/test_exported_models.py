"""Exports of models: made once, whole or not at all, never trusted when damaged."""

import json
from pathlib import Path

import pytest

from embeddings.exported_models import MANIFEST, MODEL, ensure_exported, export_key, exported_model

KEY = export_key("encoder", "ab" * 32)


class Maker:
    def __init__(self, content: bytes = b"graph") -> None:
        self.content, self.calls = content, 0

    def __call__(self, path: Path) -> None:
        self.calls += 1
        path.write_bytes(self.content)


def test_a_model_is_made_once(tmp_path: Path) -> None:
    make = Maker()
    assert exported_model(tmp_path / "models", KEY) is None
    path = ensure_exported(tmp_path / "models", KEY, make)
    assert path == ensure_exported(tmp_path / "models", KEY, make) == exported_model(tmp_path / "models", KEY)
    assert (path.read_bytes(), make.calls) == (b"graph", 1)
    assert [item.name for item in (tmp_path / "models").iterdir()] == [KEY]


def _flip(folder: Path) -> None:
    (folder / MODEL).write_bytes(b"grape")


def _cut(folder: Path) -> None:
    (folder / MODEL).write_bytes(b"")


def _lose(folder: Path) -> None:
    (folder / MODEL).unlink()


def _no_manifest(folder: Path) -> None:
    (folder / MANIFEST).unlink()


def _nonsense(folder: Path) -> None:
    (folder / MANIFEST).write_bytes(b"\xff{")


def _of_another(folder: Path) -> None:
    said = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**said, "key": "0" * 32}))


@pytest.mark.parametrize("damage", [_flip, _cut, _lose, _no_manifest, _nonsense, _of_another])
def test_a_damaged_model_is_made_again(tmp_path: Path, damage) -> None:
    damage(ensure_exported(tmp_path, KEY, Maker()).parent)
    assert exported_model(tmp_path, KEY) is None
    assert ensure_exported(tmp_path, KEY, Maker(b"anew")).read_bytes() == b"anew"


def test_an_export_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise RuntimeError("no memory")

    with pytest.raises(RuntimeError, match="no memory"):
        ensure_exported(tmp_path, KEY, fail)
    assert list(tmp_path.iterdir()) == []


def test_of_two_that_make_it_at_once_both_get_a_whole_one(tmp_path: Path) -> None:
    def overtaken(path: Path) -> None:
        ensure_exported(tmp_path, KEY, Maker(b"first"))
        path.write_bytes(b"second")

    assert ensure_exported(tmp_path, KEY, overtaken).read_bytes() == b"second"
    assert len(list(tmp_path.iterdir())) == 1


def test_other_weights_have_another_key() -> None:
    assert len({KEY, export_key("encoder", "ac" * 32), export_key("reader", "ab" * 32)}) == 3
