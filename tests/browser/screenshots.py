"""Takes the pictures of the documentation, and with --all one of every state: `python -m tests.browser.screenshots`.

Without --base-url the invented archive of the web tests is shown; with it a running server's own archive is,
asked with the first question that its page suggests or with --question.
"""

import argparse
import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, Route

from tests.browser.chromium import browser
from tests.web.fake_service import FakeService
from tests.web.live_server import serving

OFF_TOPIC = "Which island has the highest mountain?"
DOCUMENTED = {
    "answer": ("cited", 1280, "light"),
    "answer-dark": ("cited", 1280, "dark"),
    "abstained": ("abstained", 1280, "light"),
    "phone": ("cited", 360, "light"),
}
WIDTHS = {1280: 800, 360: 740}


def main() -> None:
    """Write the pictures that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base-url", help="address of a running server")
    parser.add_argument("--question", help="question to show; the first suggested one when left out")
    parser.add_argument(
        "--abstained-question", default=OFF_TOPIC, help="question that the archive does not answer"
    )
    parser.add_argument("--out", type=Path, default=Path("docs/screenshots"))
    parser.add_argument(
        "--all", action="store_true", help="every state in two widths and both colour schemes"
    )
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    server = contextlib.nullcontext(options.base_url) if options.base_url else serving(FakeService())
    with server as url, browser() as running:
        for name, (state, width, scheme) in _wanted(every=options.all):
            with _page(running, url, width, scheme) as page:
                question = options.question or _suggested(page, url)
                STATES[state](page, url, options.abstained_question if state == "abstained" else question)
                page.screenshot(path=options.out / f"{name}.png")


def _wanted(*, every: bool) -> Iterator[tuple[str, tuple[str, int, str]]]:
    if not every:
        yield from DOCUMENTED.items()
        return
    for state in STATES:
        for width in WIDTHS:
            for scheme in ("light", "dark"):
                yield f"{state}-{width}-{scheme}", (state, width, scheme)


@contextlib.contextmanager
def _page(running: Browser, url: str, width: int, scheme: str) -> Iterator[Page]:
    context = running.new_context(
        viewport={"width": width, "height": WIDTHS[width]}, color_scheme=scheme, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


def _suggested(page: Page, url: str) -> str:
    page.goto(url)
    return page.locator(".suggestions a").first.inner_text()


def _ask(page: Page, url: str, question: str) -> None:
    page.goto(f"{url}/?{urlencode({'q': question})}")


def _show_cited(page: Page, url: str, question: str) -> None:
    _ask(page, url, question)
    page.locator(".ref").first.click()


def _show_loading(page: Page, url: str, question: str) -> None:
    page.route("**/api/v1/ask", lambda route: None)  # never answered
    page.goto(url)
    page.fill("#q", question)
    page.press("#q", "Enter")
    page.wait_for_selector(".loading")


def _show_error(page: Page, url: str, question: str) -> None:
    page.route("**/api/v1/ask", _refuse)
    page.goto(url)
    page.fill("#q", question)
    page.press("#q", "Enter")
    page.wait_for_selector(".failure")


def _refuse(route: Route) -> None:
    route.abort()


def _show_article(page: Page, url: str, question: str) -> None:
    _show_cited(page, url, question)
    page.locator(".source-link").first.click()
    page.wait_for_selector(".paragraph:target")
    time.sleep(0.2)


STATES: dict[str, Callable[[Page, str, str], None]] = {
    "empty": lambda page, url, question: page.goto(url) and None,
    "loading": _show_loading,
    "answer": _ask,
    "cited": _show_cited,
    "abstained": _ask,
    "error": _show_error,
    "articles": lambda page, url, question: page.goto(f"{url}/articles") and None,
    "article": _show_article,
    "missing": lambda page, url, question: page.goto(f"{url}/nowhere") and None,
}


if __name__ == "__main__":
    main()
