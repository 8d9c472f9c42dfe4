"""Other versions of an article: in the API wherever an article is named, and on its page."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from qa_service.domain import OtherVersion
from tests.web.fake_service import FakeService

MANY = "How many people are missing from the Vestra ferry?"
COPY = OtherVersion(
    "glacier", "Ferry <runs> aground", None, "Osthavn Gazette", "2021-09-09", "2021-09-09T08:00:00Z", False
)
UPDATE = OtherVersion(
    "2021/library opens #2", "All found", "https://post.example/a", "Osthavn Post", "2021-09-11", None, True
)


@pytest.fixture
def family(service: FakeService) -> FakeService:
    """Give ferry-3 a later version and a copy."""
    service.also_in = {"ferry-3": (UPDATE, COPY)}
    return service


def json_of(version: OtherVersion) -> dict[str, object]:
    return {name: getattr(version, name) for name in version.__dataclass_fields__}


@pytest.mark.usefixtures("family")
def test_every_place_that_names_an_article_lists_its_other_versions(client: FlaskClient) -> None:
    expected = [json_of(UPDATE), json_of(COPY)]
    answer = client.post("/api/v1/ask", json={"question": MANY}).get_json()
    cited = {one["article_id"]: one["also_in"] for one in answer["citations"]}
    assert cited == {"ferry-3": expected, "ferry-2": []}
    found = client.get("/api/v1/search", query_string={"q": MANY}).get_json()["data"]
    assert {one["article_id"]: one["also_in"] for one in found}["ferry-3"] == expected
    listed = client.get("/api/v1/articles").get_json()["data"]
    assert [one["also_in"] for one in listed] == [expected, [], [], []]
    assert client.get("/api/v1/articles/ferry-3").get_json()["also_in"] == expected


def test_the_newest_version_says_so(client: FlaskClient, service: FakeService) -> None:
    service.also_in = {"ferry-3": (COPY,)}
    assert client.get("/api/v1/articles/ferry-3").get_json()["is_newest"] is True
    assert client.get("/api/v1/articles/ferry-2").get_json()["is_newest"] is False
    assert "Newest version" in client.get("/articles/ferry-3").get_data(as_text=True)


@pytest.mark.usefixtures("family")
def test_the_article_page_links_the_other_versions_and_marks_the_newest(client: FlaskClient) -> None:
    html = client.get("/articles/ferry-3").get_data(as_text=True)
    (shown,) = re.findall(r'<aside class="family".*?</aside>', html, re.DOTALL)
    links = re.findall(r'<a href="([^"]*)"><bdi>([^<]*)</bdi></a>', shown)
    assert links == [
        ("/articles/2021%2Flibrary%20opens%20%232", "All found"),
        ("/articles/glacier", "Ferry &lt;runs&gt; aground"),
    ]
    words = " ".join(unescape(re.sub("<[^>]+>", " ", shown)).split())
    assert words == (
        "Also published as All found Osthavn Post · 11 September 2021 · newest version"
        " Ferry <runs> aground Osthavn Gazette · 9 September 2021"
    )
    assert "Newest version" not in html


def test_many_versions_are_folded_away(client: FlaskClient, service: FakeService) -> None:
    service.also_in = {"ferry-3": (COPY,) * 9}
    html = client.get("/articles/ferry-3").get_data(as_text=True)
    assert html.index("Ferry &lt;runs&gt;") < html.index("<summary>5 more</summary>")
    assert html.count("Ferry &lt;runs&gt;") == 9


@pytest.mark.usefixtures("family")
def test_found_paragraphs_name_where_else_they_are(client: FlaskClient) -> None:
    html = client.get("/articles", query_string={"q": "burned the nets"}).get_data(as_text=True)
    assert "also in Osthavn Post, Osthavn Gazette" in html


def test_an_article_of_its_own_has_no_such_line(client: FlaskClient) -> None:
    html = client.get("/articles/ferry-3").get_data(as_text=True)
    assert "Also published" not in html
    assert "ewest version" not in html
