"""Where the data beside the checkout is, for the tests that need it."""

from pathlib import Path

import pytest


def shared_folder() -> Path:
    return Path(__file__).resolve().parents[2].parent / "shared"


needs_shared = pytest.mark.skipif(
    not shared_folder().is_dir(), reason="the folder shared is not beside the checkout"
)
