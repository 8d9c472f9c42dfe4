"""POST /api/v1/ask: what goes in, what comes out."""

import pytest
from flask.testing import FlaskClient

from qa_service.domain import Filters, ParagraphKind, Turn
from qa_service.errors import (
    GenerationDamaged,
    IndexMissing,
    InvalidFilter,
    InvalidQuestion,
    InvalidSetting,
    ModelMissing,
    SourceError,
)
from tests.web.fake_archive import ARTICLES
from tests.web.fake_service import FakeService
from tests.web.problem_checks import assert_problem

ASK = "/api/v1/ask"
CAPTAIN = "Who is the captain of the ferry Halden?"
FIELDS = [
    "id",
    "object",
    "created_at",
    "conversation_id",
    "status",
    "answer",
    "short_answer",
    "abstention",
    "confidence",
    "offset_unit",
    "sentences",
    "citations",
    "query",
    "filters_applied",
    "index",
    "engine",
    "warnings",
    "timings_ms",
]
CITATION_FIELDS = [
    "id",
    "number",
    "article_id",
    "title",
    "url",
    "source",
    "authors",
    "published_at",
    "kind",
    "paragraph_index",
    "page",
    "paragraph_text",
    "quote",
    "start_char",
    "end_char",
    "score",
]


def test_an_answer_has_the_contract_s_fields(client: FlaskClient) -> None:
    body = client.post(ASK, json={"question": CAPTAIN}).get_json()
    assert list(body) == FIELDS
    assert body["object"] == "answer"
    assert body["status"] == "answered"
    assert body["abstention"] is None
    assert body["offset_unit"] == "code_point"
    assert body["short_answer"]["text"] == "Aslak Moe"
    assert set(body["confidence"]) == {"score", "threshold", "calibrated"}
    assert body["query"] == {"original": CAPTAIN, "standalone": CAPTAIN, "alternatives": []}
    assert body["engine"] == {"mode": "extractive", "reader": "fake"}
    assert {"generation", "built_at", "articles", "passages", "embedding_model"} <= set(body["index"])
    assert set(CITATION_FIELDS) <= set(body["citations"][0])


def test_offsets_point_at_the_quotes(client: FlaskClient) -> None:
    texts = {article.article_id: article.text for article in ARTICLES}
    body = client.post(
        ASK, json={"question": "How many people are missing from the Vestra ferry?"}
    ).get_json()
    assert len(body["citations"]) > 1
    for citation in body["citations"]:
        assert (
            texts[citation["article_id"]][citation["start_char"] : citation["end_char"]] == citation["quote"]
        )
        assert citation["quote"] in citation["paragraph_text"]
    for sentence in body["sentences"]:
        assert body["answer"][sentence["start"] : sentence["end"]] == sentence["text"]
    short = body["short_answer"]
    cited = next(citation for citation in body["citations"] if citation["id"] == short["citation_id"])
    assert texts[cited["article_id"]][short["start_char"] : short["end_char"]] == short["text"]


def test_an_abstention_is_no_error(client: FlaskClient) -> None:
    response = client.post(ASK, json={"question": "Which island has the highest mountain?"})
    body = response.get_json()
    assert response.status_code == 200
    assert list(body) == FIELDS
    assert body["status"] == "abstained"
    assert body["answer"] is None
    assert body["citations"] == body["sentences"] == []
    assert body["abstention"]["reason"] == "below_threshold"
    assert set(CITATION_FIELDS) <= set(body["abstention"]["nearest"][0])
    assert body["confidence"]["score"] < body["confidence"]["threshold"]


def test_everything_asked_reaches_the_service(client: FlaskClient, service: FakeService) -> None:
    body = {
        "question": CAPTAIN,
        "conversation_id": "conv_7",
        "history": [{"role": "user", "content": "ferry"}, {"role": "assistant", "content": ""}],
        "filters": {
            "date_from": "2021-01-01",
            "date_to": "2021-12-31",
            "sources": ["Northern Wire"],
            "authors": ["Jonas Ekeland"],
            "article_ids": ["a/b #1"],
            "kinds": ["body", "caption"],
        },
        "as_of": "2021-09-08",
        "top_k": 50,
    }
    reply = client.post(ASK, json=body).get_json()
    asked = service.questions[0]
    assert asked.history == (Turn("user", "ferry"), Turn("assistant", ""))
    assert asked.filters == Filters(
        "2021-01-01",
        "2021-12-31",
        ("Northern Wire",),
        ("Jonas Ekeland",),
        ("a/b #1",),
        (ParagraphKind.BODY, ParagraphKind.CAPTION),
    )
    assert (asked.as_of, asked.top_k, asked.conversation_id) == ("2021-09-08", 50, "conv_7")
    assert reply["filters_applied"] == {**body["filters"], "as_of": "2021-09-08"}
    assert reply["conversation_id"] == "conv_7"


def test_question_at_the_limit_in_code_points_is_taken(client: FlaskClient) -> None:
    assert client.post(ASK, json={"question": "🛟" * 4000}).status_code == 200


BAD_FIELDS = {
    "missing": ({}, "#/question"),
    "empty": ({"question": ""}, "#/question"),
    "blank": ({"question": " \n\t\u2003"}, "#/question"),
    "too long": ({"question": "x" * 4001}, "#/question"),
    "too long in code points": ({"question": "🛟" * 4001}, "#/question"),
    "number": ({"question": 7}, "#/question"),
    "null": ({"question": None}, "#/question"),
    "list": ({"question": ["a"]}, "#/question"),
    "NUL": ({"question": "a\0b"}, "#/question"),
    "lone surrogate": ({"question": "a\ud800b"}, "#/question"),
    "unknown field": ({"question": "a", "temperature": 1}, "#/temperature"),
    "unknown field with odd name": ({"question": "a", "a/~\0{}%s": 1}, "#/a~1~0\0{}%s"),
    "surrogate in key": ({"question": "a", "\udfff": 1}, "#/\N{REPLACEMENT CHARACTER}"),
    "surrogate deep down": ({"question": "a", "filters": {"sources": ["\ud8ff"]}}, "#/filters/sources/0"),
    "top_k 0": ({"question": "a", "top_k": 0}, "#/top_k"),
    "top_k 51": ({"question": "a", "top_k": 51}, "#/top_k"),
    "top_k true": ({"question": "a", "top_k": True}, "#/top_k"),
    "top_k string": ({"question": "a", "top_k": "5"}, "#/top_k"),
    "top_k huge": ({"question": "a", "top_k": 10**400}, "#/top_k"),
    "stream string": ({"question": "a", "stream": "yes"}, "#/stream"),
    "unknown filter": ({"question": "a", "filters": {"source": ["x"]}}, "#/filters/source"),
    "filters list": ({"question": "a", "filters": []}, "#/filters"),
    "unknown kind": ({"question": "a", "filters": {"kinds": ["footer"]}}, "#/filters/kinds/0"),
    "no day": ({"question": "a", "filters": {"date_from": "2021-02-30"}}, "#/filters/date_from"),
    "odd digits": ({"question": "a", "as_of": "２０２１-01-01"}, "#/as_of"),
    "turned round": (
        {"question": "a", "filters": {"date_from": "2021-02-03", "date_to": "2021-02-02"}},
        "#/filters",
    ),
    "role": ({"question": "a", "history": [{"role": "system", "content": "x"}]}, "#/history/0/role"),
    "turn without content": ({"question": "a", "history": [{"role": "user"}]}, "#/history/0/content"),
    "conversation id": ({"question": "a", "conversation_id": "a b"}, "#/conversation_id"),
    "conversation id as a path": ({"question": "a", "conversation_id": "a/b"}, "#/conversation_id"),
    "conversation id of dots": ({"question": "a", "conversation_id": ".."}, "#/conversation_id"),
    "long conversation id": ({"question": "a", "conversation_id": "a" * 129}, "#/conversation_id"),
    "not an object": ([], "#"),
    "a string": ("question", "#"),
}


@pytest.mark.parametrize(("body", "pointer"), BAD_FIELDS.values(), ids=BAD_FIELDS.keys())
def test_fields_that_do_not_fit_are_named(
    client: FlaskClient, service: FakeService, body: object, pointer: str
) -> None:
    problem = assert_problem(client.post(ASK, json=body), 422)
    assert problem["errors"][0]["pointer"] == pointer
    assert problem["code"] == ("invalid_question" if pointer == "#/question" else "invalid_request")
    assert service.questions == []


WORDS = {
    "long question": ({"question": "x" * 4001}, "4,001 characters; at most 4,000"),
    "no text": ({"question": 7}, "question: has to be text."),
    "list for the body": ([], "The request: has to be an object."),
    "list for filters": ({"question": "a", "filters": []}, "filters: has to be an object."),
    "over the limit": ({"question": "a", "top_k": 51}, "is 51; the most is 50"),
    "under the limit": ({"question": "a", "top_k": 0}, "is 0; the least is 1"),
    "no number": ({"question": "a", "top_k": "5"}, "has to be a whole number"),
    "no truth": ({"question": "a", "stream": 1}, "has to be true or false"),
    "no date": ({"question": "a", "as_of": "now"}, "write YYYY-MM-DD"),
    "no day": ({"question": "a", "as_of": "2021-02-30"}, "write YYYY-MM-DD"),
    "conversation id": ({"question": "a", "conversation_id": "é"}, "ASCII letters, digits"),
    "role": ({"question": "a", "history": [{"role": "system", "content": ""}]}, "'user' or 'assistant'"),
    "kind": ({"question": "a", "filters": {"kinds": ["footer"]}}, "'correction'"),
    "many turns": (
        {"question": "a", "history": [{"role": "user", "content": "x"}] * 1000},
        "holds 1,000 entries; at most 40",
    ),
    "sources": ({"question": "a", "filters": {"sources": "x"}}, "has to be a list"),
}


@pytest.mark.parametrize(("body", "words"), WORDS.values(), ids=WORDS.keys())
def test_what_does_not_fit_is_said_in_words_for_people(client: FlaskClient, body: object, words: str) -> None:
    detail = assert_problem(client.post(ASK, json=body), 422)["detail"]
    assert words in detail
    assert not {"Body", "pattern", "validation", "instance"} & set(detail.split())


FAILURES = {
    "index missing": (IndexMissing("no index"), 503, "index_missing"),
    "model missing": (ModelMissing("no model"), 503, "model_missing"),
    "generation damaged": (GenerationDamaged("damaged"), 503, "generation_damaged"),
    "question": (InvalidQuestion("no question"), 422, "invalid_question"),
    "filter": (InvalidFilter("no filter"), 422, "invalid_filter"),
    "setting": (InvalidSetting("no setting"), 422, "invalid_setting"),
    "source": (SourceError("no source"), 500, "source_unusable"),
    "unforeseen": (RuntimeError("secret path /etc"), 500, "internal_error"),
}


@pytest.mark.parametrize(("failure", "status", "code"), FAILURES.values(), ids=FAILURES.keys())
def test_failures_are_problems(
    client: FlaskClient, service: FakeService, failure: Exception, status: int, code: str
) -> None:
    service.failure = failure
    response = client.post(ASK, json={"question": CAPTAIN})
    problem = assert_problem(response, status, code)
    assert "secret" not in problem["detail"]
    assert ("Retry-After" in response.headers) is (status == 503)
