"""Parts that are missing, damaged, locked or wrong: said clearly, and the rest goes on."""

import contextlib
import datetime as clock
import json
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from flask.testing import FlaskClient

from qa_service import generations
from qa_service.settings import Settings
from qa_service.state.database import Database
from qa_service.state.troubles import FILE_NAME
from tests.faults.rows import Result, Row
from tests.faults.server_process import ROOT, clean_environ
from tests.faults.temporary import temporary_folder
from tests.unit.index_building import build, write_articles
from tests.unit.test_live_service import serving
from tests.web.fake_service import FakeService
from web import create_app

_ASK = {"question": "Who is the captain of the ferry Halden?"}
_NO_MODEL = """
import sys, types
from qa_service.errors import ModelMissing
bootstrap = types.ModuleType("qa_service.bootstrap")
def build_service(settings):
    raise ModelMissing("The encoder cannot be loaded; run make setup.")
bootstrap.build_service = build_service
sys.modules["qa_service.bootstrap"] = bootstrap
from qa_service.cli import main
main(["serve", "--port", "0"])
"""


def try_a_missing_model(quick: bool) -> Result:
    """Start the server without its encoder: quickly with a stand-in that is not there, in full with the real loader."""
    command = (
        [sys.executable, "-c", _NO_MODEL]
        if quick
        else [sys.executable, "-m", "qa_service", "serve", "--port", "0"]
    )
    with temporary_folder() as folder:
        environ = clean_environ() | {
            "QA_DATA_DIR": str(folder),
            "QA_ENCODER": str(folder / "no-such-model"),
            "HF_HUB_OFFLINE": "1",
        }
        done = subprocess.run(
            command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120, check=False
        )
    said = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    held = done.returncode == 1 and len(said) == 1 and "Traceback" not in done.stderr
    return Result(
        held, f"exit {done.returncode}, “{(said or ['nothing'])[0].replace(str(folder), '…')[:50]}…”"
    )


def _readiness(client: FlaskClient) -> tuple[int, str]:
    """Return the status of /readyz and its failed checks, as names."""
    response = client.get("/readyz")
    checks = json.loads(response.get_data())["checks"]
    return response.status_code, ", ".join(check["name"] for check in checks if not check["ok"])


@contextlib.contextmanager
def _index_of_two(folder: Path) -> Iterator[Path]:
    source = write_articles(folder / "a.jsonl", {"ferry": "The ferry sank.\n\nNobody was hurt."})
    data_dir = folder / "data"
    build(data_dir, source)
    build(data_dir, write_articles(folder / "b.jsonl", {"fire": "The fire is out."}))
    yield data_dir


def try_a_missing_index(quick: bool) -> Result:
    """Serve without an index: alive, not ready, every question a problem object."""
    with temporary_folder() as folder, serving(folder / "data") as service:
        client = create_app(Settings(), service).test_client()
        status, failed = _readiness(client)
        seen = [client.get("/livez").status_code, client.post("/api/v1/ask", json=_ASK).status_code, status]
        said = client.get("/readyz").get_data(as_text=True) + client.get("/").get_data(as_text=True)
    held = seen == [200, 503, 503] and "reindex" in said and str(folder) not in said
    return Result(held, f"/livez, ask, /readyz: {seen}; failed: {failed}")


def try_a_damaged_index(quick: bool) -> Result:
    """Serve with every generation damaged: not ready, clearly said, nothing deleted."""
    with temporary_folder() as folder, _index_of_two(folder) as data_dir:
        for path in data_dir.glob("generations/*/vectors.faiss"):
            content = bytearray(path.read_bytes())
            content[len(content) // 2] ^= 1
            path.write_bytes(content)
        before = sorted(path.name for path in data_dir.rglob("*"))
        with serving(data_dir) as service:
            client = create_app(Settings(), service).test_client()
            status, failed = _readiness(client)
            asked = client.post("/api/v1/ask", json=_ASK)
        kept = sorted(path.name for path in data_dir.rglob("*")) == before
    held = (status, asked.status_code, kept) == (503, 503, True) and str(folder) not in asked.get_data(
        as_text=True
    )
    return Result(held, f"/readyz {status} ({failed}), ask {asked.status_code}, files kept: {kept}")


def _locked(path: Path) -> Iterator[None]:
    Database(path).check()
    other = sqlite3.connect(path)
    other.execute("BEGIN EXCLUSIVE")
    yield
    other.close()


def _corrupt(path: Path) -> Iterator[None]:
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 8000)
    yield


def _in_the_way(path: Path) -> Iterator[None]:
    path.mkdir()
    yield


def _no_space(path: Path) -> Iterator[None]:
    """Let no file grow, as a full disk does."""
    Database(path).check()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


# What hurts state.db, and what /readyz may say; it need not write, so that a full disk need not show there.
_STATES = {
    "locked": (_locked, {503}),
    "corrupt": (_corrupt, {503}),
    "a folder": (_in_the_way, {503}),
    "on a full disk": (_no_space, {200, 503}),
}


def try_broken_states(quick: bool) -> Result:
    """Ask while state.db is locked, corrupt, a folder, or on a full disk."""
    seen: dict[str, str] = {}
    for name, (hurt, ready) in _STATES.items():
        with temporary_folder() as folder, contextlib.contextmanager(hurt)(folder / FILE_NAME):
            config = Settings(data_dir=folder)
            client = create_app(config, FakeService(), Database(folder / FILE_NAME, busy_s=0.2)).test_client()
            answer = client.post("/api/v1/ask", json=_ASK)
            listed = client.get("/api/v1/conversations")
            status, failed = _readiness(client)
            said = answer.get_data(as_text=True) + listed.get_data(as_text=True)
            warned = bool(answer.get_json().get("warnings"))
            held = answer.status_code == 200 and warned and status in ready and str(folder) not in said
            seen[name] = (
                "held" if held else f"ask {answer.status_code}, warned {warned}, /readyz {status} {failed}"
            )
    return Result(set(seen.values()) == {"held"}, ", ".join(f"{name}: {how}" for name, how in seen.items()))


class _Shifted(clock.datetime):
    """A clock that is a day off."""

    days = 0

    @classmethod
    def now(cls, tz: clock.tzinfo | None = None) -> "clock.datetime":
        return clock.datetime.now(tz) + clock.timedelta(days=cls.days)


def try_a_wrong_clock(quick: bool) -> Result:
    """Index with the clock a day ahead or behind, then with the right one: the last one built answers."""
    seen = []
    for _Shifted.days in (1, -1):
        with temporary_folder() as folder:
            source = write_articles(folder / "a.jsonl", {"ferry": "The ferry sank."})
            with mock.patch.object(generations, "datetime", _Shifted):
                build(folder / "data", source)
            newest = build(folder / "data", write_articles(folder / "b.jsonl", {"fire": "The fire is out."}))
            with serving(folder / "data") as service:
                client = create_app(Settings(), service).test_client()
                index = client.get("/api/v1/articles").get_json()["index"]
                age = next(
                    float(line.split()[1])
                    for line in client.get("/metrics").get_data(as_text=True).splitlines()
                    if line.startswith("qa_index_age_seconds ")
                )
            seen.append(index["generation"] == newest.generation and age >= 0)
    return Result(all(seen), f"a day ahead: {seen[0]}, a day behind: {seen[1]}")


ROWS = [
    Row(
        "missing-model", "A missing model ends `serve` with one clear line, no traceback", try_a_missing_model
    ),
    Row(
        "missing-index",
        "Without an index: /livez 200, /readyz and questions 503, no path told",
        try_a_missing_index,
    ),
    Row(
        "damaged-index",
        "With no intact generation: /readyz and questions 503, nothing deleted",
        try_a_damaged_index,
    ),
    Row(
        "broken-state",
        "With state.db locked, corrupt, a folder or on a full disk: answers warn; /readyz 503 but for the full disk",
        try_broken_states,
    ),
    Row(
        "wrong-clock",
        "An index built with the clock a day off gives way to the next one built",
        try_a_wrong_clock,
    ),
]
