"""Citation numbers: lit sentences, the source beside the conversation or in a sheet, keys, copies, opinions."""

import json
from dataclasses import replace

import pytest

from qa_service.domain import Answer, AnswerSentence, OtherVersion, Question
from tests.browser.visit import Visit
from tests.web.fake_archive import make_article
from tests.web.fake_service import FakeService

MANY = "How many people are missing from the Vestra ferry?"
PHONE = {"viewport": {"width": 360, "height": 700}, "has_touch": True}


def active(page, what: str = "className") -> str:
    return page.evaluate(f"document.activeElement.{what}")


def panel_says(page, text: str) -> None:
    page.locator("#panel:visible [data-slot=title]", has_text=text).wait_for()


def test_the_first_source_stands_beside_the_answer(visit: Visit) -> None:
    page = visit.go()
    visit.ask(MANY)
    panel_says(page, "Number of missing")
    assert active(page, "id") == "q"  # the focus stays
    page.locator(".panel-text p").nth(4).wait_for()
    texts = page.locator(".panel-text p").all_inner_texts()
    assert texts[0].startswith("Rescue boats")
    assert texts[1].startswith("Four people")
    assert page.locator(".panel-text mark").inner_text().endswith("down from eleven the day before.")
    assert page.locator("#panel [data-slot=byline]").inner_text() == "9 September 2021 · Northern Wire"
    assert page.locator(".ref.is-open").inner_text() == "1"


def test_the_page_of_a_cited_paragraph_is_named(visit: Visit, service: FakeService) -> None:
    first = service._articles[0]
    paged = tuple(replace(one, page=2 + one.ordinal // 2) for one in first.paragraphs)
    service._articles = (replace(first, paragraphs=paged), *service._articles[1:])
    page = visit.go()
    visit.ask(MANY)
    panel_says(page, "Number of missing")
    byline = page.locator("#panel [data-slot=byline]")
    assert byline.inner_text() == "9 September 2021 · Northern Wire · page 3"
    page.locator(".ref").nth(1).click()
    panel_says(page, "Eleven missing")
    assert "page" not in byline.inner_text()


def test_a_number_lights_its_sentence_and_its_source(visit: Visit) -> None:
    page = visit.go()
    visit.ask(MANY)
    page.locator(".ref").nth(1).hover()
    assert page.locator(".sentence.is-lit").all_inner_texts() == [
        page.locator(".sentence").nth(1).inner_text()
    ]
    assert page.locator(".source.is-lit .source-title").all_inner_texts() == [
        "Eleven missing after ferry strikes reef off Vestra"
    ]
    page.mouse.move(0, 0)
    assert page.locator(".is-lit").count() == 0
    page.locator(".ref").first.focus()
    assert page.locator(".source.is-lit .source-numbers").inner_text() == "1"
    page.locator(".source-head").nth(1).focus()
    assert page.locator(".sentence.is-lit").inner_text().startswith("Eleven people")


def test_a_number_opens_its_source_and_gets_the_focus_back(visit: Visit) -> None:
    page = visit.go()
    visit.ask(MANY)
    page.locator(".ref").nth(1).click()
    panel_says(page, "Eleven missing")
    assert active(page, "id") == "panel-title"
    assert page.locator("#panel [data-slot=place]").inner_text() == "Source 2 of 2"
    assert page.locator("[data-panel=next]").is_disabled()
    page.keyboard.press("ArrowLeft")
    panel_says(page, "Number of missing")
    page.keyboard.press("Escape")
    page.locator("#panel").wait_for(state="hidden")
    assert active(page) == "ref"
    assert page.locator(".ref.is-open").count() == 0
    visit.ask("What did the library conversion cost?")
    assert not page.locator("#panel").is_visible()  # closed by the person, it stays so


def test_arrows_lead_from_number_to_number(visit: Visit) -> None:
    page = visit.go()
    visit.ask(MANY)
    page.locator(".ref").first.focus()
    page.keyboard.press("ArrowRight")
    assert active(page, "textContent") == "2"
    panel_says(page, "Eleven missing")
    page.keyboard.press("ArrowRight")
    assert active(page, "textContent") == "2"
    page.keyboard.press("ArrowUp")
    assert active(page, "textContent") == "1"
    panel_says(page, "Number of missing")
    page.keyboard.press("Enter")
    assert active(page, "id") == "panel-title"


def test_on_a_phone_the_source_is_a_sheet_that_keeps_the_focus(visit: Visit) -> None:
    page = visit.open(**PHONE)
    visit.go()
    visit.ask(MANY)
    assert not page.locator("#panel").is_visible()
    page.locator(".ref").first.click()
    panel_says(page, "Number of missing")
    assert page.evaluate("document.querySelector('#panel').matches(':modal')")
    seen = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.closest('#panel, body').id"))
    assert seen <= {"panel", ""}  # in the sheet or in the browser itself, never behind the sheet
    assert "panel" in seen
    page.keyboard.press("Escape")
    page.locator("#panel").wait_for(state="hidden")
    assert active(page) == "ref"
    page.locator(".source-head").nth(1).click()
    panel_says(page, "Eleven missing")
    page.mouse.click(180, 20)  # beside the sheet
    page.locator("#panel").wait_for(state="hidden")


def test_back_closes_the_sheet_of_what_is_gone(visit: Visit) -> None:
    page = visit.open(**PHONE)
    visit.go()
    visit.ask(MANY)
    page.locator(".ref").first.click()
    panel_says(page, "Number of missing")
    page.go_back()
    page.locator("#panel").wait_for(state="hidden")
    assert page.locator(".welcome").is_visible()
    page.go_forward()
    page.locator(".ref").first.click()
    panel_says(page, "Number of missing")


def test_the_source_moves_with_the_width_of_the_window(visit: Visit) -> None:
    page = visit.go()
    visit.ask(MANY)
    panel_says(page, "Number of missing")
    page.set_viewport_size({"width": 500, "height": 700})
    page.locator("#panel").wait_for(state="hidden")
    page.locator(".ref").nth(1).click()
    panel_says(page, "Eleven missing")
    page.set_viewport_size({"width": 1200, "height": 700})
    visit.until("document.querySelector('#panel').matches('[open]:not(:modal)')")
    panel_says(page, "Eleven missing")


def test_the_article_opens_at_the_quote(visit: Visit) -> None:
    page = visit.go()
    visit.ask(MANY)
    panel_says(page, "Number of missing")
    page.get_by_role("link", name="Read the whole article").click()
    page.wait_for_url("**/articles/ferry-3?quote=*#p1")
    lit = page.locator(".paragraph:target")
    assert lit.locator("mark").inner_text().startswith("Four people were still missing")
    plain = page.locator("#p2").evaluate("one => getComputedStyle(one).backgroundColor")
    assert lit.evaluate("one => getComputedStyle(one).backgroundColor") != plain
    assert lit.is_visible()
    page.go_back()
    assert page.locator(".exchange").count() == 1


@pytest.mark.parametrize("width", [1200, 360])
def test_without_the_article_its_paragraph_still_shows(visit: Visit, width: int) -> None:
    page = visit.open(viewport={"width": width, "height": 700})
    page.route("**/api/v1/articles/*", lambda route: route.abort())
    visit.go()
    visit.ask(MANY)
    page.locator(".ref").first.click()
    page.get_by_text("cannot be loaded at the moment").wait_for()
    assert page.locator(".panel-text p").inner_text().startswith("Four people")


def test_an_article_that_changed_since_is_told(visit: Visit, service: FakeService) -> None:
    page = visit.open(**PHONE)
    visit.go()
    visit.ask(MANY)
    service._articles = (make_article("ferry-3", "# Another text\nNobody is missing."),)
    page.locator(".ref").first.click()
    page.get_by_text("The article has changed since").wait_for()
    assert page.locator(".panel-text p").inner_text().startswith("Four people")


def test_offsets_count_code_points(visit: Visit, service: FakeService) -> None:
    service._articles = (make_article("a", "# 😀 T\n😀 Nets.\n😀😀 Nine boats were lost 😀. Nine nets too."),)
    page = visit.go()
    visit.ask("nine boats lost")
    page.locator(".panel-text p", has_text="Nets.").wait_for()
    assert page.locator(".panel-text mark").inner_text() == "😀😀 Nine boats were lost 😀."


def corroborated(service: FakeService) -> None:
    """Let every answer say its first sentence with all its citations, as when several articles agree."""
    ask = service.ask

    def ask_together(question: Question) -> Answer:
        answer = ask(question)
        ids = tuple(citation.citation_id for citation in answer.citations)
        first = answer.sentences[0]
        return replace(
            answer, text=first.text, sentences=(AnswerSentence(first.text, 0, len(first.text), ids),)
        )

    service.ask = ask_together  # type: ignore[method-assign]


def test_articles_that_agree_stand_behind_one_sentence(visit: Visit, service: FakeService) -> None:
    corroborated(service)
    page = visit.go()
    exchange = visit.ask(MANY)
    assert exchange.locator(".sentence").count() == 1
    assert exchange.locator(".ref").all_inner_texts() == ["1", "2"]
    assert exchange.locator(".source-title").count() == 2
    assert exchange.locator(".block").get_attribute("data-sources") == "2"
    text = exchange.inner_text()
    page.reload()
    assert page.locator(".block .source").count() == 2
    page.locator(".votes").wait_for()
    assert page.locator(".exchange").inner_text() == text


def test_answers_quotes_and_addresses_are_copied(visit: Visit) -> None:
    page = visit.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.go()
    visit.ask(MANY)

    def copied(name: str) -> str:
        button = page.get_by_role("button", name=name).element_handle()
        button.click()
        visit.until("button => button.textContent === 'Copied'", button)
        assert page.locator("#status").inner_text().strip() == "Copied"
        return page.evaluate("navigator.clipboard.readText()")

    answer = copied("Copy with citation")
    assert "down from eleven the day before. [1]" in answer
    assert (
        "[1] Number of missing from Vestra ferry falls to four, Northern Wire, 9 September 2021."
        " https://news.example/ferry-3" in answer
    )
    assert f"about 8 September 2021. {visit.url}/articles/ferry-2?quote=" in answer
    panel_says(page, "Number of missing")
    assert copied("Copy quote").startswith("“Four people were still missing")
    address = copied("Copy link")
    assert address == f"{visit.url}/?q=How+many+people+are+missing+from+the+Vestra+ferry%3F"
    page.get_by_role("button", name="Copy link").wait_for()  # the label comes back


def test_an_opinion_is_kept_with_its_note(visit: Visit) -> None:
    page = visit.go()
    exchange = visit.ask(MANY)
    exchange.get_by_role("button", name="Wrong").click()
    exchange.locator(".opinion").wait_for()
    exchange.locator(".opinion .field").fill("Yesterday’s number.")
    exchange.locator(".opinion .field").press("Enter")
    exchange.locator(".opinion").wait_for(state="hidden")
    assert active(page, "dataset.vote") == "down"
    assert page.locator("#status").inner_text().strip() == "Thank you, noted."
    assert exchange.locator(".noted").inner_text() == "Thank you, noted."
    exchange.get_by_role("button", name="Wrong").click()  # a second click changes nothing
    assert exchange.locator(".opinion .field").input_value() == "Yesterday’s number."
    kept = json.loads(page.evaluate("fetch('/api/v1/conversations').then(one => one.text())"))["data"][0][
        "id"
    ]
    (vote,) = page.evaluate(f"fetch('/api/v1/conversations/{kept}').then(one => one.json())")["feedback"]
    assert (vote["rating"], vote["note"]) == ("down", "Yesterday’s number.")
    page.reload()
    assert page.locator("[data-vote=down]").get_attribute("aria-pressed") == "true"
    assert page.locator(".noted").inner_text() == "Your note: “Yesterday’s number.”"
    page.locator("[data-vote=down]").click()
    assert page.locator(".opinion .field").input_value() == "Yesterday’s number."


def test_the_same_opinion_is_sent_once_and_a_note_belongs_to_it(visit: Visit) -> None:
    page = visit.go()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "feedback" in request.url else None)
    exchange = visit.ask(MANY)
    form = exchange.locator(".opinion")
    for visible in (True, False, True):
        exchange.get_by_role("button", name="Right").click()
        form.wait_for(state="visible" if visible else "hidden")
    assert len(sent) == 1
    form.locator(".field").fill("Well said.")
    exchange.get_by_role("button", name="Wrong").click()
    exchange.locator("[data-vote=down][aria-pressed=true]").wait_for()
    assert form.locator(".field").input_value() == ""


@pytest.mark.parametrize(
    ("status", "why"),
    [(404, "does not keep this answer"), (503, "answered 503"), (None, "cannot be reached")],
)
def test_an_opinion_that_cannot_be_kept_is_told_and_can_be_given_again(
    visit: Visit, status: int | None, why: str
) -> None:
    page = visit.go()
    page.route(
        "**/api/v1/feedback",
        lambda route: route.fulfill(status=status, body="{}") if status else route.abort(),
    )
    exchange = visit.ask(MANY)
    exchange.get_by_role("button", name="Right").click()
    exchange.locator(".noted", has_text="This could not be noted.").wait_for()
    assert why in exchange.locator(".noted").inner_text()
    assert not exchange.locator(".opinion").is_visible()
    assert exchange.locator(".votes [aria-pressed=true]").count() == 0
    page.unroute("**/api/v1/feedback")
    exchange.get_by_role("button", name="Right").click()
    exchange.locator(".noted", has_text="Thank you, noted.").wait_for()


def test_the_panel_says_where_else_a_source_was_published(visit: Visit) -> None:
    copy = OtherVersion("glacier", "<i>Four</i> missing", None, "Osthavn Gazette", "2021-09-09", None, False)
    unnamed = replace(copy, article_id="a/b #1", source=None, published_at=None)
    visit.service.also_in = {
        "ferry-3": (copy, unnamed, copy, copy, copy),
        "ferry-2": (replace(copy, is_newest=True), copy),
    }
    page = visit.go()
    visit.ask(MANY)
    versions = page.locator("#panel [data-slot=versions]")
    versions.locator("a").first.wait_for()
    assert versions.inner_text() == (
        "Newest version. Also in Osthavn Gazette, 9 September 2021; <i>Four</i> missing;"
        " Osthavn Gazette, 9 September 2021 and 2 more versions."
    )
    assert versions.locator("a").nth(1).get_attribute("href") == "/articles/a%2Fb%20%231"
    page.locator(".ref").nth(1).click()
    versions.get_by_text("newer").wait_for()
    assert versions.inner_text() == "There is a newer version: Osthavn Gazette, 9 September 2021."


def test_a_source_of_its_own_names_no_other_version(visit: Visit) -> None:
    page = visit.go()
    visit.ask(MANY)
    page.locator(".panel-text p").nth(4).wait_for()
    assert page.locator("#panel [data-slot=versions]").inner_text() == ""


@pytest.mark.parametrize("height", [330, 420, 800])
def test_the_panel_shows_the_paragraph_and_never_half_of_a_head(visit: Visit, height: int) -> None:
    page = visit.open(viewport={"width": 1200, "height": height})
    visit.go()
    visit.ask(MANY)
    visit.page.locator("#panel .is-cited + p").wait_for()
    body, title, cited = (
        page.locator(selector).bounding_box()
        for selector in (".panel-body", "#panel-title", "#panel .is-cited")
    )
    gone = title["y"] + title["height"] <= body["y"]
    assert gone or title["y"] >= body["y"]
    assert body["y"] <= cited["y"] < body["y"] + body["height"]
