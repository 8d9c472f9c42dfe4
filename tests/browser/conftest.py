from collections.abc import Iterator
from pathlib import Path

import pytest

from qa_service.settings import Settings
from qa_service.state.database import Database
from tests.browser import chromium
from tests.browser.visit import Visit
from tests.web.fake_service import FakeService
from tests.web.live_server import serving

THREADS = 6  # as many as a browser's connections to one host; each test starts a server of its own


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    if not chromium.is_available():
        pytest.skip("needs Playwright and /usr/bin/chromium")
    with chromium.browser() as running:
        yield running


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Database]:
    """What people create; a test that needs none of it overrides this with None."""
    database = Database(tmp_path / "state.db")
    yield database
    database.close()


@pytest.fixture
def visit(browser: object, service: FakeService, state: Database) -> Iterator[Visit]:
    """A page on a fresh server; at the end nothing may have left the host nor broken the content policy."""
    with serving(service, Settings(port=0, threads=THREADS), state) as url:
        visited = Visit(browser, url, service)
        yield visited
        if service.gate:
            service.gate.set()
        visited.close()
        visited.check()
