"""Asking in a real browser: answer, sources, follow-up, silence, trouble, the way back."""

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
    assert exchange.locator(".answer mark").inner_text() == "Four people"
    assert exchange.locator(".question").inner_text() == MANY
    assert "Strong match" in exchange.locator(".verdict").inner_text()
    assert page.evaluate("window.sameDocument")
    assert asked_by(page) == {"q": [MANY]}
    assert page.title().startswith(MANY)
    assert page.input_value("#q") == ""
    assert not page.locator(".welcome").is_visible()
    assert "Four people were still missing" in page.locator("#status").inner_text()


def test_a_citation_opens_its_paragraph_in_place(visit: Visit) -> None:
    visit.go()
    exchange = visit.ask(MANY)
    body = exchange.locator(".source-body").nth(1)
    assert not body.is_visible()
    exchange.locator(".ref").nth(1).click()
    assert body.is_visible()
    assert body.locator("mark").inner_text().startswith("Eleven people were missing")
    assert not exchange.locator(".source-body").nth(0).is_visible()
    exchange.locator("summary").nth(1).click()
    assert not body.is_visible()


def test_the_article_link_lights_the_paragraph(visit: Visit) -> None:
    page = visit.go()
    exchange = visit.ask(MANY)
    exchange.locator(".ref").first.click()
    exchange.locator(".source-link").first.click()
    page.wait_for_url("**/articles/ferry-3#p1")
    lit = page.locator(".paragraph:target")
    assert lit.locator("p").inner_text().startswith("Four people were still missing")
    plain = page.locator("#p2").evaluate("one => getComputedStyle(one).backgroundColor")
    assert lit.evaluate("one => getComputedStyle(one).backgroundColor") != plain
    assert lit.is_visible()
    page.go_back()
    assert page.locator(".exchange").count() == 1


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
    assert asked_by(page) == {"q": [CAPTAIN], "h": [MANY]}
    assert page.locator(".exchange").count() == 2


def test_reloading_shows_the_same_conversation(visit: Visit) -> None:
    page = visit.go()
    visit.ask(MANY)
    visit.ask(CAPTAIN)
    visit.ask(OFF_TOPIC)
    texts = page.locator(".thread").inner_text()
    anchors = page.eval_on_selector_all(
        ".ref, .source-link", "all => all.map(one => one.getAttribute('href'))"
    )
    carried = page.eval_on_selector_all("[name=h]", "all => all.map(one => one.value)")
    page.reload()
    assert page.locator(".thread").inner_text() == texts
    assert (
        page.eval_on_selector_all(".ref, .source-link", "all => all.map(one => one.getAttribute('href'))")
        == anchors
    )
    assert page.eval_on_selector_all("[name=h]", "all => all.map(one => one.value)") == carried


def test_back_and_forward_walk_through_the_conversation(visit: Visit, service: FakeService) -> None:
    page = visit.go()
    visit.ask(MANY)
    visit.ask(CAPTAIN)
    page.go_back()
    assert page.locator(".exchange:visible").count() == 1
    assert asked_by(page) == {"q": [MANY]}
    page.go_forward()
    assert page.locator(".exchange:visible").count() == 2
    page.go_back()
    page.go_back()
    assert page.locator(".exchange:visible").count() == 0
    assert page.locator(".welcome").is_visible()
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
    page.wait_for_function("document.querySelectorAll('.exchange').length === 1")
    assert page.locator(".exchange .question").inner_text() == MANY


def test_a_suggested_question_is_asked(visit: Visit, service: FakeService) -> None:
    page = visit.go()
    page.locator(".suggestions a").first.click()
    page.locator(".exchange .answer").wait_for()
    assert service.questions[0].text == service.suggestions()[0]


def test_silence_shows_what_came_near(visit: Visit) -> None:
    visit.go()
    exchange = visit.ask(OFF_TOPIC)
    assert exchange.get_attribute("data-state") == "abstained"
    text = exchange.inner_text()
    assert "The archive does not answer this" in text
    assert "It may help to name the person" in text
    assert exchange.locator(".source-body").first.is_visible()
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
    assert page.locator("#ask button").is_disabled()
    page.fill("#q", CAPTAIN)
    page.press("#q", "Enter")
    assert page.locator(".exchange").count() == 1
    service.gate.set()
    page.locator(".exchange .answer").wait_for()
    assert page.input_value("#q") == CAPTAIN


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
    assert page.locator("[name=h]").count() == 0
    service.failure = None
    exchange.locator("[data-slot=retry]").click()
    page.locator(".exchange .answer").wait_for()
    assert page.locator(".exchange").count() == 1


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (None, "cannot be reached"),
        ({"status": 502, "body": "<html>Bad gateway</html>"}, "answered 502"),
        ({"status": 422, "body": json.dumps({"detail": "Too long."})}, "Too long."),
    ],
)
def test_whatever_stands_in_for_the_server_is_told(visit: Visit, reply: dict | None, message: str) -> None:
    page = visit.go()
    page.route("**/api/v1/ask", lambda route: route.fulfill(**reply) if reply else route.abort())
    assert message in visit.ask(MANY).inner_text()


def test_starting_over_forgets(visit: Visit) -> None:
    page = visit.go()
    visit.ask(MANY)
    page.locator(".start-over").click()
    page.locator(".welcome").wait_for()
    assert page.locator("[name=h]").count() == 0


def test_blank_questions_are_not_sent(visit: Visit, service: FakeService) -> None:
    page = visit.go()
    page.fill("#q", "   ")
    page.press("#q", "Enter")
    assert page.locator(".exchange").count() == 0
    assert service.questions == []
