"""axe-core finds nothing in any state of any page, in light and in dark, on wide screens and on phones."""

import threading
from collections.abc import Callable, Iterator

import pytest

from qa_service.state.database import Database
from tests.browser.visit import Visit
from tests.web.fake_service import FakeService

Axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe

MANY = "How many people are missing from the Vestra ferry?"
CAPTAIN = "Who is the captain of the Halden?"
OFF_TOPIC = "Which island has the highest mountain?"
PHONE, WIDE = {"width": 360, "height": 740}, {"width": 1600, "height": 900}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def asked(visit: Visit, *questions: str) -> None:
    visit.go()
    for question in questions:
        visit.ask(question)


def waiting(visit: Visit) -> None:
    visit.service.gate = threading.Event()
    visit.go()
    visit.page.fill("#q", MANY)
    visit.page.press("#q", "Enter")
    visit.page.locator(".skeleton").wait_for()


def with_source(visit: Visit) -> None:
    asked(visit, MANY)
    visit.page.locator(".ref").first.click()
    visit.page.locator("#panel mark").wait_for()


def with_opinion(visit: Visit) -> None:
    asked(visit, MANY)
    visit.page.get_by_role("button", name="Right").click()
    visit.page.locator(".opinion").wait_for()


def understood(visit: Visit) -> None:
    asked(visit, MANY, CAPTAIN)
    visit.page.locator("#e2 .understood summary").click()


def choosing(visit: Visit) -> None:
    visit.service.alternatives = ("How old is Ingrid Solheim?", "How old is Liv Brandt?")
    asked(visit, MANY, "How old is she?")


def failing(visit: Visit) -> None:
    visit.service.failure = OSError("x")
    asked(visit, MANY)


def filtering(visit: Visit) -> None:
    visit.go("/", source="Northern Wire", date_from="2021-09-01")
    visit.page.get_by_text("Filters").click()


def offline(visit: Visit) -> None:
    visit.go()
    visit.page.context.set_offline(True)
    visit.page.locator("#offline").wait_for()


def drawer(visit: Visit) -> None:
    asked(visit, MANY)
    if visit.page.locator(".past-button").is_visible():
        visit.page.locator(".past-button").click()
    visit.page.locator("#past-list a").wait_for()


def listed(visit: Visit) -> None:
    asked(visit, MANY)
    visit.go("/conversations")
    visit.page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true; })")


def opened(visit: Visit) -> None:
    listed(visit)
    visit.page.locator(".article-names > a").click()
    visit.page.locator(".thread-title").wait_for()


def without_index(visit: Visit) -> None:
    visit.service.missing = True
    visit.go()


STATES: dict[str, Callable[[Visit], object]] = {
    "empty": lambda visit: visit.go(),
    "filters": filtering,
    "waiting": waiting,
    "answered": lambda visit: asked(visit, MANY),
    "source": with_source,
    "opinion": with_opinion,
    "understood": understood,
    "choice": choosing,
    "abstained": lambda visit: asked(visit, OFF_TOPIC),
    "failed": failing,
    "offline": offline,
    "drawer": drawer,
    "conversations": listed,
    "no conversation": lambda visit: visit.go("/conversations"),
    "conversation": opened,
    "by address": lambda visit: visit.go("/", q=MANY),
    "articles": lambda visit: visit.go("/articles", source="Northern Wire"),
    "search": lambda visit: visit.go("/articles", q="captain Halden"),
    "nothing found": lambda visit: visit.go("/articles", q="zebra"),
    "article": lambda visit: visit.go("/articles/ferry-3#p1"),
    "table": lambda visit: visit.go("/articles/2021%2Flibrary%20opens%20%232"),
    "error": lambda visit: visit.go("/nowhere"),
    "no index": without_index,
}


@pytest.fixture
def visit(visit: Visit, service: FakeService, state: Database) -> Iterator[Visit]:
    visit.service = service  # type: ignore[attr-defined]
    yield visit
    if service.gate:
        service.gate.set()


def faults(visit: Visit, **options: object) -> list[str]:
    """Return what axe finds on the page as it is."""
    found = Axe().run(visit.page, options={"resultTypes": ["violations"], **options}).response["violations"]
    return [f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:200]}" for one in found]


ON_PHONES = ("filters", "source", "drawer", "abstained", "conversations", "no index")  # laid out otherwise


@pytest.mark.parametrize("name", STATES)
def test_axe_finds_nothing(visit: Visit, name: str) -> None:
    visit.open(viewport=WIDE)
    STATES[name](visit)
    check(visit)


@pytest.mark.parametrize("name", ON_PHONES)
def test_axe_finds_nothing_on_phones(visit: Visit, name: str) -> None:
    visit.open(viewport=PHONE)
    STATES[name](visit)
    check(visit)


def check(visit: Visit) -> None:
    assert faults(visit, runOnly={"type": "tag", "values": TAGS}) == []
    visit.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert faults(visit, runOnly={"type": "rule", "values": ["color-contrast"]}) == []


def test_axe_would_find_a_fault(visit: Visit) -> None:
    visit.go()
    visit.page.evaluate(
        "document.querySelector('label[for=q]').remove(); document.getElementById('q').placeholder = ''"
    )
    assert "label (critical)" in faults(visit)[0]
