"""Without scripts, on a phone, by keyboard, in the dark, on paper; and hostile archives."""

import re

import pytest

from tests.browser.visit import Visit
from tests.web.fake_archive import ARTICLES, make_article
from tests.web.fake_service import FakeService
from tests.web.live_server import serving

MANY = "How many people are missing from the Vestra ferry?"
CAPTAIN = "Who is the captain of the Halden?"
OFF_TOPIC = "Which island has the highest mountain?"


def test_the_plain_form_works_without_scripts(visit: Visit, service: FakeService) -> None:
    page = visit.open(java_script_enabled=False)
    visit.go()
    page.fill("#q", MANY)
    page.press("#q", "Enter")
    page.locator(".answer mark").wait_for()
    page.fill("#q", CAPTAIN)
    page.click("#ask button")
    page.locator(".exchange").nth(1).wait_for()
    assert "Aslak Moe" in page.locator(".exchange").nth(1).inner_text()
    assert [question.text for question in service.questions] == [MANY, MANY, CAPTAIN]
    body = page.locator("#e2-s1")
    assert not body.is_visible()
    page.locator(".exchange").nth(1).locator(".ref").first.click()
    assert body.is_visible()
    page.locator("#e2-s1 .source-link").click()
    assert page.locator(".paragraph:target").is_visible()


WIDE = make_article(
    "w" * 300,
    f"# {'W' * 300}\n{'ferry' * 60} captain Halden {'x' * 500}\n| {'a  b ' * 100}",
    source="S" * 200,
)


@pytest.mark.parametrize("width", [320, 360, 768])
def test_nothing_is_wider_than_the_screen(browser: object, width: int) -> None:
    with serving(FakeService([*ARTICLES, WIDE])) as url:
        visit = Visit(browser, url)
        page = visit.open(viewport={"width": width, "height": 640}, has_touch=True)
        addresses = [
            "/",
            f"/?q={MANY}",
            f"/?q={OFF_TOPIC}",
            "/?q=captain+Halden+" + "y" * 400,
            "/?q=",
            "/nowhere",
            "/articles",
        ]
        for address in [*addresses, "/articles/ferry-3", f"/articles/{WIDE.article_id}"]:
            visit.go(address)
            page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true; })")
            overflow = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert overflow <= 0, address
        visit.close()


def lightness(page, selector: str, what: str) -> float:
    colour = page.locator(selector).first.evaluate(f"one => getComputedStyle(one).{what}")
    numbers = [float(number) for number in re.findall(r"[\d.]+", colour)]
    return sum(numbers[:3]) / 3


@pytest.mark.parametrize("address", ["/", f"/?q={MANY}", "/articles/ferry-3"])
def test_dark_is_dark_and_light_is_light(visit: Visit, address: str) -> None:
    for scheme, is_dark in (("dark", True), ("light", False)):
        page = visit.open(color_scheme=scheme)
        visit.go(address)
        paper, ink = lightness(page, "html", "backgroundColor"), lightness(page, "html", "color")
        assert (paper < 60 and ink > 200) if is_dark else (paper > 230 and ink < 60)


def test_everything_goes_by_keyboard(visit: Visit) -> None:
    page = visit.go()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    page.keyboard.type(MANY)
    assert page.input_value("#q") == MANY
    page.keyboard.type("/")
    assert page.input_value("#q").endswith("/")
    page.keyboard.press("Enter")
    page.locator(".answer").wait_for()
    page.locator(".question").evaluate("one => { one.tabIndex = -1; one.focus(); }")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "ref"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    assert page.locator("#e1-s1").is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "source-link"


def test_the_skip_link_shows_when_it_is_reached(visit: Visit) -> None:
    page = visit.go("/articles")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0


def test_paper_shows_the_sources_and_no_form(visit: Visit) -> None:
    page = visit.go(q=MANY)
    page.emulate_media(media="print")
    assert not page.locator(".composer").is_visible()
    assert page.locator(".source blockquote").first.evaluate("one => one.getBoundingClientRect().height") > 10


PAYLOADS = [
    "<script>hit()</script>",
    "<img src=x onerror=hit()>",
    '"><svg onload=hit()>',
    "'><iframe srcdoc='<script>parent.hit()</script>'>",
    "</template></title></textarea><script>hit()</script>",
    "javascript:hit()",
    "{{constructor.constructor('hit()')()}}",
    "<a href=javascript:hit()>x</a>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<img src=https://evil.example/x.png>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "\u202ethgir ot tfel\u2066<b onmouseover=hit()>",
]


def test_hostile_archives_and_questions_never_run(browser: object) -> None:
    hostile = [
        make_article(
            f"{number}{payload}",
            f"# {payload} title{number}\n{payload} ferry captain Halden {number}\n@ {payload} caption{number}",
            source=payload,
            authors=(payload,),
            url=payload,
            published_at=payload,
        )
        for number, payload in enumerate(PAYLOADS)
    ]
    with serving(FakeService(hostile)) as url:
        visit = Visit(browser, url)
        page = visit.page
        page.add_init_script("window.hits = 0; window.hit = () => { window.hits += 1; };")
        page.on("dialog", lambda dialog: visit.script_errors.append(dialog.message))

        def check() -> None:
            assert page.url.startswith(visit.url)
            assert page.evaluate("window.hits") == 0
            assert (
                page.locator("main img, main svg, main iframe, main script, main base, main link").count()
                == 0
            )

        for number, payload in enumerate(PAYLOADS):
            visit.go()
            asked = f"{payload} ferry captain Halden {number}"
            exchange = visit.ask(asked)
            assert exchange.get_attribute("data-state") == "answered"
            assert " ".join(exchange.locator(".question").inner_text().split()) == " ".join(asked.split())
            check()
            page.reload()
            check()
            page.locator(".ref").first.click()
            page.locator(".source-link").first.click()
            page.wait_for_url("**/articles/**")
            check()
        visit.go("/articles")
        check()
        visit.close()
        assert visit.foreign_requests == []
        assert visit.policy_violations == []
        assert visit.script_errors == []


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


def test_the_first_load_is_small_over_the_wire(visit: Visit) -> None:
    sizes: list[int] = []
    page = visit.open()
    page.on("response", lambda response: sizes.append(len(response.body())))
    visit.go()
    page.wait_for_load_state("networkidle")
    assert len(sizes) >= 8
    assert sum(sizes) <= 60_000
