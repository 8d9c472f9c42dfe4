"""Asking in a real browser: answer, follow-up, silence, waiting, trouble, the way back."""

import json
import threading
from urllib.parse import parse_qs, urlsplit

import pytest

from qa_service.errors import ModelMissing
from tests.browser.visit import Visit
from tests.web.fake_service import FakeService

MANY = "How many people are missing from the Vestra ferry?"
CAPTAIN = "Who is the captain of the Halden?"
OFF_TOPIC = "Which island has the highest mountain?"


def asked_by(page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_a_question_is_answered_without_a_reload(visit: Visit) -> None:
    page = visit.go()
    page.evaluate("window.sameDocument = true")
    exchange = visit.ask(MANY)
    assert exchange.locator(".said mark").inner_text() == "Four people"
    assert exchange.locator(".question").inner_text() == MANY
    assert "Very likely right" in exchange.locator(".verdict").inner_text()
    assert "Searched 4 articles, 30 August – 9 September 2021, index of" in exchange.inner_text()
    assert page.evaluate("window.sameDocument")
    assert asked_by(page)["q"] == [MANY]
    assert page.title().startswith(MANY)
    assert page.input_value("#q") == ""
    assert not page.locator(".welcome").is_visible()
    assert "Four people were still missing" in page.locator("#status").inner_text()


def test_scripts_and_server_show_the_same(visit: Visit) -> None:
    page = visit.go()
    for question in (MANY, CAPTAIN, OFF_TOPIC, "zzz"):
        visit.ask(question)

    def shown() -> tuple[str, list[str]]:
        links = "all => all.map(one => one.getAttribute('href'))"
        return page.locator("#thread").inner_text(), page.eval_on_selector_all("#thread a", links)

    by_scripts = shown()
    carried = page.eval_on_selector_all("#carried [name=h]", "all => all.map(one => one.value)")
    page.reload()
    page.locator(".votes").first.wait_for()
    assert shown() == by_scripts
    assert page.eval_on_selector_all("#carried [name=h]", "all => all.map(one => one.value)") == carried


def test_a_follow_up_carries_question_and_answer(visit: Visit, service: FakeService) -> None:
    page = visit.go()
    visit.ask(MANY)
    exchange = visit.ask(CAPTAIN)
    assert "Aslak Moe" in exchange.locator(".answer").inner_text()
    history = service.questions[1].history
    assert [turn.role for turn in history] == ["user", "assistant"]
    assert history[0].content == MANY
    assert history[1].content.startswith("Four people")
    first, second = (question.conversation_id for question in service.questions)
    assert first == second is not None
    assert asked_by(page) == {"q": [CAPTAIN], "h": [MANY], "c": [first]}
    assert page.locator(".exchange").count() == 2


def test_what_was_understood_is_told_and_can_be_changed(visit: Visit, service: FakeService) -> None:
    visit.go()
    visit.ask(MANY)
    exchange = visit.ask(CAPTAIN)
    assert f"Understood as “{MANY} {CAPTAIN}”" in exchange.inner_text()
    exchange.locator(".understood summary").click()
    field = exchange.locator(".reask .field")
    assert field.input_value() == f"{MANY} {CAPTAIN}"
    field.fill("What did the library conversion cost?")
    field.press("Enter")
    visit.page.locator("#e3 .said mark").wait_for()
    assert service.questions[2].text == "What did the library conversion cost?"


def test_a_question_with_two_meanings_offers_both(visit: Visit, service: FakeService) -> None:
    service.alternatives = ("How old is Ingrid Solheim?", "How old is Liv Brandt?")
    page = visit.go()
    visit.ask(MANY)
    exchange = visit.ask("How old is she?")
    assert exchange.locator(".choice").all_inner_texts() == list(service.alternatives)
    assert not exchange.locator(".hints").is_visible()
    service.alternatives = ()
    exchange.locator(".choice").nth(1).click()
    page.locator("#e3:not([data-state=loading])").wait_for()
    assert service.questions[2].text == "How old is Liv Brandt?"


def test_the_question_stays_in_view(visit: Visit) -> None:
    page = visit.open(viewport={"width": 1200, "height": 420})
    visit.go()
    exchange = visit.ask(MANY)
    page.mouse.wheel(0, 260)
    visit.until("scrollY > 150")
    box = exchange.locator(".question").bounding_box()
    assert 0 <= box["y"] < 40


@pytest.mark.parametrize("size", [(1280, 800), (390, 844), (320, 568)])
def test_the_next_question_stands_at_the_top(visit: Visit, size: tuple[int, int]) -> None:
    visit.open(viewport={"width": size[0], "height": size[1]})
    visit.go()
    visit.ask(MANY)
    exchange = visit.ask("zzz yyy")  # the shortest of answers
    visit.until("Math.abs(document.querySelector('#e2').getBoundingClientRect().y) < 2")
    assert exchange.locator(".no-answer").bounding_box()["y"] < size[1] / 3


def test_back_and_forward_walk_through_the_conversation(visit: Visit, service: FakeService) -> None:
    page = visit.go()
    visit.ask(MANY)
    visit.ask(CAPTAIN)
    page.go_back()
    assert page.locator(".exchange:visible").count() == 1
    assert asked_by(page)["q"] == [MANY]
    page.go_forward()
    assert page.locator(".exchange:visible").count() == 2
    page.go_back()
    page.go_back()
    assert page.locator(".exchange:visible").count() == 0
    assert page.locator(".welcome").is_visible()
    assert not page.locator("#panel").is_visible()
    assert page.title() == "Ask the archive"
    assert len(service.questions) == 2
    visit.ask(OFF_TOPIC)
    assert page.locator(".exchange").count() == 1
    assert service.questions[2].history == ()


def test_back_to_before_a_reload_loads_that_page(visit: Visit) -> None:
    page = visit.go()
    visit.ask(MANY)
    visit.ask(CAPTAIN)
    page.reload()
    page.go_back()
    page.locator(".exchange").nth(1).wait_for(state="detached")
    assert page.locator(".exchange .question").inner_text() == MANY


def test_a_suggested_question_is_asked(visit: Visit, service: FakeService) -> None:
    page = visit.go()
    page.locator(".suggestions a").first.click()
    page.locator(".exchange .said mark").wait_for()
    assert service.questions[0].text == service.suggestions()[0]


def test_silence_shows_what_came_near(visit: Visit) -> None:
    visit.go()
    exchange = visit.ask(OFF_TOPIC)
    assert exchange.get_attribute("data-state") == "abstained"
    text = exchange.inner_text()
    assert "The archive does not answer this" in text
    assert "It may help to name the person" in text
    assert exchange.locator(".cited").first.is_visible()
    assert exchange.locator(".sureness").count() == 0


def test_nothing_near_shows_no_list(visit: Visit) -> None:
    visit.go()
    assert not visit.ask("zzz yyy").locator("[data-slot=nearest]").is_visible()


def test_waiting_is_shown(visit: Visit, service: FakeService) -> None:
    service.gate = threading.Event()
    page = visit.go()
    page.fill("#q", MANY)
    page.press("#q", "Enter")
    waiting = page.locator(".exchange[data-state=loading]")
    waiting.wait_for()
    assert "Searching 4 articles…" in waiting.inner_text()
    assert page.locator("#status").inner_text() == "Searching 4 articles…"
    assert not page.locator("#ask [type=submit]").is_visible()
    page.fill("#q", CAPTAIN)
    page.press("#q", "Enter")
    assert page.locator(".exchange").count() == 1
    service.gate.set()
    page.locator(".exchange .said mark").wait_for()
    assert page.input_value("#q") == CAPTAIN


def test_stopping_leaves_the_question_to_be_asked_again(visit: Visit, service: FakeService) -> None:
    service.gate = threading.Event()
    page = visit.go()
    page.fill("#q", MANY)
    page.click("#ask [type=submit]")
    assert page.evaluate("document.activeElement.id") == "stop"
    page.keyboard.press("Enter")
    failed = page.locator(".exchange[data-state=failed]")
    failed.wait_for()
    assert "Stopped." in failed.inner_text()
    service.gate.set()
    failed.locator("[data-slot=retry]").click()
    page.locator(".exchange .said mark").wait_for()
    assert page.locator(".exchange").count() == 1


def test_a_late_answer_never_lands_under_another_question(visit: Visit, service: FakeService) -> None:
    late = service.gate = threading.Event()
    page = visit.go()
    page.fill("#q", MANY)
    page.press("#q", "Enter")
    page.locator(".exchange[data-state=loading]").wait_for()
    page.go_back()
    service.gate = None
    exchange = visit.ask("What did the library conversion cost?")
    late.set()
    page.wait_for_timeout(200)
    assert page.locator(".exchange").count() == 1
    assert exchange.locator(".said mark").inner_text() == "62 million crowns"
    assert asked_by(page)["q"] == ["What did the library conversion cost?"]
    assert page.locator("#panel [data-slot=title]").inner_text().startswith("Osthavn")


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (ModelMissing("The encoder is not installed."), "The encoder is not installed."),
        (OSError("x"), "on the server"),
    ],
)
def test_trouble_is_told_and_can_be_tried_again(
    visit: Visit, service: FakeService, failure: Exception, message: str
) -> None:
    service.failure = failure
    page = visit.go()
    exchange = visit.ask(MANY)
    assert exchange.get_attribute("data-state") == "failed"
    assert message in exchange.inner_text()
    assert message in page.locator("#status").inner_text()
    assert page.locator("#carried [name=h]").count() == 0
    service.failure = None
    exchange.locator("[data-slot=retry]").click()
    page.locator(".exchange .said mark").wait_for()
    assert page.locator(".exchange").count() == 1


BUSY = {"status": 429, "body": json.dumps({"detail": "Too many questions at once."})}


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (None, "The server cannot be reached."),
        ({"status": 502, "body": "<html>Bad gateway</html>"}, "The server answered 502"),
        ({"status": 422, "body": json.dumps({"detail": "Too long."})}, "Too long."),
        ({**BUSY, "headers": {"Retry-After": "1"}}, "Too many questions at once. Ask again in 1 second."),
        ({**BUSY, "headers": {"Retry-After": "300"}}, "Ask again in 5 minutes."),
        ({**BUSY, "headers": {"Retry-After": "Wed, 01 Jan 2020 00:00:00 GMT"}}, "Ask again in a moment."),
        ({**BUSY, "status": 503, "headers": {"Retry-After": "7200"}}, "Ask again in 2 hours."),
    ],
)
def test_whatever_stands_in_for_the_server_is_told(visit: Visit, reply: dict | None, message: str) -> None:
    page = visit.go()
    page.route("**/api/v1/ask", lambda route: route.fulfill(**reply) if reply else route.abort())
    assert message in visit.ask(MANY).locator(".reason").inner_text()


def test_being_offline_is_told(visit: Visit) -> None:
    page = visit.go()
    page.context.set_offline(True)
    page.locator("#offline").wait_for()
    exchange = visit.ask(MANY)
    assert "This device is offline" in exchange.inner_text()
    page.context.set_offline(False)
    page.locator("#offline").wait_for(state="hidden")
    exchange.locator("[data-slot=retry]").click()
    page.locator(".exchange .said mark").wait_for()


def test_starting_over_forgets(visit: Visit) -> None:
    page = visit.go()
    visit.ask(MANY)
    page.locator(".start-over").click()
    page.locator(".welcome").wait_for()
    assert page.locator("#carried input").count() == 0


def test_blank_questions_are_not_sent(visit: Visit, service: FakeService) -> None:
    page = visit.go()
    page.fill("#q", "   ")
    page.press("#q", "Enter")
    assert page.locator(".exchange").count() == 0
    assert service.questions == []
