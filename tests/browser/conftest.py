from collections.abc import Iterator

import pytest

from tests.browser import chromium
from tests.browser.visit import Visit
from tests.web.fake_service import FakeService
from tests.web.live_server import serving


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
def visit(browser: object, service: FakeService) -> Iterator[Visit]:
    """A page on a fresh server; at the end nothing may have left the host nor broken the content policy."""
    with serving(service) as url:
        visited = Visit(browser, url)
        yield visited
        visited.close()
        assert visited.foreign_requests == []
        assert visited.policy_violations == []
        assert visited.script_errors == []
