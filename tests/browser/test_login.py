"""Getting in and out in a real browser, with and without scripts, and other sites that try to get in along."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browser.visit import Visit
from tests.web.access import CAPTAIN, House
from tests.web.live_server import serving


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.state.close()


@pytest.fixture
def guarded(browser: object, house: House) -> Iterator[Visit]:
    """A page on a server that asks for keys."""
    with serving(house.service, house.settings, house.state) as url:
        visited = Visit(browser, url)
        yield visited
        visited.close()
        visited.check()


def log_in(page: Any, key: str) -> None:
    page.fill("#key", key)
    page.press("#key", "Enter")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_person_gets_in_asks_and_gets_out(guarded: Visit, house: House, scripts: bool) -> None:
    page = guarded.open(java_script_enabled=scripts)
    guarded.go("/", q=CAPTAIN)
    assert page.title().startswith("Log in")
    assert page.evaluate("document.activeElement.id") == "key"
    log_in(page, house.keys["wrong"])
    assert "not valid" in page.locator("[role=alert]").inner_text()
    log_in(page, f" {house.keys['anna']}")
    page.locator(".exchange").first.wait_for()
    assert urlsplit(page.url).path == "/"
    assert "Halden" in page.locator("#thread").inner_text()
    (cookie,) = page.context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("qa_session", True, "Lax")
    guarded.ask(CAPTAIN)
    assert house.keys["anna"] not in page.content()
    guarded.go("/login")
    page.click("text=Log out")
    page.wait_for_url("**/login")
    assert page.context.cookies() == []
    page.go_back()
    assert page.locator(".exchange").count() == 0
    guarded.go("/conversations")
    assert page.title().startswith("Log in")


def test_a_session_that_ends_meanwhile_is_told(guarded: Visit, house: House) -> None:
    page = guarded.go("/login")
    log_in(page, house.keys["anna"])
    page.locator("#q").wait_for()
    house.accounts.revoke(house.keys["anna"])
    exchange = guarded.ask(CAPTAIN)
    assert "log in again" in exchange.inner_text()


def test_a_name_made_to_point_here_gets_nothing(guarded: Visit) -> None:
    port = urlsplit(guarded.url).port
    guarded.foreign_requests.clear()
    response = guarded.page.goto(f"http://rebound.localhost:{port}/api/v1/articles")
    assert response.status == 421
    guarded.foreign_requests.clear()


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_another_site_s_form_writes_nothing(guarded: Visit, house: House, kind: str) -> None:
    page = guarded.go("/login")
    log_in(page, house.keys["anna"])
    page.locator("#q").wait_for()
    page.goto("about:blank")
    page.set_content(
        f"""<form method="post" enctype="{kind}" action="{guarded.url}/api/v1/ask">
        <input name='{{"question": "{CAPTAIN}", "as_of": "' value='"}}'><button>Send</button></form>"""
    )
    with page.expect_response(f"{guarded.url}/api/v1/ask") as caught:
        page.click("button")
    assert caught.value.status == 403
    assert house.service.questions == []


def test_another_site_s_script_reads_nothing(guarded: Visit, house: House) -> None:
    page = guarded.go("/login")
    log_in(page, house.keys["anna"])
    page.locator("#q").wait_for()
    page.goto("about:blank")
    outcome = page.evaluate(
        """url => fetch(url + "/api/v1/conversations", {credentials: "include"}).then(
            response => response.text(), () => "refused")""",
        guarded.url,
    )
    assert outcome == "refused"
