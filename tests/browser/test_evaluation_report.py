"""The evaluation's report fits a phone, keeps to itself and can be read in both colour schemes."""

from pathlib import Path

import pytest

from qa_service.evaluation.report import write_report
from tests.unit.evaluation_cases import FACTS, run
from tests.unit.test_evaluation_run import CASES


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_and_asks_for_nothing(browser: object, tmp_path: Path, width: int, scheme: str) -> None:
    path = tmp_path / "report.html"
    write_report(path, run(CASES), FACTS)
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert (asked, said) == ([path.as_uri()], [])

    svg = page.locator("#plot-risk svg").bounding_box()
    assert svg["width"] >= 250
    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('svg text')].map(one => one.getBoundingClientRect().height))"
    )
    assert smallest >= 10
    assert page.locator("mark").first.inner_text() == "Eve"
    page.locator("#plot-recall summary").click()
    assert page.locator("#plot-recall table").is_visible()
    context.close()
