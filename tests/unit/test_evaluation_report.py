"""The report is one page that needs nothing else, lets no text become markup, and is refused before a long run."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from qa_service.errors import QAError
from qa_service.evaluation import Failure, check_writable
from qa_service.evaluation.charts import plots
from qa_service.evaluation.report import html_report, write_report
from tests.unit.evaluation_cases import FACTS, Case, run
from tests.unit.test_evaluation_run import CASES, ODD, RIGHT

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}</style>&amp;'
VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """Checks that tags nest, and keeps them, their attributes and the text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        assert len({name for name, _ in attrs}) == len(attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(html_report(run(CASES), FACTS))


def test_nothing_is_fetched_and_nothing_runs(page: Page) -> None:
    html = html_report(run(CASES), FACTS)
    assert not re.search(r"https?:|//[a-z]|@import|url\(|javascript:", html, re.IGNORECASE)
    assert {name for name, _ in page.tags}.isdisjoint({"script", "img", "link", "iframe", "object", "form"})
    for _, attributes in page.tags:
        assert not {"src", "srcset", "style"} & attributes.keys()
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("href") or "#").startswith("#")
    policy = next(
        m["content"] for m in page.named("meta") if m.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_links_and_labels_lead_somewhere(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {(a["href"] or "")[1:] for a in page.named("a")} <= set(ids)
    for svg in page.named("svg"):
        assert svg["role"] == "img"
        assert set((svg["aria-labelledby"] or "").split()) <= set(ids)


def test_every_plot_has_words_and_a_table(page: Page) -> None:
    drawn = plots(run(CASES))
    assert [plot.name for plot in drawn] == ["recall", "risk", "reliability", "confidence"]
    assert len(page.named("svg")) == len(page.named("figure")) == 4
    for plot in drawn:
        assert plot.rows
        assert {len(row) for row in plot.rows} == {len(plot.head)}
        assert plot.reading in page.text
        assert plot.summary in page.text
        assert len(re.findall(r"[.](?=\s|$)", plot.reading)) == 1, "one sentence"


@pytest.mark.parametrize("name", ODD)
def test_plots_stay_inside_their_frame(name: str) -> None:
    for plot in plots(run(ODD[name])):
        for shape in plot.shapes:
            numbers = [value for value in shape.attributes.values() if isinstance(value, int | float)]
            points = re.findall(r"-?[\d.]+", str(shape.attributes.get("points", "")))
            assert all(-1 <= float(value) <= 400 for value in [*numbers, *points]), shape
    Page(html_report(run(ODD[name]), FACTS))


def test_failures_show_question_answers_quotes_and_sources(page: Page) -> None:
    for words in (
        "Won?",
        "Bob Lee",
        "Carl",
        "A title",
        "paragraph 2 · 2025-03-11 · Courier",
        "confidence 0.80",
    ):
        assert words in page.text
    assert "Held back" in page.text
    assert "check the gold" in page.text
    html = html_report(run(CASES), FACTS)
    assert "<mark>Carl</mark> lost." in html
    kinds = [a["href"] for a in page.named("a") if (a["href"] or "")[1:] in set(Failure)]
    assert kinds == ["#answered_unanswerable", "#wrong_paragraph_first", "#refused", "#not_retrieved"]
    assert "Of its answers 2 are right and 3 wrong." in page.text


def test_an_error_rate_is_translated_into_the_setting() -> None:
    facts = replace(FACTS, thresholds=((0.1, 0.95), (0.3, 0.9), (0.4, 0.8), (1.0, 0.0)))
    assert [facts.setting_for(t) for t in (0.97, 0.9, 0.85, 0.0, None)] == [None, 0.3, 0.3, 1.0, None]
    sure = [replace(RIGHT, question=f"Who {n}?") for n in range(58)]
    page = Page(html_report(run(sure), facts))
    assert "QA_ACCEPTED_ERROR" in page.text
    assert page.text.count("0.90 set 0.30") == 5  # 59 right answers are the fewest that make sure of 5%
    assert "QA_ACCEPTED_ERROR" not in Page(html_report(run(sure), FACTS)).text


def test_hostile_texts_stay_texts() -> None:
    hostile = Case(HOSTILE, (HOSTILE,), ("words not there " + HOSTILE,), history=(HOSTILE,), cited=(f"x {HOSTILE} y",),
                   short=HOSTILE[:9], title=HOSTILE)  # fmt: skip
    beyond = Case("Beyond " + HOSTILE, cited=(HOSTILE,), short=HOSTILE)
    page = Page(html_report(run([hostile, beyond]), FACTS))
    assert {name for name, _ in page.tags}.isdisjoint({"script", "img"})
    assert page.text.count(HOSTILE) >= 8
    assert "49" not in page.text


def test_lone_surrogates_do_not_break_the_file(tmp_path: Path) -> None:
    odd = Case("Beyond?", cited=("Broken \ud800 text",), short="text")
    write_report(tmp_path / "r.html", run([odd]), FACTS)
    assert "Broken &#55296; " in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_an_unwritable_report_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text("{}")
    for path in (tmp_path, tmp_path / "missing" / "r.html", gold / "r.html"):
        with pytest.raises(QAError, match="cannot be written"):
            check_writable(path, gold)
    with pytest.raises(QAError, match="overwrite the gold file"):
        check_writable(tmp_path / "." / "gold.jsonl", gold)
    check_writable(tmp_path / "r.html", gold)
    assert [path.name for path in tmp_path.iterdir()] == ["gold.jsonl"]
    (tmp_path / "old.html").write_text("old")
    check_writable(tmp_path / "old.html", gold)
    assert (tmp_path / "old.html").read_text() == "old"


def test_a_report_that_cannot_be_written_in_the_end_is_said(tmp_path: Path) -> None:
    with pytest.raises(QAError, match="cannot be written"):
        write_report(tmp_path, run(CASES), FACTS)
