"""docs/API.md: every command runs, the client works, every address is named."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient

from qa_service.domain import Article
from qa_service.parsing import read_sources
from qa_service.settings import Settings
from qa_service.state.accounts import Accounts
from qa_service.state.database import Database
from tests.docs.readme import ROOT
from tests.web.described import DescribedClient
from tests.web.fake_service import FakeService
from web import create_app
from web.openapi import is_api, path_of

PAGE = (ROOT / "docs" / "API.md").read_text(encoding="utf-8")
COMMANDS = [
    (int(found[1] or 200), found[2])
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    for found in re.finditer(r"(?:# (\d{3})\n)?(curl (?:[^\n]*\\\n)*[^\n]*)", block)
]
PYTHON = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
ANY_SUCCESS = 200


@dataclass(frozen=True)
class House:
    app: Flask
    key: str


@pytest.fixture
def house(tmp_path: Path) -> House:
    """The application over the sample articles, and a key to it."""
    samples = ROOT / "qa_service" / "samples" / "articles"
    articles = [found for found in read_sources([samples]) if isinstance(found, Article)]
    state = Database(tmp_path / "state.db")
    key = Accounts(state, tmp_path).create("anna").text
    app = create_app(replace(Settings(), data_dir=tmp_path), FakeService(articles), state)
    app.test_client_class = DescribedClient
    return House(app, key)


def sent(command: str) -> dict[str, Any]:
    """Return what `curl` would send, as arguments of the test client."""
    words = iter(shlex.split(command.replace("\\\n", " "), comments=True)[1:])
    method, url, headers, data = "GET", "", {}, []
    in_query = False
    for word in words:
        if word in ("-s", "-sN"):
            continue
        if word == "-sG":
            in_query = True
        elif word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            data.append(next(words))
            method = "POST" if method == "GET" and not in_query else method
        elif word == "--data-urlencode":
            name, _, value = next(words).partition("=")
            data.append(urlencode({name: value}))
        else:
            assert word.startswith("http://127.0.0.1:8000/"), word
            url = word
    parts = urlsplit(url)
    query = "&".join([parts.query, *data]) if in_query else parts.query
    request = {"path": parts.path, "query_string": query.strip("&"), "method": method, "headers": headers}
    return request if in_query else {**request, "data": "".join(data)}


def follow(client: FlaskClient, key: str) -> Iterator[tuple[str, int, int]]:
    """Run the page's commands one after another; give command, expected and seen status."""
    known = {"KEY": key, "ANSWER": "", "ETAG": "", "ARTICLE": ""}
    for expected, command in COMMANDS:
        for name, value in known.items():
            command = command.replace(f"${name}", value.replace('"', '\\"') if name == "ETAG" else value)
        response = client.open(**sent(command))
        yield command, expected, response.status_code
        if response.is_json and response.status_code == 200:
            body = response.get_json()
            known["ANSWER"] = body["id"] if body.get("object") == "answer" else known["ANSWER"]
            if "/api/v1/articles?" in command:
                known |= {"ETAG": response.headers["ETag"], "ARTICLE": body["data"][0]["article_id"]}


def test_every_command_does_what_the_page_says(house: House) -> None:
    statuses = list(follow(house.app.test_client(), house.key))
    assert len(statuses) > 18
    for command, expected, seen in statuses:
        wanted = {304} if "If-None-Match" in command else {200, 201, 204} if expected == 200 else {expected}
        assert seen in wanted, f"{seen}: {command}"


def test_the_client_asks_streams_lists_and_votes(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    code, use = PYTHON
    space: dict[str, Any] = {"KEY": house.key, "__name__": "client"}
    exec(compile(code, "client.py", "exec"), space)
    made = space["QAClient"]
    space["QAClient"] = lambda **given: made(transport=httpx.WSGITransport(house.app), **given)
    exec(compile(use, "use.py", "exec"), space)
    printed = capsys.readouterr().out
    assert printed.startswith("answered The winning goal was scored")
    assert "Noor Vinter" in printed
    assert "18 articles" in printed


def test_the_client_tells_problems_and_pages_everything(house: House) -> None:
    space: dict[str, Any] = {"__name__": "client"}
    exec(compile(PYTHON[0], "client.py", "exec"), space)
    with space["QAClient"](key=house.key, transport=httpx.WSGITransport(house.app)) as client:
        assert len({hit["rank"] for hit in client.search("the flood at Lindmoor", limit=3)}) > 10
        reply = client.ask("Which comet was seen?", filters={"date_to": "1999-12-31"})
        with pytest.raises(space["ProblemError"], match="422 invalid_question"):
            client.ask(" ")
        with pytest.raises(space["ProblemError"], match="422"):
            list(client.stream(" "))
        assert [item["id"] for item in client.conversations()] == [reply.conversation_id]
        assert len(client.conversation(reply.conversation_id)["exchanges"]) == 1
        client.delete_conversation(reply.conversation_id)
        assert list(client.conversations()) == []
        found = next(client.articles())
        assert client.article(found["article_id"])["text"]


def test_every_address_is_named(house: House) -> None:
    for rule in house.app.url_map.iter_rules():
        if is_api(rule):
            shown = path_of(rule).removeprefix("/api/v1").split("/{")[0]
            assert shown in PAGE, f"docs/API.md does not name {path_of(rule)}"


def test_every_metric_that_is_named_exists(house: House) -> None:
    headers = {"Authorization": f"Bearer {house.key}"}
    text = house.app.test_client().get("/metrics", headers=headers).get_data(as_text=True)
    named = set(re.findall(r"`(qa_\w+)", PAGE))
    assert len(named) > 10
    assert [name for name in sorted(named) if f"# TYPE {name} " not in text] == []
