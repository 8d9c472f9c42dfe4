"""What must not move, vanish or shrink: columns, words under the pointer, heads, focus, targets of fingers."""

import threading
from typing import Any

import pytest

from tests.browser.visit import Visit
from tests.web.fake_service import FakeService

MANY = "How many people are missing from the Vestra ferry?"
CAPTAIN = "Who is the captain of the Halden?"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def left(page: Any, selector: str) -> float:
    return page.locator(selector).first.bounding_box()["x"]


def test_the_column_stays_when_the_first_answer_is_whole(visit: Visit, service: FakeService) -> None:
    service.gate = threading.Event()
    page = visit.go()
    page.fill("#q", MANY)
    page.press("#q", "Enter")
    page.locator(".skeleton").wait_for()
    before = left(page, ".question")
    service.gate.set()
    page.locator("#panel .is-cited").wait_for()
    assert left(page, ".question") == before
    visit.ask("zzz yyy")  # nothing to show beside it
    assert not page.locator("#panel").is_visible()
    assert left(page, ".question") == before
    visit.ask(MANY)
    page.keyboard.press("Escape")  # the person wants no panel, so that no place is kept
    assert left(page, ".question") > before


def test_words_of_actions_stay_under_the_pointer(visit: Visit) -> None:
    page = visit.go()
    visit.ask(MANY)
    visit.go("/conversations")
    words = page.locator(".actions summary")
    before = [words.nth(place).bounding_box() for place in range(3)]
    for place in range(3):
        words.nth(place).click()
        assert [words.nth(other).bounding_box() for other in range(3)] == before
        opened = page.locator(".actions details[open]")
        assert opened.count() == 1
        below = opened.locator("form, p").first.bounding_box()
        assert below["y"] >= before[0]["y"] + before[0]["height"]
        assert below["x"] == before[0]["x"]


@pytest.mark.parametrize("size", [(1200, 500), (390, 500)])
def test_the_head_of_a_source_stays_in_view(
    visit: Visit, service: FakeService, size: tuple[int, int]
) -> None:
    page = visit.open(viewport={"width": size[0], "height": size[1]})
    visit.go()
    visit.ask(MANY)
    page.locator(".ref").first.click()
    page.locator("#panel .is-cited + p").wait_for()
    title, byline = page.locator("#panel-title"), page.locator("#panel .panel-byline")
    before = [title.bounding_box(), byline.bounding_box()]
    page.locator(".panel-body").evaluate("one => { one.scrollTop = 10000; }")
    assert page.locator(".panel-body").evaluate("one => one.scrollTop") > 0
    assert [title.bounding_box(), byline.bounding_box()] == before
    title.evaluate("one => { one.textContent = 'Long title '.repeat(60); }")
    assert title.bounding_box()["height"] < 3 * 26


def test_the_focus_goes_where_the_next_question_is_written(visit: Visit, service: FakeService) -> None:
    page = visit.go()
    visit.ask(MANY)
    service.alternatives = ("How old is Ingrid Solheim?", MANY)
    exchange = visit.ask("How old is she?")
    service.alternatives = ()
    exchange.locator(".choice").nth(1).click()
    visit.until("document.activeElement.id === 'q'")
    page.locator("#e3 .understood summary").click()
    page.locator("#e3 .reask .field").press("Enter")
    visit.until("document.activeElement.id === 'q'")
    page.locator("#e4:not([data-state=loading])").wait_for()
    service.gate = threading.Event()
    page.fill("#q", CAPTAIN)
    page.press("#q", "Enter")
    page.locator("#stop").click()
    page.locator("[data-slot=retry]").click()
    visit.until("document.activeElement.id === 'q'")


def test_a_finger_s_choice_raises_no_keyboard(visit: Visit, service: FakeService) -> None:
    page = visit.open(**PHONE)
    visit.go()
    page.locator(".suggestions a").first.tap()
    page.locator(".said mark").wait_for()
    assert page.evaluate("document.activeElement.className") == "exchange"


def test_the_composer_shows_its_focus(visit: Visit) -> None:
    page = visit.go()
    row = page.locator(".composer .row")
    assert row.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    page.locator("#q").blur()
    assert row.evaluate("one => getComputedStyle(one).outlineStyle") == "none"


def test_fingers_hit_what_is_small(visit: Visit) -> None:
    page = visit.open(**PHONE)
    visit.go()
    visit.ask(MANY)
    hit = """one => {
      const box = one.getBoundingClientRect();
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      return [[0, -11.5], [0, 11.5], [-11.5, 0], [11.5, 0]].every(
        ([right, down]) => document.elementFromPoint(x + right, y + down)?.closest("a, summary") === one);
    }"""
    page.evaluate("scrollTo(0, 0)")
    for selector in (".ref", ".start-over", "#filters summary"):
        assert page.locator(selector).first.evaluate(hit), selector


def test_twice_the_size_of_letters_leaves_room_beside_the_source(visit: Visit) -> None:
    page = visit.open(viewport={"width": 1280, "height": 800})
    visit.go()
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    exchange = visit.ask(MANY)
    page.locator("#panel .is-cited").wait_for()
    assert exchange.locator(".said").first.bounding_box()["width"] > 380
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_forced_colours_cover_what_scrolls_and_draw_the_dots(visit: Visit) -> None:
    page = visit.open(forced_colors="active")
    visit.go()
    exchange = visit.ask(MANY)
    for selector in (".question", ".composer"):
        colour = page.locator(selector).first.evaluate("one => getComputedStyle(one).backgroundColor")
        assert colour.startswith("rgb("), colour
    dots = exchange.locator(".sureness").evaluate("one => getComputedStyle(one, '::before').backgroundImage")
    assert "gradient" in dots
    page.locator("#q").focus()
    row = page.locator(".composer .row")
    assert row.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
