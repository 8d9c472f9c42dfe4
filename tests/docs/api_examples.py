"""Makes `web/examples.json`, what the sample archive really answers: `python -m tests.docs.api_examples`."""

import json
import tempfile
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from qa_service import bootstrap
from qa_service.settings import Settings
from web import create_app

EXAMPLES = Path(__file__).resolve().parents[2] / "web" / "examples.json"
ASK = {"question": "Who scored the winning goal in the cup final?", "filters": {"date_from": "2025-01-01"}}
SEARCH = "/api/v1/search?q=drainpipe+in+the+dyke&limit=1"


def main() -> None:
    """Index the samples in a temporary folder and write down what the API answers."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        samples = [bootstrap.sample_folder()]
        bootstrap.run_reindex(settings, samples, full=False, dry_run=False, progress=lambda *_: None)
        service = bootstrap.build_service(settings)
        found = examples(create_app(settings, service).test_client())
        service.close()
    EXAMPLES.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def examples(client: FlaskClient) -> dict[str, Any]:
    """Return the examples by endpoint: a body, and the response to it."""
    client.post("/api/v1/ask", json=ASK)  # the first question waits for the models, which is no example
    listed = client.get("/api/v1/articles?limit=200").get_json()["data"]
    articles = [client.get(f"/api/v1/articles/{item['article_id']}").get_json() for item in listed]
    return {
        "api.ask": {"body": ASK, "response": client.post("/api/v1/ask", json=ASK).get_json()},
        "api.search": {"response": client.get(SEARCH).get_json()},
        "api.articles": {"response": client.get("/api/v1/articles?limit=2").get_json()},
        "api.article": {"response": min(articles, key=lambda article: len(article["text"]))},
        "api.facets": {"response": client.get("/api/v1/facets?limit=2").get_json()},
        "health.livez": {"response": client.get("/livez").get_json()},
    }


if __name__ == "__main__":
    main()
