"""/readyz looks at state.db once a second at most, one look at a time, and waits for none for long."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from qa_service.errors import StateUnavailable
from qa_service.settings import Settings
from qa_service.state.database import Database
from tests.web.fake_service import FakeService
from web import create_app
from web.health import StateProbe


class Looks:
    """Counts looks, which wait for `gate` and end in `trouble` where there is any."""

    def __init__(self) -> None:
        self.count, self.now = 0, 100.0
        self.gate = threading.Event()
        self.gate.set()
        self.trouble: Exception | None = None

    def __call__(self) -> str:
        self.count += 1
        assert self.gate.wait(10)
        if self.trouble:
            raise self.trouble
        return f"look {self.count}"

    def probe(self, patience_s: float = 5.0) -> StateProbe:
        return StateProbe(self, fresh_s=1.0, patience_s=patience_s, clock=lambda: self.now)


@pytest.fixture
def looks() -> Looks:
    return Looks()


def test_what_was_seen_holds_for_a_second(looks: Looks) -> None:
    probe = looks.probe()
    assert [probe.check().detail for _ in range(5)] == ["look 1"] * 5
    looks.now += 0.9
    assert probe.check().detail == "look 1"
    looks.now += 0.1
    assert probe.check().detail == "look 2"


def test_trouble_is_told_and_ends_with_the_next_look(looks: Looks) -> None:
    probe = looks.probe()
    looks.trouble = StateUnavailable("state.db is locked.")
    found = [probe.check() for _ in range(3)]
    assert {(one.ok, one.detail) for one in found} == {(False, "state.db is locked.")}
    assert looks.count == 1
    looks.trouble = None
    looks.now += 1
    assert probe.check().ok


def test_many_that_ask_at_once_share_one_look(looks: Looks) -> None:
    probe = looks.probe()
    looks.gate.clear()
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(probe.check) for _ in range(8)]
        looks.gate.set()
        assert {one.result().detail for one in asked} == {"look 1"}


def test_a_look_that_hangs_is_not_waited_for_nor_joined_by_others(looks: Looks) -> None:
    probe = looks.probe(patience_s=0.05)
    looks.gate.clear()
    began = time.monotonic()
    for _ in range(3):
        found = probe.check()
        assert (found.ok, found.detail) == (False, "state.db has not answered within 0.05 s.")
        looks.now += 60
    assert time.monotonic() - began < 5
    assert looks.count == 1
    looks.gate.set()
    while not probe.check().ok:
        assert time.monotonic() - began < 10
    looks.now += 60
    assert probe.check().detail == "look 2"


def test_what_is_no_trouble_of_the_file_is_raised(looks: Looks) -> None:
    looks.trouble = ZeroDivisionError("a mistake in the program")
    with pytest.raises(ZeroDivisionError):
        looks.probe().check()


def test_the_address_takes_the_lock_once_for_many_requests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, written = Database(tmp_path / "state.db"), 0
    look = state.check

    def counted() -> str:
        nonlocal written
        written += 1
        return look()

    monkeypatch.setattr(state, "check", counted)
    client = create_app(Settings(), FakeService(), state).test_client()
    began = time.monotonic()
    for _ in range(20):
        assert client.get("/readyz").status_code == 200
    assert written <= 1 + (time.monotonic() - began)
    state.close()


def test_metrics_tell_of_state_as_readyz_does(tmp_path: Path) -> None:
    state = Database(tmp_path / "state.db")
    client = create_app(Settings(data_dir=tmp_path), FakeService(), state).test_client()
    assert 'qa_check_ok{check="state"} 1.0' in client.get("/metrics").get_data(as_text=True)
    state.close()
    (tmp_path / "state.db").write_bytes(b"no database at all" * 100)
    damaged = create_app(
        Settings(data_dir=tmp_path), FakeService(), Database(tmp_path / "state.db")
    ).test_client()
    assert 'qa_check_ok{check="state"} 0.0' in damaged.get("/metrics").get_data(as_text=True)
