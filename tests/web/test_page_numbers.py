"""The page of a PDF on which a paragraph begins: in the API and on the pages."""

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from tests.web.fake_archive import ARTICLES
from tests.web.fake_service import FakeService

NETS = "Who burned the nets to keep warm?"


@pytest.fixture
def service() -> FakeService:
    """Serve ferry-3 as if it came from a PDF, two paragraphs a page."""
    paged = tuple(replace(one, page=1 + one.ordinal // 2) for one in ARTICLES[0].paragraphs)
    return FakeService([replace(ARTICLES[0], paragraphs=paged), *ARTICLES[1:]])


def test_citations_found_paragraphs_and_articles_name_the_page(client: FlaskClient) -> None:
    cited = client.post("/api/v1/ask", json={"question": NETS}).get_json()["citations"]
    assert {(one["article_id"], one["paragraph_index"], one["page"]) for one in cited} >= {("ferry-3", 4, 3)}
    found = client.get("/api/v1/search", query_string={"q": "crane nets"}).get_json()["data"]
    assert {(one["article_id"], one["page"]) for one in found} >= {
        ("ferry-3", 3),
        ("2021/library opens #2", None),
    }
    shown = client.get("/api/v1/articles/ferry-3").get_json()["paragraphs"]
    assert [one["page"] for one in shown] == [1, 1, 2, 2, 3, 3, 4, 4]


def test_the_article_page_says_where_each_page_begins(client: FlaskClient) -> None:
    html = client.get("/articles/ferry-3").get_data(as_text=True)
    assert re.findall(r'class="page-mark">([^<]*)<|id="(p\d)"', html) == [
        ("page 1", ""), ("", "p0"), ("page 2", ""), ("", "p1"), ("", "p2"),
        ("page 3", ""), ("", "p3"), ("", "p4"), ("page 4", ""), ("", "p5"), ("", "p6"),
    ]  # fmt: skip
    assert "page-mark" not in client.get("/articles/ferry-2").get_data(as_text=True)


def test_a_cited_and_a_found_paragraph_say_their_page(client: FlaskClient) -> None:
    html = client.get("/", query_string={"q": NETS}).get_data(as_text=True)
    assert '<span class="cited-page" data-slot="page">page 3</span>' in html
    html = client.get("/articles", query_string={"q": "burned the nets"}).get_data(as_text=True)
    assert "<bdi>Northern Wire</bdi> · <bdi>page 3</bdi>" in html
