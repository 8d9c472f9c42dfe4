"""Questions without an answer, and very long ones: what is said, what is left out, what can be done."""

import pytest

from tests.browser.visit import Visit
from tests.web.fake_service import FakeService

MANY = "How many people are missing from the Vestra ferry?"
OFF_TOPIC = "Which island has the highest mountain?"
LONG = (
    "Among all who were counted as missing on the day after the ferry Halden struck the reef, who was found? "
)


def test_silence_can_be_sent_on_and_judged(visit: Visit) -> None:
    page = visit.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.go()
    exchange = visit.ask(OFF_TOPIC)
    assert exchange.locator(".tools button:visible").all_inner_texts() == ["Copy link", "Right", "Wrong"]
    exchange.get_by_role("button", name="Copy link").click()
    exchange.get_by_role("button", name="Copied").wait_for()
    exchange.get_by_role("button", name="Wrong").click()
    exchange.locator(".noted", has_text="Thank you, noted.").wait_for()
    page.reload()
    assert page.locator("[data-vote=down]").get_attribute("aria-pressed") == "true"
    assert page.locator("[data-tool=copy]").count() == 0


def test_a_greeting_claims_no_search(visit: Visit) -> None:
    page = visit.go()
    exchange = visit.ask("Hello")
    for left_out in (".scope", ".hints", ".unfiltered", ".tools"):
        assert not exchange.locator(left_out).is_visible(), left_out
    text = exchange.inner_text()
    page.reload()
    assert page.locator(".exchange").inner_text() == text


def test_filters_that_nothing_fits_can_be_left_out(visit: Visit, service: FakeService) -> None:
    page = visit.go("/", source="Gone")
    exchange = visit.ask(MANY)
    assert "No article fits the filters" in exchange.inner_text()
    assert not exchange.locator(".hints").is_visible()
    assert not exchange.locator(".scope").is_visible()
    href = exchange.locator(".unfiltered").get_attribute("href")
    page.reload()
    assert page.locator(".unfiltered").get_attribute("href") == href
    page.locator(".unfiltered").click()
    page.locator("#e2 .said mark").wait_for()
    assert page.locator(".chip").count() == 0
    assert service.questions[-1].filters.sources == ()


@pytest.mark.parametrize("is_loaded", [False, True])
def test_a_very_long_question_is_shortened(visit: Visit, is_loaded: bool) -> None:
    page = visit.open(viewport={"width": 390, "height": 844})
    visit.go("/", **({"q": LONG * 8} if is_loaded else {}))
    exchange = page.locator(".exchange") if is_loaded else visit.ask(LONG * 8)
    button = exchange.get_by_role("button", name="Show all")
    button.wait_for()
    question = exchange.locator(".question")
    assert question.bounding_box()["height"] < 100
    button.click()
    assert question.bounding_box()["height"] > 300
    exchange.get_by_role("button", name="Show less").click()
    assert question.bounding_box()["height"] < 100


def test_what_fits_in_a_few_lines_needs_no_button(visit: Visit) -> None:
    visit.go()
    exchange = visit.ask((LONG * 3)[:260])
    assert "is-short" in exchange.locator(".question").get_attribute("class")
    assert not exchange.locator(".show-all").is_visible()
