"""Exported models in the data folder: made once, checked by SHA-256 before each use, made again when damaged."""

import hashlib
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

MODEL, MANIFEST = "model.onnx", "manifest.json"
# Raise it when an export of the same weights would turn out differently.
RECIPE = 7
# Hold it to import PyTorch, or onnx to export, where models load side by side: of a package whose parts import one
# another, two threads that import it at once may get a half.
HEAVY_IMPORTS = threading.RLock()


def export_key(kind: str, *weight_hashes: str) -> str:
    """Return the name of the folder for the export of a `kind` of model with the given weights."""
    return hashlib.sha256("\n".join([kind, str(RECIPE), *weight_hashes]).encode()).hexdigest()[:32]


def exported_model(folder: Path, key: str) -> Path | None:
    """Return the model in `folder / key` after all hashes were checked; None where there is none or it is damaged."""
    place = folder / key
    try:
        said = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        found = _hashes(place)
    except (OSError, ValueError):
        return None
    return place / MODEL if MODEL in found and said == {"key": key, "files": found} else None


def _hashes(place: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a model by its name."""
    hashes = {}
    for path in sorted(place.iterdir()):
        if path.name != MANIFEST:
            with path.open("rb") as file:
                hashes[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return hashes


def ensure_exported(folder: Path, key: str, make: Callable[[Path], None]) -> Path:
    """Return the checked model of `key`, made by `make(path)` where it is missing or damaged.

    `make` may write further files beside `path`; it has `HEAVY_IMPORTS`.

    The folder appears whole or not at all: two that make it at once both end up with a whole one.

    Raises:
        OSError: the folder cannot be written.
    """
    found = exported_model(folder, key)
    if found:
        return found
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".making-", dir=folder) as scratch:
        made = Path(scratch) / key
        made.mkdir()
        with HEAVY_IMPORTS:
            make(made / MODEL)
        manifest = json.dumps({"key": key, "files": _hashes(made)}, indent=1)
        (made / MANIFEST).write_text(manifest + "\n", encoding="utf-8")
        for path in made.iterdir():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        _put(made, folder / key)
    found = exported_model(folder, key)
    if not found:
        raise OSError(f"{folder / key} is not what was written to it")
    return found


def _put(made: Path, place: Path) -> None:
    """Move `made` to `place`, a damaged one or one that was made at the same time giving way."""
    try:
        made.rename(place)
    except OSError:
        shutil.rmtree(place, ignore_errors=True)
        made.rename(place)
