"""Brings a page into each state that people can see; the pictures and the accessibility tests share them."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from qa_service.domain import OtherVersion
from tests.browser.visit import Visit
from tests.web.fake_archive import ARTICLES

MANY = "How many people are missing from the Vestra ferry?"
CAPTAIN = "Who is the captain of the Halden?"
OFF_TOPIC = "Which island has the highest mountain?"
LONG = "Among all those who were counted as missing on the day after the ferry Halden struck the reef " * 4


def asked(visit: Visit, *questions: str) -> None:
    """Ask on the chat page."""
    visit.go()
    for question in questions:
        visit.ask(question)


def waiting(visit: Visit) -> None:
    """Ask a service that takes its time."""
    visit.service.gate = threading.Event()
    visit.go()
    visit.page.fill("#q", MANY)
    visit.page.press("#q", "Enter")
    visit.page.locator(".skeleton").wait_for()


def with_source(visit: Visit) -> None:
    """Open the second source."""
    asked(visit, MANY)
    visit.page.locator(".ref").nth(1).click()
    visit.page.locator("#panel .is-cited + p").wait_for()


def with_opinion(visit: Visit) -> None:
    """Call an answer right."""
    asked(visit, MANY)
    visit.page.get_by_role("button", name="Right").click()
    visit.page.locator(".opinion").wait_for()


def understood(visit: Visit) -> None:
    """Change what a follow-up was understood as."""
    asked(visit, MANY, CAPTAIN)
    visit.page.locator("#e2 .understood summary").click()


def choosing(visit: Visit) -> None:
    """Ask what could mean two things."""
    visit.service.alternatives = ("How old is Ingrid Solheim?", "How old is Liv Brandt?")
    asked(visit, MANY, "How old is she?")


def failing(visit: Visit) -> None:
    """Ask a service that fails."""
    visit.service.failure = OSError("x")
    asked(visit, MANY)


def filtering(visit: Visit) -> None:
    """Open the filters, some of them applied."""
    visit.go("/", source="Northern Wire", date_from="2021-09-01")
    visit.page.get_by_text("Filters").click()


def offline(visit: Visit) -> None:
    """Lose the connection."""
    visit.go()
    visit.page.context.set_offline(True)
    visit.page.locator("#offline").wait_for()


def drawer(visit: Visit) -> None:
    """Show the latest conversations."""
    asked(visit, MANY)
    if visit.page.locator(".past-button").is_visible():
        visit.page.locator(".past-button").click()
    visit.page.locator("#past-list a").first.wait_for()


def listed(visit: Visit) -> None:
    """List the conversations, about to delete the first one."""
    asked(visit, MANY)
    visit.go("/conversations")
    visit.page.locator(".article-list > li").first.get_by_text("Delete", exact=True).click()


def opened(visit: Visit) -> None:
    """Open a stored conversation."""
    asked(visit, MANY)
    visit.go("/conversations")
    visit.page.locator(".article-names > a").first.click()
    visit.page.locator(".thread-title").wait_for()


def without_index(visit: Visit) -> None:
    """Come before anything is indexed."""
    visit.service.missing = True
    visit.go()


def family(visit: Visit) -> None:
    """Open an article that has other versions."""
    older = OtherVersion(
        "ferry-2",
        "Eleven missing after ferry strikes reef",
        None,
        "Osthavn Gazette",
        "2021-09-08",
        None,
        False,
    )
    copy = OtherVersion(
        "glacier",
        "Vestra ferry: number of missing falls to four, coast guard says",
        None,
        "The Vestra and Osthavn Post",
        "2021-09-09",
        None,
        False,
    )
    visit.service.also_in = {"ferry-3": (copy, older)}
    visit.go("/articles/ferry-3")


def older_version(visit: Visit) -> None:
    """Open an article of which there are many versions, a newer one among them."""
    newest = OtherVersion(
        "ferry-3",
        "Number of missing from Vestra ferry falls to four",
        None,
        "Northern Wire",
        "2021-09-09",
        None,
        True,
    )
    copies = [
        replace(newest, source=f"Paper {n}", published_at="2021-09-08", is_newest=False) for n in range(6)
    ]
    visit.service.also_in = {"ferry-2": (newest, *copies)}
    visit.go("/articles/ferry-2")


def with_versions(visit: Visit) -> None:
    """Open a source that was published elsewhere, too."""
    copy = OtherVersion(
        "glacier", "Vestra ferry: four missing", None, "Osthavn Gazette", "2021-09-09", None, False
    )
    visit.service.also_in = {"ferry-3": (copy, replace(copy, source="Vestra Post"))}
    asked(visit, MANY)
    visit.page.locator(".ref").first.click()
    visit.page.locator("#panel .panel-versions a").first.wait_for()


def paged(visit: Visit) -> None:
    """Open a source that came from a PDF."""
    (first, *others) = ARTICLES
    pages = tuple(replace(one, page=11 + one.ordinal // 3) for one in first.paragraphs)
    visit.service._articles = (replace(first, paragraphs=pages), *others)
    asked(visit, MANY)
    visit.page.locator(".ref").first.click()
    visit.page.locator("#panel .is-cited + p").wait_for()


def paged_article(visit: Visit) -> None:
    """Open an article that came from a PDF."""
    paged(visit)
    visit.go("/articles/ferry-3#p4")


State = Callable[[Visit], Any]
STATES: dict[str, State] = {
    "empty": lambda visit: visit.go(),
    "filters": filtering,
    "waiting": waiting,
    "answered": lambda visit: asked(visit, MANY),
    "source": with_source,
    "opinion": with_opinion,
    "understood": understood,
    "choice": choosing,
    "abstained": lambda visit: asked(visit, OFF_TOPIC),
    "long": lambda visit: asked(visit, LONG),
    "failed": failing,
    "offline": offline,
    "drawer": drawer,
    "conversations": listed,
    "no-conversation": lambda visit: visit.go("/conversations"),
    "conversation": opened,
    "by-address": lambda visit: visit.go("/", q=MANY),
    "articles": lambda visit: visit.go("/articles", source="Northern Wire"),
    "search": lambda visit: visit.go("/articles", q="captain Halden"),
    "nothing-found": lambda visit: visit.go("/articles", q="zebra"),
    "article": lambda visit: visit.go("/articles/ferry-3#p1"),
    "family": family,
    "older-version": older_version,
    "source-family": with_versions,
    "source-page": paged,
    "article-page": paged_article,
    "table": lambda visit: visit.go("/articles/2021%2Flibrary%20opens%20%232"),
    "error": lambda visit: visit.go("/nowhere"),
    "no-index": without_index,
}
