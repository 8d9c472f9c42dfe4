"""The examples that the API's document shows are what the service answers."""

import json

from qa_service import bootstrap
from qa_service.settings import Settings
from tests.docs.api_examples import EXAMPLES, examples
from web import create_app


def test_shown_answers_are_those_of_the_service(sample_settings: Settings) -> None:
    service = bootstrap.build_service(sample_settings)
    found = examples(create_app(sample_settings, service).test_client())
    service.close()
    shown = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    mend = "run `python -m tests.docs.api_examples`"
    assert found.keys() == shown.keys(), mend
    for field in ("status", "answer", "short_answer", "sentences", "query", "filters_applied"):
        assert found["api.ask"]["response"][field] == shown["api.ask"]["response"][field], mend
    engines = [part["api.ask"]["response"]["engine"] for part in (found, shown)]
    # 8-bit numbers give the same answers; the reader's name says whether this machine has them.
    assert engines[0]["mode"] == engines[1]["mode"]
    assert len({engine["reader"].removesuffix("-int8") for engine in engines}) == 1, mend
    assert found["api.article"] == shown["api.article"], mend
    assert found["api.facets"] == shown["api.facets"], mend
    for endpoint in ("api.search", "api.articles"):
        ids = [[hit["article_id"] for hit in part[endpoint]["response"]["data"]] for part in (found, shown)]
        assert ids[0] == ids[1], mend
