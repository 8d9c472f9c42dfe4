"""Scripts in titles, texts, questions, names and conversations never run, and nothing is fetched from elsewhere."""

from urllib.parse import quote

import pytest

from qa_service.state.conversations import Conversations, StoredAnswer
from qa_service.state.database import Database
from tests.browser.payloads import PAYLOADS
from tests.browser.visit import Visit
from tests.web.fake_archive import make_article
from tests.web.fake_service import FakeService
from tests.web.live_server import serving

A_PAGE = 25
BATCHES = [PAYLOADS[at : at + A_PAGE] for at in range(0, len(PAYLOADS), A_PAGE)]

# Elements that no template of ours makes, attributes that run, and addresses that leave the site.
_FOREIGN = r"""() => {
  const elements = "iframe, object, embed, base, portal, math, video, audio, image, picture, img, style, b, font";
  const addresses = ["href", "src", "action", "formaction"];
  const leaves = (value) => /^\s*(javascript|data|https:\/\/evil)/i.test(value);
  const runs = (one) => one.name.startsWith("on") || ["srcdoc", "ping"].includes(one.name);
  return [...document.querySelectorAll("*")].filter((one) =>
    one.matches(`${elements}, script:not([nonce])`)
    || [...one.attributes].some((a) => runs(a) || (addresses.includes(a.name) && leaves(a.value)))
  ).map((one) => one.outerHTML.slice(0, 200));
}"""


def flat(text: str) -> str:
    """Return `text` as a paragraph that `make_article` takes for an ordinary one."""
    return "Ferry: " + " ".join(text.split())


def hostile_archive() -> FakeService:
    """Give every payload a paragraph, and a part of a title, a source, an author, an address and an id."""
    kinds = ("", "", "@ ", "> ", "| ", "! ")
    articles = []
    for number, payloads in enumerate(BATCHES):
        lines = [f"{kinds[place % len(kinds)]}{flat(payload)}" for place, payload in enumerate(payloads)]
        together = " ".join(payloads)
        articles.append(
            make_article(
                f"{number} {payloads[number % A_PAGE]}",
                f"# {flat(together)}\ncaptain Halden number{number}: {together.split()[0]}\n"
                + "\n".join(lines),
                source=together,
                authors=payloads,
                url=payloads[0],
                published_at=payloads[1],
                updated_at=payloads[2],
            )
        )
    return FakeService(articles)


class Watch:
    """A visit that counts executions."""

    def __init__(self, visit: Visit) -> None:
        self.visit, self.page = visit, visit.page
        self.page.add_init_script("window.hits = 0; window.hit = () => { window.hits += 1; };")
        self.page.on("dialog", lambda dialog: visit.script_errors.append(dialog.message))

    def check(self) -> None:
        """Fail when a payload became more than text."""
        assert self.page.url.startswith(self.visit.url)
        assert self.page.evaluate("window.hits") == 0
        assert self.page.evaluate(_FOREIGN) == []


@pytest.fixture
def service() -> FakeService:
    return hostile_archive()


@pytest.fixture
def watch(visit: Visit) -> Watch:
    return Watch(visit)


def test_there_are_five_hundred_different_ones() -> None:
    assert len(set(PAYLOADS)) == 500


def test_lists_of_articles(watch: Watch) -> None:
    watch.visit.go("/articles")
    assert watch.page.locator(".article-names").count() == len(BATCHES)
    watch.check()
    watch.visit.go("/articles", q="ferry captain")
    watch.check()


def test_articles(watch: Watch) -> None:
    for number, payloads in enumerate(BATCHES):
        name = quote(f"{number} {payloads[number % A_PAGE]}", safe="")
        watch.visit.go(f"/articles/{name}#p1")
        assert watch.page.locator(".paragraph").count() >= A_PAGE
        watch.page.mouse.move(300, 300)
        watch.page.keyboard.press("Tab")
        watch.check()


def test_questions_answers_and_their_sources(watch: Watch) -> None:
    for number, payloads in enumerate(BATCHES):
        if number % 4 == 0:
            watch.visit.go()
        asked = " ".join([f"captain Halden number{number}", *payloads])[:4000]
        exchange = watch.visit.ask(asked)
        assert exchange.get_attribute("data-state") == "answered"
        assert " ".join(exchange.locator(".question").inner_text().split()) == " ".join(asked.split())
        exchange.locator(".ref").last.click()
        watch.page.locator("#panel:has(.is-cited):not(:has(.is-cited:only-child))").wait_for()
        watch.check()
    watch.page.reload()
    watch.page.locator(".votes").first.wait_for()
    watch.check()


def test_every_payload_as_an_address(watch: Watch) -> None:
    """Twenty addresses with twenty-five payloads each, as question, earlier question, filters and conversation."""
    for payloads in BATCHES:
        pairs = [("q", " ".join(payloads[:6])), ("h", payloads[6])]
        names = [("source", text) for text in payloads[7:16]] + [("author", text) for text in payloads[16:24]]
        fields = [*pairs, *names, ("c", payloads[24])]
        watch.page.goto(watch.visit.url + "/?" + "&".join(f"{name}={quote(text)}" for name, text in fields))
        watch.check()


def test_titles_of_conversations(browser: object, state: Database) -> None:
    kept = Conversations(state)
    for number, payloads in enumerate(BATCHES):
        together = " ".join(payloads)
        kept.keep("local", f"conv_{number}", StoredAnswer(f"a{number}", together, None, 1, "{}"))
        kept.rename("local", f"conv_{number}", together)
    with serving(FakeService(), state=state) as url:
        visit = Visit(browser, url)
        watch = Watch(visit)
        visit.go("/conversations")
        assert watch.page.locator(".article-names").count() == len(BATCHES)
        watch.page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true; })")
        watch.check()
        visit.go()
        visit.ask("Who is the captain of the Halden?")
        watch.page.locator("#past-list [aria-current]").wait_for(state="attached")
        watch.check()
        visit.close()
        visit.check()


def test_what_is_looked_for_would_be_found(visit: Visit) -> None:
    page = visit.go()
    for tag, name, value in (("a", "ping", "/"), ("a", "href", "javascript:1"), ("img", "alt", "")):
        page.evaluate(
            "([tag, name, value]) => {"
            " const one = document.createElement(tag); one.setAttribute(name, value); document.body.append(one); }",
            [tag, name, value],
        )
    assert len(page.evaluate(_FOREIGN)) == 3


def test_the_policy_stops_a_script_that_got_in(visit: Visit) -> None:
    page = visit.go()
    page.evaluate("""() => {
        window.hits = 0;
        const script = document.createElement("script");
        script.append("window.hits += 1");
        try { document.body.append(script); } catch { /* Trusted Types throws */ }
        try { document.body.innerHTML = "<img src=x onerror='window.hits += 1'>"; } catch { /* the same */ }
    }""")
    assert page.evaluate("window.hits") == 0
    assert visit.policy_violations
    visit.policy_violations.clear()


@pytest.mark.parametrize("turning", ["\u202e", "\u2067\u2067\u2067", "\u2069\u202e", "\u2069\u202c\u202b"])
def test_texts_that_turn_the_direction_of_writing_turn_nothing_beside_them(
    visit: Visit, service: FakeService, turning: str
) -> None:
    service._articles = (
        make_article(
            "turned",
            f"# Ferry{turning} aground\nThe captain{turning} of the ferry Halden is Aslak Moe.",
            source=f"{turning}Wire",
            published_at="2021-09-09",
        ),
    )
    question = f"Who is the captain{turning} of the ferry Halden?"
    visit.go()
    visit.ask(question)
    by_script = visit.page.locator(".answer").inner_text()
    assert visit.page.locator(".source-byline").first.evaluate(
        "line => [...line.children].filter(one => one.textContent)"
        ".map(one => one.getBoundingClientRect().left).every((left, at, all) => !at || left > all[at - 1])"
    )
    assert visit.page.locator(".sentence").first.evaluate(
        "one => one.querySelector('.ref').getBoundingClientRect().left"
        " > one.querySelector('bdi').getBoundingClientRect().left"
    )
    visit.go("/", q=question)
    assert visit.page.locator(".answer").inner_text() == by_script
