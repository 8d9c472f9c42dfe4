"""Takes the pictures of the documentation, or with --all of every state: `python -m tests.browser.screenshots`.

The invented archive of the web tests is shown, each state on a fresh server.
"""

import argparse
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from qa_service.state.database import Database
from tests.browser.chromium import browser
from tests.browser.states import STATES, State
from tests.browser.visit import Visit
from tests.web.fake_service import FakeService
from tests.web.live_server import serving

COLOURS = 128  # a page has few; its pictures then take a third of the room
HEIGHTS = {1600: 900, 1280: 800, 390: 844, 320: 640}
DOCUMENTED = {
    "answer": ("source", 1280, "light"),
    "answer-dark": ("source", 1280, "dark"),
    "phone": ("answered", 390, "light"),
    "phone-source": ("source", 390, "light"),
    "empty": ("empty", 1280, "light"),
    "waiting": ("waiting", 1280, "light"),
    "abstained": ("abstained", 1280, "light"),
    "choice": ("choice", 1280, "light"),
    "filters": ("filters", 1280, "light"),
    "failed": ("failed", 1280, "light"),
    "conversations": ("conversations", 1280, "light"),
    "conversation-wide": ("conversation", 1600, "light"),
    "articles": ("articles", 1280, "light"),
    "search": ("search", 1280, "light"),
    "article": ("article", 1280, "light"),
    "family": ("family", 1280, "light"),
    "source-family": ("source-family", 1280, "light"),
    "source-page": ("source-page", 1280, "light"),
    "article-page": ("article-page", 1280, "light"),
}


def main() -> None:
    """Write the pictures that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/screenshots"))
    parser.add_argument("--all", action="store_true", help="every state, in four widths and both schemes")
    parser.add_argument("--only", help="pictures to take, or with --all states, separated by commas")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    known = list(STATES if options.all else DOCUMENTED)
    only = options.only.split(",") if options.only else known
    wanted = _all(only) if options.all else ((name, DOCUMENTED[name]) for name in only)
    with browser() as running:
        for name, (state, width, scheme) in wanted:
            _take(running, STATES[state], width, scheme, options.out / f"{name}.png")


def _all(states: list[str]) -> Iterator[tuple[str, tuple[str, int, str]]]:
    for state in states:
        for width in HEIGHTS:
            for scheme in ("light", "dark"):
                yield f"{state}-{width}-{scheme}", (state, width, scheme)


def _take(running: Browser, state: State, width: int, scheme: str, path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database, service = Database(Path(folder) / "state.db"), FakeService()
        with serving(service, state=database) as url:
            visit = Visit(running, url, service)
            visit.open(viewport={"width": width, "height": HEIGHTS[width]}, color_scheme=scheme)
            state(visit)
            visit.page.wait_for_load_state("networkidle" if not service.gate else "load")
            picture = Image.open(io.BytesIO(visit.page.screenshot())).convert("RGB")
            picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
            if service.gate:
                service.gate.set()
            visit.close()
        database.close()


if __name__ == "__main__":
    main()
