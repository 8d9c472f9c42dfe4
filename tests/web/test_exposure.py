"""Beyond this machine the server starts only when it can ask people who they are, or was told to let everybody in."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qa_service.errors import InvalidSetting, StateUnavailable
from qa_service.settings import Settings
from qa_service.state.accounts import Accounts
from qa_service.state.database import Database
from tests.unit.moving_clock import MovingClock
from tests.web.fake_service import FakeService
from tests.web.live_server import serving
from web import create_app, exposure, listening
from web.exposure import check_exposure, is_local

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ["127.0.0.1", "127.0.0.2", "::1", "localhost", "::ffff:127.0.0.1"]
BEYOND = ["0.0.0.0", "::", "192.0.2.7", "2001:db8::1", "::ffff:192.0.2.7", "0"]


def accounts_in(folder: Path) -> Accounts:
    return Accounts(Database(folder / "state.db"), folder)


def on(host: str, **more: object) -> Settings:
    return replace(Settings(), host=host, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("host", LOCAL)
def test_this_machine_alone_needs_no_key(host: str, tmp_path: Path) -> None:
    assert is_local(host)
    check_exposure(on(host), accounts_in(tmp_path))
    create_app(on(host), FakeService())


@pytest.mark.parametrize("host", BEYOND)
def test_beyond_it_there_must_be_a_key(host: str, tmp_path: Path) -> None:
    assert not is_local(host)
    accounts = accounts_in(tmp_path)
    with pytest.raises(InvalidSetting, match="keys create NAME") as caught:
        check_exposure(on(host), accounts)
    assert all(word in str(caught.value) for word in (host, "QA_HOST", "QA_OPEN_ACCESS=1"))
    with pytest.raises(InvalidSetting, match="keys create"):
        create_app(on(host, data_dir=tmp_path), FakeService(), Database(tmp_path / "state.db"))
    with pytest.raises(InvalidSetting, match="keys create"):
        create_app(on(host), FakeService())
    accounts.create("anna")
    check_exposure(on(host), accounts)


@pytest.mark.parametrize(
    "found", [["192.0.2.7"], ["127.0.0.1", "192.0.2.7"], ["::1", "2001:db8::1"], ["0.0.0.0"]]
)
def test_a_name_with_an_address_beyond_is_beyond(found: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        exposure.socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", (address, 0)) for address in found]
    )
    assert not is_local("archive.example")


def test_a_name_of_this_machine_alone_is_local(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        exposure.socket,
        "getaddrinfo",
        lambda *_, **__: [(0, 0, 0, "", ("127.0.0.1", 0)), (0, 0, 0, "", ("::1", 0))],
    )
    assert is_local("desk.example")


@pytest.mark.parametrize("host", ["", "name.invalid", "a" * 70, "\ud800", "1.2.3.4.5"])
def test_what_cannot_be_resolved_is_not_taken_for_local(host: str) -> None:
    assert not is_local(host)


def test_keys_that_let_nobody_in_are_none(tmp_path: Path) -> None:
    accounts = accounts_in(tmp_path)
    accounts.revoke(accounts.create("anna").key.key_id)
    past = Accounts(
        Database(tmp_path / "state.db"), tmp_path, clock=MovingClock(datetime(2020, 1, 1, tzinfo=UTC))
    )
    past.create("bert", lifetime=timedelta(days=1))
    for settings in (on("0.0.0.0"), on("0.0.0.0", open_access=True)):
        with pytest.raises(InvalidSetting, match="no usable API key") as caught:
            check_exposure(settings, accounts)
        assert "QA_OPEN_ACCESS" not in str(caught.value)  # it would open nothing


def test_a_proxy_on_this_machine_brings_others_along(tmp_path: Path) -> None:
    accounts, settings = accounts_in(tmp_path), on("127.0.0.1", trusted_proxies="127.0.0.1")
    with pytest.raises(
        InvalidSetting, match=r"reached through a proxy .*keys create .*QA_OPEN_ACCESS=1"
    ) as caught:
        check_exposure(settings, accounts)
    assert "QA_HOST" not in str(caught.value)
    check_exposure(replace(settings, sso_header="X-Remote-User"), accounts)
    check_exposure(replace(settings, open_access=True), accounts)
    accounts.create("anna")
    check_exposure(settings, accounts)


def test_everybody_may_be_let_in_by_saying_so(tmp_path: Path) -> None:
    check_exposure(on("0.0.0.0", open_access=True), accounts_in(tmp_path))
    check_exposure(on("0.0.0.0", open_access=True), None)


def test_keys_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    accounts_in(tmp_path).create("anna")
    for path in tmp_path.glob("state.db*"):
        path.write_bytes(b"x" * 5000)
    with pytest.raises(StateUnavailable, match=r"state\.db"):
        check_exposure(on("0.0.0.0", open_access=True), accounts_in(tmp_path))


SCRIPT = """
import sys, types
bootstrap = types.ModuleType("qa_service.bootstrap")
def build_service(settings):
    sys.exit("the models were loaded")
bootstrap.build_service = build_service
bootstrap.__getattr__ = lambda name: None
sys.modules["qa_service.bootstrap"] = bootstrap
from qa_service.cli import main
main()
"""


def serve(folder: Path, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    plain = {name: value for name, value in os.environ.items() if not name.startswith("QA_")}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, "serve", "--port", "0", "--data-dir", str(folder), *words],
        cwd=ROOT,
        env={**plain, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "environ"),
    [
        (["--host", "0.0.0.0"], {}),
        ([], {"QA_HOST": "0.0.0.0"}),
        (["--host", "0.0.0.0"], {"QA_HOST": "127.0.0.1"}),
    ],
)
def test_the_command_says_what_to_do_before_models_load(
    tmp_path: Path, words: list[str], environ: dict[str, str]
) -> None:
    ended = serve(tmp_path, *words, **environ)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.startswith("Error: The server would listen on ")
    assert "qa-service keys create NAME" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_command_goes_on_with_a_key_and_on_loopback(tmp_path: Path) -> None:
    assert "the models were loaded" in serve(tmp_path).stderr
    accounts_in(tmp_path).create("anna")
    assert "the models were loaded" in serve(tmp_path, "--host", "0.0.0.0").stderr


def test_a_real_server_hands_on_what_proxies_say() -> None:
    settings = replace(Settings(port=0), trusted_proxies="127.0.0.1", rate_per_address=4, open_access=True)
    with serving(FakeService(), settings) as url:
        seen = [answer_of(f"{url}/api/v1/articles", {"X-Forwarded-For": "192.0.2.7"}) for _ in range(2)]
    assert seen == [(200, None), (429, "15")]


def answer_of(url: str, headers: dict[str, str]) -> tuple[int, str | None]:
    try:
        response = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        return response.status, response.headers["Retry-After"]


def test_the_address_that_is_bound_decides() -> None:
    listener = listening.bind("localhost", 0)
    with listener:
        assert is_local(listener.getsockname()[0])
