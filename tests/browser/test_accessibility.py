"""axe-core finds nothing in any state of any page, in light and in dark, on wide screens and on phones."""

import pytest

from tests.browser.states import STATES
from tests.browser.visit import Visit

SCRIPT = pytest.importorskip("axe_playwright_python.sync_playwright").Axe().axe_script
PHONE, WIDE = {"width": 360, "height": 740}, {"width": 1600, "height": 900}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ON_PHONES = ("filters", "source", "drawer", "abstained", "conversations", "no-index")  # laid out otherwise


def faults(visit: Visit, **options: object) -> list[str]:
    """Return what axe finds on the page as it is."""
    if not visit.page.evaluate("Boolean(window.axe)"):
        visit.page.evaluate(SCRIPT)
    wanted = {"resultTypes": ["violations"], **options}
    found = visit.page.evaluate("options => axe.run(options)", wanted)["violations"]
    return [f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:200]}" for one in found]


@pytest.mark.parametrize("name", STATES)
def test_axe_finds_nothing(visit: Visit, name: str) -> None:
    visit.open(viewport=WIDE)
    STATES[name](visit)
    check(visit)


@pytest.mark.parametrize("name", ON_PHONES)
def test_axe_finds_nothing_on_phones(visit: Visit, name: str) -> None:
    visit.open(viewport=PHONE)
    STATES[name](visit)
    check(visit)


def check(visit: Visit) -> None:
    assert faults(visit, runOnly={"type": "tag", "values": TAGS}) == []
    visit.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert faults(visit, runOnly={"type": "rule", "values": ["color-contrast"]}) == []


def test_axe_would_find_a_fault(visit: Visit) -> None:
    visit.go()
    visit.page.evaluate(
        "document.querySelector('label[for=q]').remove(); document.getElementById('q').placeholder = ''"
    )
    assert "label (critical)" in faults(visit)[0]
