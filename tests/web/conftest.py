import pytest
from flask.testing import FlaskClient

from qa_service.settings import Settings
from tests.web.described import DescribedClient
from tests.web.fake_service import FakeService
from web import create_app


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def client(service: FakeService) -> FlaskClient:
    app = create_app(Settings(), service)
    app.test_client_class = DescribedClient
    return app.test_client()
