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
RECIPE = 2
# Hold it to import PyTorch where models load side by side: two threads that import it at once get a half of it.
PYTORCH = threading.RLock()


def export_key(kind: str, number_format: str, *weight_hashes: str) -> str:
    """Return the name of the folder for the export of a `kind` of model in these numbers with the given weights."""
    return hashlib.sha256("\n".join([kind, number_format, str(RECIPE), *weight_hashes]).encode()).hexdigest()[
        :32
    ]


def exported_model(folder: Path, key: str) -> Path | None:
    """Return the model in `folder / key` after its hash was checked; None where there is none or it is damaged."""
    place = folder / key
    try:
        said = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        with (place / MODEL).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        fits = said == {"key": key, "files": {MODEL: found}}
    except (OSError, ValueError):
        return None
    return place / MODEL if fits else None


def ensure_exported(folder: Path, key: str, make: Callable[[Path], None]) -> Path:
    """Return the checked model of `key`, made by `make(path)` where it is missing or damaged, with `PYTORCH` held.

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
        with PYTORCH:
            make(made / MODEL)
        digest = hashlib.sha256((made / MODEL).read_bytes()).hexdigest()
        manifest = json.dumps({"key": key, "files": {MODEL: digest}}, indent=1)
        (made / MANIFEST).write_text(manifest + "\n", encoding="utf-8")
        for name in (MODEL, MANIFEST):
            with (made / name).open("rb") as file:
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
