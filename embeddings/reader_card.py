"""What ships of the reader: its card, and its weights checked by their hash before anything parses them."""

import hashlib
import json
from pathlib import Path
from typing import Any

from embeddings.protocols import ModelUnavailable

WEIGHTS_FOLDER = Path(__file__).with_name("reader_weights")

_MEND = "Install the package again, or make the weights anew with `python -m embeddings.training` (docs/READER.md)."


def read_card(folder: Path) -> dict[str, Any]:
    """Return what `reader.json` says of the weights beside it.

    Raises:
        ModelUnavailable: it is missing or not readable.
    """
    path = folder / "reader.json"
    try:
        card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelUnavailable(
            f"The reader's description {path} cannot be read ({error}). {_MEND}"
        ) from error
    return card


def checked_bytes(path: Path, sha256: str) -> bytes:
    """Return the bytes of the file at `path`, whose hash must be `sha256`.

    Raises:
        ModelUnavailable: the file is missing or another.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelUnavailable(f"The reader's weights {path} cannot be read ({error}). {_MEND}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ModelUnavailable(f"The reader's weights {path} have SHA-256 {found}, not {sha256}. {_MEND}")
    return content
