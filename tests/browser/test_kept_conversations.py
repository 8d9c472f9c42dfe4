"""Conversations that are kept: the latest at hand, opened, gone on with, renamed, deleted, exported."""

from urllib.parse import parse_qs, urlsplit

from tests.browser.visit import Visit
from tests.web.fake_service import FakeService

MANY = "How many people are missing from the Vestra ferry?"
CAPTAIN = "Who is the captain of the Halden?"
WIDE = {"viewport": {"width": 1600, "height": 900}}


def test_the_latest_conversations_stand_beside_on_wide_screens(visit: Visit) -> None:
    page = visit.open(**WIDE)
    visit.go()
    assert page.locator("#past").is_visible()
    visit.ask(MANY)
    current = page.locator("#past-list [aria-current]")
    current.wait_for()
    assert current.inner_text() == MANY
    page.get_by_role("link", name="New conversation").first.click()
    page.wait_for_url(f"{visit.url}/")
    visit.ask(CAPTAIN)
    visit.until("document.querySelectorAll('#past-list li').length === 2")
    page.locator("#past-list a").nth(1).click()
    page.wait_for_url("**/c/conv_*")
    assert page.locator(".thread-title").inner_text() == MANY


def test_elsewhere_they_are_in_a_drawer(visit: Visit) -> None:
    page = visit.open(viewport={"width": 360, "height": 700})
    visit.go()
    visit.ask(MANY)
    assert not page.locator("#past").is_visible()
    page.get_by_role("button", name="Latest conversations").click()
    page.locator("#past-list a").wait_for()
    page.keyboard.press("Escape")
    page.locator("#past").wait_for(state="hidden")
    page.get_by_role("button", name="Latest conversations").click()
    page.locator("#past-list a").click()
    page.wait_for_url("**/c/conv_*")


def test_reloading_shows_what_was_kept_and_asks_nothing(visit: Visit, service: FakeService) -> None:
    page = visit.go()
    for question in (MANY, CAPTAIN, MANY, CAPTAIN, MANY, CAPTAIN, MANY, CAPTAIN):
        visit.ask(question)
    page.reload()
    assert page.locator(".exchange").count() == 8  # more than an address carries along
    assert len(service.questions) == 8
    visit.ask("What did the library conversion cost?")
    assert len({question.conversation_id for question in service.questions}) == 1


def test_an_opened_conversation_goes_on(visit: Visit, service: FakeService) -> None:
    page = visit.go()
    visit.ask(MANY)
    kept = parse_qs(urlsplit(page.url).query)["c"][0]
    page.goto(f"{visit.url}/c/{kept}")
    exchange = visit.ask(CAPTAIN)
    assert exchange.get_attribute("id") == "e2"
    assert service.questions[1].conversation_id == kept
    assert service.questions[1].history[0].content == MANY
    page.goto(f"{visit.url}/c/{kept}")
    assert page.locator(".exchange").count() == 2


def test_an_address_from_somebody_else_is_kept_by_a_button(visit: Visit, service: FakeService) -> None:
    page = visit.go(q=MANY)
    assert not page.locator(".votes").is_visible()
    page.get_by_role("button", name="Keep this conversation").click()
    page.wait_for_url("**/c/conv_*")
    assert page.locator(".votes").is_visible()
    assert page.locator(".thread-title").inner_text() == MANY


def test_the_list_needs_no_scripts(visit: Visit) -> None:
    visit.go()
    visit.ask(MANY)
    page = visit.open(java_script_enabled=False)
    visit.go("/conversations")
    page.locator(".actions summary", has_text="Rename").click()
    page.get_by_label("Title of the conversation").fill("The Vestra ferry")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="The Vestra ferry").wait_for()
    page.locator(".actions summary", has_text="Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Markdown").click()
    assert download.value.suggested_filename == "the-vestra-ferry.md"
    page.fill("[name=q]", "nets reef zebra")
    page.keyboard.press("Enter")
    page.get_by_text("No conversation holds").wait_for()
    page.get_by_role("link", name="Show all").click()
    page.locator(".actions summary", has_text="Delete").click()
    page.get_by_role("button", name="Delete for good").click()
    page.get_by_text("Nothing has been asked yet").wait_for()
