"""Filters in the form, as chips, in the request and in the address."""

from urllib.parse import parse_qs, urlsplit

from qa_service.domain import Filters
from tests.browser.visit import Visit
from tests.web.fake_archive import make_article
from tests.web.fake_service import FakeService
from web.page_filters import CHOICES

MANY = "How many people are missing from the Vestra ferry?"


def chips(page) -> list[str]:
    return [text.removesuffix(" × – remove") for text in page.locator(".chip").all_text_contents()]


def test_what_is_ticked_is_shown_asked_and_addressed(visit: Visit, service: FakeService) -> None:
    page = visit.go()
    page.get_by_text("Filters").click()
    page.get_by_label("from").fill("2021-09-09")
    page.get_by_label("Northern Wire").check()
    page.get_by_label("Jonas Ekeland").check()
    assert chips(page) == ["from 9 September 2021", "Northern Wire", "by Jonas Ekeland"]
    exchange = visit.ask(MANY)
    wanted = Filters("2021-09-09", None, ("Northern Wire",), ("Jonas Ekeland",))
    assert service.questions[0].filters == wanted
    assert "; only from 9 September 2021, Northern Wire, by Jonas Ekeland." in exchange.inner_text()
    assert not page.locator(".filter-fields").is_visible()
    query = parse_qs(urlsplit(page.url).query)
    assert (query["date_from"], query["source"], query["author"]) == (
        ["2021-09-09"],
        ["Northern Wire"],
        ["Jonas Ekeland"],
    )
    page.goto(page.url.split("&c=")[0])
    assert service.questions[1].filters == wanted
    assert chips(page) == ["from 9 September 2021", "Northern Wire", "by Jonas Ekeland"]


def test_a_chip_takes_its_filter_away(visit: Visit, service: FakeService) -> None:
    page = visit.go("/", source="Northern Wire", date_to="2021-09-08")
    assert chips(page) == ["until 8 September 2021", "Northern Wire"]
    page.locator(".chip").first.click()
    assert chips(page) == ["Northern Wire"]
    assert page.url == f"{visit.url}/?source=Northern+Wire"
    assert page.evaluate("document.activeElement.className") == "chip"
    page.keyboard.press("Enter")
    assert chips(page) == []
    assert page.url == f"{visit.url}/"
    visit.ask(MANY)
    assert service.questions[0].filters == Filters()


def test_other_names_are_typed_and_suggested(visit: Visit, service: FakeService) -> None:
    service._articles = tuple(make_article(f"a{n}", "# T\nBody.", source=f"Source {n:02}") for n in range(20))
    page = visit.go()
    assert page.locator("[name=source][type=checkbox]").count() == CHOICES
    page.get_by_text("Filters").click()
    visit.until("document.getElementById('source-names').options.length === 20")
    typed = page.get_by_label("Another of the sources")
    typed.fill("Source 19")
    typed.press("Enter")  # takes the name and asks nothing
    assert page.locator(".exchange").count() == 0
    assert chips(page) == ["Source 19"]
    assert typed.input_value() == ""
    page.get_by_label("Source 19").uncheck()
    assert chips(page) == []


def test_escape_closes_the_filters(visit: Visit) -> None:
    page = visit.go()
    page.get_by_text("Filters").click()
    page.get_by_label("from").focus()
    page.keyboard.press("Escape")
    assert not page.locator(".filter-fields").is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_dates_cannot_be_sent_the_wrong_way_round(visit: Visit, service: FakeService) -> None:
    page = visit.go("/", date_from="2021-09-09")
    page.get_by_text("Filters").click()
    until = page.get_by_label("until")
    until.fill("2021-09-01")
    until.press("Tab")
    page.get_by_text("Filters").click()
    page.fill("#q", MANY)
    page.press("#q", "Enter")
    until.wait_for()  # the filters open, so that the browser can say what does not fit
    assert page.evaluate("document.activeElement.type") == "date"
    assert page.locator(".exchange").count() == 0
    assert service.questions == []
    until.fill("2021-09-09")
    visit.ask(MANY)


def test_a_day_outside_the_archive_does_not_lock_the_form(visit: Visit, service: FakeService) -> None:
    visit.go("/", date_to="1990-01-01")
    visit.ask(MANY)
    assert service.questions[0].filters.date_to == "1990-01-01"
