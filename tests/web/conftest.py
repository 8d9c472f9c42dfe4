import pytest
from flask.testing import FlaskClient

from qa_service.settings import Settings
from tests.web.fake_service import FakeService
from web import create_app


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def client(service: FakeService) -> FlaskClient:
    return create_app(Settings(), service).test_client()
