"""Without scripts, on a phone, by keyboard, in the dark, on paper, over a thin line."""

import re
from typing import Any

import pytest

from qa_service.state.conversations import Conversations, StoredAnswer
from qa_service.state.database import Database
from tests.browser.visit import Visit
from tests.web.fake_archive import ARTICLES, make_article
from tests.web.fake_service import FakeService
from tests.web.live_server import serving

MANY = "How many people are missing from the Vestra ferry?"
CAPTAIN = "Who is the captain of the Halden?"
OFF_TOPIC = "Which island has the highest mountain?"


def test_the_plain_form_works_without_scripts(visit: Visit, service: FakeService) -> None:
    page = visit.open(java_script_enabled=False)
    visit.go()
    page.fill("#q", MANY)
    page.press("#q", "Enter")
    page.locator(".said mark").wait_for()
    assert not page.locator(".tools").is_visible()
    page.fill("#q", CAPTAIN)
    page.click("#ask [type=submit]")
    page.locator(".exchange").nth(1).wait_for()
    assert "Aslak Moe" in page.locator(".exchange").nth(1).inner_text()
    assert [question.text for question in service.questions] == [MANY, MANY, CAPTAIN]
    body = page.locator("#e2-s1")
    assert not body.is_visible()
    page.locator(".exchange").nth(1).locator(".ref").first.click()
    assert body.is_visible()
    page.locator("#e2-s1 .source-link").click()
    assert page.locator(".paragraph:target mark").is_visible()
    page.go_back()
    page.locator("#e2 .understood summary").click()
    page.locator("#e2 .reask .field").fill("What did the library conversion cost?")
    page.locator("#e2 .reask button").click()
    page.locator(".said", has_text="62 million").wait_for()
    page.get_by_text("Filters").click()
    page.get_by_label("Osthavn Gazette").check()
    page.fill("#q", "Who is the librarian of Osthavn?")
    page.press("#q", "Enter")
    page.locator(".chip", has_text="Osthavn Gazette").wait_for()
    assert service.questions[-1].filters.sources == ("Osthavn Gazette",)


WIDE = make_article(
    "w" * 300,
    f"# {'W' * 300}\n{'ferry' * 60} captain Halden {'x' * 500}\n| {'a  b ' * 100}",
    source="S" * 200,
)


@pytest.mark.parametrize("width", [320, 768])
def test_nothing_is_wider_than_the_screen(browser: object, state: Database, width: int) -> None:
    with serving(FakeService([*ARTICLES, WIDE]), state=state) as url:
        visit = Visit(browser, url)
        page = visit.open(viewport={"width": width, "height": 640}, has_touch=True)
        addresses = [
            "/",
            f"/?q={MANY}",
            f"/?q={OFF_TOPIC}",
            "/?q=captain+Halden+" + "y" * 400,
            "/?q=",
            "/nowhere",
            "/articles",
            "/articles?q=captain",
            "/conversations",
        ]
        for address in [*addresses, "/articles/ferry-3", f"/articles/{WIDE.article_id}"]:
            visit.go(address)
            page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true; })")
            page.eval_on_selector_all(".cited", "all => all.forEach(one => { one.style.display = 'block'; })")
            overflow = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert overflow <= 0, address
        visit.close()


def lightness(page, selector: str, what: str) -> float:
    colour = page.locator(selector).first.evaluate(f"one => getComputedStyle(one).{what}")
    numbers = [float(number) for number in re.findall(r"[\d.]+", colour)]
    return sum(numbers[:3]) / 3


@pytest.mark.parametrize("address", ["/", f"/?q={MANY}", "/articles/ferry-3"])
def test_dark_is_dark_and_light_is_light(visit: Visit, address: str) -> None:
    for scheme, is_dark in (("dark", True), ("light", False)):
        page = visit.open(color_scheme=scheme)
        visit.go(address)
        paper, ink = lightness(page, "html", "backgroundColor"), lightness(page, "html", "color")
        assert (paper < 60 and ink > 200) if is_dark else (paper > 230 and ink < 60)


def focused(page, what: str = "className") -> str:
    return page.evaluate(f"document.activeElement.{what}")


def test_everything_goes_by_keyboard(visit: Visit) -> None:
    page = visit.go()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    page.keyboard.type(MANY)
    assert page.input_value("#q") == MANY
    page.keyboard.type("/")
    assert page.input_value("#q").endswith("/")
    page.keyboard.press("Enter")
    page.locator(".said mark").wait_for()
    page.locator(".question").evaluate("one => { one.tabIndex = -1; one.focus(); }")
    page.keyboard.press("Tab")
    assert focused(page).startswith("ref")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert focused(page, "id") == "panel-title"
    page.keyboard.press("Tab")
    assert focused(page) == "panel-body"  # which can be scrolled
    page.keyboard.press("Tab")
    assert focused(page, "innerText") == "Read the whole article"
    page.keyboard.press("Escape")
    assert focused(page) == "ref"
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.innerText || document.activeElement.id"))
    assert {
        "Copy with citation",
        "Copy link",
        "Right",
        "Wrong",
        "q",
        "Ask",
        "Filters",
        "New conversation",
    } <= reached


def test_the_skip_link_shows_when_it_is_reached(visit: Visit) -> None:
    page = visit.go("/articles")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0


def test_paper_shows_the_sources_and_no_form(visit: Visit) -> None:
    page = visit.go(q=MANY)
    page.emulate_media(media="print")
    assert not page.locator(".composer").is_visible()
    assert not page.locator("#panel").is_visible()
    assert page.locator(".source blockquote").first.evaluate("one => one.getBoundingClientRect().height") > 10


@pytest.mark.parametrize("address", ["/articles", "/conversations", "/articles/ferry-3"])
def test_a_key_leads_to_the_search(visit: Visit, address: str) -> None:
    page = visit.go(address)
    page.keyboard.press("/")
    page.keyboard.type("a/b")
    assert page.input_value("#q") == "a/b"


def test_paper_has_no_black_blots_and_no_stubs(visit: Visit) -> None:
    page = visit.go()
    visit.ask(MANY)
    page.locator(".ref.is-open").wait_for()
    page.emulate_media(media="print")
    for reference in page.locator(".ref").all():
        assert reference.evaluate("one => getComputedStyle(one).backgroundColor") == "rgba(0, 0, 0, 0)"
    cited, quote = page.locator(".cited").first, page.locator(".cited blockquote").first
    assert cited.bounding_box()["height"] - quote.bounding_box()["height"] < 2


MAX_FIRST_LOAD = 60_000


@pytest.mark.parametrize("query", [{}, {"q": MANY}])
def test_the_first_load_is_small(
    visit: Visit, service: FakeService, state: Database, query: dict[str, str]
) -> None:
    for number in range(20):
        question = f"What was said about the {number}th of the twenty reefs between Osthavn and Vestra?"
        Conversations(state).keep("local", f"c{number}", StoredAnswer(f"a{number}", question, None, 1, "{}"))
        names = {"source": f"The Weekly Messenger No. {number}", "authors": (f"Author Number {number}",)}
        service._articles += (make_article(f"a{number}", "# Title\nBody.", **names),)
    page = visit.open()
    requests: list[Any] = []
    page.on("requestfinished", lambda request: requests.append(request))
    visit.go("/", **query)
    page.wait_for_load_state("networkidle")
    sizes = {request.url: request.sizes() for request in requests}
    assert len(sizes) >= 16
    assert all(size["responseBodySize"] > 0 for size in sizes.values())
    wire = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes.values())
    assert wire <= MAX_FIRST_LOAD, wire


def test_the_second_load_asks_only_what_has_changed(visit: Visit) -> None:
    page = visit.go()
    answers: dict[str, int] = {}
    page.on("response", lambda response: answers.update({response.url: response.status}))
    page.reload()
    page.wait_for_load_state("networkidle")
    loaded = {url for url, status in answers.items() if status != 304}
    assert loaded <= {page.url, f"{visit.url}/static/icon.svg"}  # Chromium loads icons anew
    assert len(answers) >= 16
