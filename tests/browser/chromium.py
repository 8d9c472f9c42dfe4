"""Starts the Chromium of the system under Playwright; says so when there is none."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

try:
    from playwright.sync_api import Browser, sync_playwright
except ImportError:  # a development dependency
    sync_playwright = None

EXECUTABLE = Path("/usr/bin/chromium")
_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def is_available() -> bool:
    """Whether both Playwright and Chromium are installed."""
    return sync_playwright is not None and EXECUTABLE.exists()


@contextlib.contextmanager
def browser() -> Iterator["Browser"]:
    """Run a browser while the context lasts."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(EXECUTABLE), args=_FLAGS)
        try:
            yield running
        finally:
            running.close()
