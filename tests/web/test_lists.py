"""GET /api/v1/search and /api/v1/articles: pages, cursors, tags."""

import base64

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from qa_service.errors import StaleCursor
from tests.web.fake_archive import ARTICLES
from tests.web.fake_service import FakeService
from tests.web.problem_checks import assert_problem
from web import cursors, responses
from web.cursors import Position

SEARCH = "/api/v1/search"
LIST = "/api/v1/articles"


def test_search_ranks_paragraphs(client: FlaskClient) -> None:
    body = client.get(SEARCH, query_string={"q": "captain of the ferry Halden"}).get_json()
    first = body["data"][0]
    assert first["rank"] == 1
    assert first["article_id"] == "ferry-2"
    assert first["paragraph_index"] == 2
    assert first["paragraph_text"].startswith("The captain")
    article = next(article for article in ARTICLES if article.article_id == "ferry-2")
    assert article.text[first["start_char"] : first["end_char"]] == first["paragraph_text"]
    assert {"score", "title", "url", "source", "authors", "published_at", "kind"} <= set(first)
    assert [hit["rank"] for hit in body["data"]] == list(range(1, len(body["data"]) + 1))


def test_search_pages_show_each_paragraph_once(client: FlaskClient) -> None:
    whole = client.get(SEARCH, query_string={"q": "ferry Vestra", "limit": 100}).get_json()
    assert not whole["has_more"]
    assert whole["next_cursor"] is None
    pages, cursor = [], None
    while True:
        query = {"q": "ferry Vestra", "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = client.get(SEARCH, query_string=query).get_json()
        pages += page["data"]
        cursor = page["next_cursor"]
        if not page["has_more"]:
            break
    assert len(pages) > 4
    assert pages == whole["data"]
    assert cursor is None


def test_search_filters_by_source(client: FlaskClient) -> None:
    body = client.get(f"{SEARCH}?q=Osthavn+Vestra&source=Osthavn+Gazette&source=none").get_json()
    assert {hit["source"] for hit in body["data"]} == {"Osthavn Gazette"}


BAD_QUERIES = {
    "no question": ("", "#/q"),
    "empty": ("q=", "#/q"),
    "blank": ("q=+%09", "#/q"),
    "NUL": ("q=a%00", "#/q"),
    "too long": ("q=" + "x" * 4001, "#/q"),
    "limit 0": ("q=a&limit=0", "#/limit"),
    "limit 101": ("q=a&limit=101", "#/limit"),
    "limit word": ("q=a&limit=ten", "#/limit"),
    "limit fraction": ("q=a&limit=1.5", "#/limit"),
    "limit with sign": ("q=a&limit=%2B5", "#/limit"),
    "limit endless": ("q=a&limit=" + "9" * 5000, "#/limit"),
    "limit twice": ("q=a&limit=1&limit=2", "#/limit"),
    "unknown": ("q=a&page=2", "#/page"),
    "no day": ("q=a&date_from=yesterday", "#/date_from"),
    "empty source": ("q=a&source=", "#/source/0"),
}


@pytest.mark.parametrize(("query", "pointer"), BAD_QUERIES.values(), ids=BAD_QUERIES.keys())
def test_parameters_that_do_not_fit_are_named(client: FlaskClient, query: str, pointer: str) -> None:
    problem = assert_problem(client.get(f"{SEARCH}?{query}"), 422)
    assert problem["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    "query", ["q=%ff", "q=%ED%A0%80", "q=a&%ff=b", "q=a&source=%C3"], ids=["byte", "surrogate", "name", "cut"]
)
def test_a_query_that_is_no_utf_8_is_refused(client: FlaskClient, query: str) -> None:
    assert_problem(client.get(f"{SEARCH}?{query}"), 400, "malformed_request")


def test_a_number_out_of_range_is_told_from_what_is_no_number(client: FlaskClient) -> None:
    for limit, words in (
        ("-1", "is -1; the least is 1"),
        ("1000000000", "the most is 100"),
        ("ten", "whole"),
    ):
        assert words in assert_problem(client.get(f"{SEARCH}?q=a&limit={limit}"), 422)["detail"]


def test_articles_are_listed_and_paged(client: FlaskClient) -> None:
    first = client.get(LIST, query_string={"limit": 3}).get_json()
    rest = client.get(LIST, query_string={"limit": 3, "cursor": first["next_cursor"]}).get_json()
    listed = first["data"] + rest["data"]
    assert [item["article_id"] for item in listed] == [article.article_id for article in ARTICLES]
    assert (first["has_more"], rest["has_more"], rest["next_cursor"]) == (True, False, None)
    assert listed[0]["paragraph_count"] == 7
    assert listed[1]["published_at_inferred"] is True
    assert_problem(client.get(f"{LIST}?limit=201"), 422)


def test_an_article_is_shown_whole(client: FlaskClient) -> None:
    body = client.get(f"{LIST}/ferry-3").get_json()
    assert body["text"] == ARTICLES[0].text
    assert body["updated_at"] == "2021-09-10T07:15:00Z"
    assert body["paragraphs"][0] == {
        "paragraph_index": None,
        "page": None,
        "kind": "headline",
        "text": body["title"],
        "start_char": 0,
        "end_char": len(body["title"]),
    }
    for paragraph in body["paragraphs"]:
        assert body["text"][paragraph["start_char"] : paragraph["end_char"]] == paragraph["text"]
    assert [p["paragraph_index"] for p in body["paragraphs"][1:]] == list(range(7))


def test_odd_ids_are_found_percent_encoded(client: FlaskClient) -> None:
    assert client.get(f"{LIST}/2021%2Flibrary%20opens%20%232").get_json()["title"].startswith("Osthavn")


@pytest.mark.parametrize(
    "path",
    ["nothing", "a%2Fb", "%2F%2Fetc%2Fpasswd", "%00", "%ff%fe", "%ed%a0%80", "%25", "%0a", "a//b", "🛟"],
)
def test_unknown_ids_are_404(client: FlaskClient, path: str) -> None:
    assert_problem(client.get(f"{LIST}/{path}"), 404, "article_not_found")


BROKEN_CURSORS = [
    "",
    "x",
    "====",
    "AAAA",
    "%00",
    "é",
    "a" * 501,
    base64.urlsafe_b64encode(b"x" * 30).decode(),
]


@pytest.mark.parametrize("cursor", BROKEN_CURSORS)
def test_broken_cursors_are_refused(client: FlaskClient, cursor: str) -> None:
    response = client.get(LIST, query_string={"cursor": cursor})
    assert response.status_code in (400, 422)
    assert_problem(response, response.status_code)
    assert client.get("/articles", query_string={"cursor": cursor or "x"}).status_code == 400


def test_a_cursor_of_another_query_is_refused(client: FlaskClient) -> None:
    cursor = client.get(f"{SEARCH}?q=ferry+Vestra&limit=1").get_json()["next_cursor"]
    assert client.get(f"{SEARCH}?q=ferry+Vestra&limit=5&cursor={cursor}").status_code == 200
    assert_problem(client.get(f"{SEARCH}?q=ferry&cursor={cursor}"), 400, "stale_cursor")
    assert_problem(client.get(f"{LIST}?cursor={cursor}"), 400, "stale_cursor")


def test_a_cursor_of_a_generation_that_is_gone_is_410(client: FlaskClient, service: FakeService) -> None:
    cursor = client.get(f"{LIST}?limit=1").get_json()["next_cursor"]
    service.generation = "20210911T080000Z-2"
    assert_problem(client.get(f"{LIST}?limit=1&cursor={cursor}"), 410, "stale_cursor")
    assert client.get(f"/articles?cursor={cursor}").status_code == 410


@given(
    st.text(max_size=40).filter(lambda text: "\n" not in text),
    st.integers(0, 10**9 - 1),
    st.text(max_size=40),
)
def test_cursors_survive_the_round_trip(generation: str, offset: int, asked: str) -> None:
    position = Position(generation, offset)
    cursor = cursors.encode(position, asked)
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert cursors.decode(cursor, asked) == position


@given(st.text(max_size=60))
def test_no_text_breaks_the_decoder(text: str) -> None:
    with pytest.raises(StaleCursor):
        cursors.decode(text, "articles")


@pytest.mark.parametrize("path", [LIST, f"{SEARCH}?q=ferry", f"{LIST}/ferry-3"])
def test_tags_hold_as_long_as_the_generation(client: FlaskClient, service: FakeService, path: str) -> None:
    tag = client.get(path).headers["ETag"]
    unchanged = client.get(path, headers={"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert client.get(path, headers={"If-Match": '"another"'}).status_code == 200
    service.generation = "20210911T080000Z-2"
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_tags_do_not_outlive_the_process(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    tag = client.get(LIST).headers["ETag"]
    monkeypatch.setattr(responses, "_PROCESS", b"another")
    assert client.get(LIST, headers={"If-None-Match": tag}).status_code == 200


def test_an_article_read_while_generations_change_carries_no_tag(
    client: FlaskClient, service: FakeService
) -> None:
    find = service.article

    def publish_meanwhile(article_id: str):
        service.generation += "x"
        return find(article_id)

    service.article = publish_meanwhile
    response = client.get(f"{LIST}/ferry-3")
    assert response.status_code == 200
    assert "ETag" not in response.headers


def test_articles_can_be_narrowed_down(client: FlaskClient) -> None:
    listed = client.get("/api/v1/articles?source=Northern+Wire&date_to=2021-09-08").json["data"]
    assert [item["article_id"] for item in listed] == ["ferry-2"]
    (by_author,) = client.get("/api/v1/articles?author=Petra+Lind").json["data"]
    assert by_author["source"] == "Osthavn Gazette"


def test_a_cursor_of_other_filters_is_refused(client: FlaskClient) -> None:
    cursor = client.get("/api/v1/articles?limit=1").json["next_cursor"]
    assert client.get("/api/v1/articles", query_string={"cursor": cursor}).status_code == 200
    wrong = client.get("/api/v1/articles", query_string={"cursor": cursor, "source": "Northern Wire"})
    assert_problem(wrong, 400, "stale_cursor")


def test_facets_say_what_filters_can_name(client: FlaskClient) -> None:
    response = client.get("/api/v1/facets?limit=1")
    assert response.json == {
        "object": "facets",
        "sources": [{"name": "Northern Wire", "articles": 2}],
        "authors": [{"name": "Jonas Ekeland", "articles": 1}],
        "first_date": "2021-08-30",
        "last_date": "2021-09-09",
    }
    again = client.get("/api/v1/facets?limit=1", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
    assert_problem(client.get("/api/v1/facets?limit=0"), 422, "invalid_request")
