"""An application with keys: two people, a revoked key, an expired one, and one that nobody made."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from qa_service.settings import Settings
from qa_service.state.accounts import Accounts
from qa_service.state.database import Database
from tests.unit.moving_clock import MovingClock
from tests.web.fake_service import FakeService
from web import create_app

CAPTAIN = "Who is the captain of the ferry Halden?"
PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class House:
    """An application in a folder, the people of which have keys.

    Attributes:
        keys: by holder: `anna`, `bert`, and of anna's `revoked` and `expired`; `wrong` was never made.
    """

    def __init__(self, folder: Path, settings: Settings | None = None, *, keyed: bool = True) -> None:
        self.settings = replace(settings or Settings(rate_failed_logins=0, rate_per_key=0), data_dir=folder)
        self.state = Database(folder / "state.db")
        self.accounts = Accounts(self.state, folder)
        self.service = FakeService()
        self.keys = self._make_keys(folder) if keyed else {}
        self.app: Flask = create_app(self.settings, self.service, self.state)

    def client(self) -> FlaskClient:
        """Return a client that nobody knows."""
        return self.app.test_client()

    def headers(self, holder: str) -> dict[str, str]:
        """Return the headers that `holder` sends; `nobody` sends none."""
        return {} if holder == "nobody" else {"Authorization": f"Bearer {self.keys[holder]}"}

    def logged_in(self, holder: str, **sent: object) -> FlaskClient:
        """Return a client that is logged in on the page."""
        client = self.client()
        response = self.log_in(client, self.keys[holder], **sent)
        assert response.status_code == 303
        return client

    @staticmethod
    def log_in(client: FlaskClient, key: str, target: str = "/", **sent: object) -> TestResponse:
        """Send the login form."""
        return client.post("/login", data={"key": key, "next": target}, headers=PAGE, **sent)  # type: ignore[arg-type]

    def ask(self, holder: str) -> tuple[str, str]:
        """Ask as `holder`; return the ids of the new conversation and of the answer."""
        response = self.client().post("/api/v1/ask", json={"question": CAPTAIN}, headers=self.headers(holder))
        assert response.status_code == 200, response.get_data(as_text=True)
        body = response.get_json()
        return body["conversation_id"], body["id"]

    def _make_keys(self, folder: Path) -> dict[str, str]:
        long_ago = Accounts(self.state, folder, clock=MovingClock(datetime(2020, 1, 1, tzinfo=UTC)))
        keys = {
            "anna": self.accounts.create("anna").text,
            "bert": self.accounts.create("bert").text,
            "revoked": self.accounts.create("anna").text,
            "expired": long_ago.create("anna", lifetime=timedelta(days=1)).text,
        }
        self.accounts.revoke(keys["revoked"])
        head, _, secret = keys["anna"].rpartition("_")
        return {**keys, "wrong": f"{head}_{secret[::-1]}"}
