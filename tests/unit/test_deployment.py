"""The image and the compose file run the Makefile's own steps, locked down as promised."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from qa_service.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return loaded


def test_every_service_is_locked_down(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["user"] not in ("", "0", "root"), name
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["mem_limit"] == "2g", name
        assert any(mount.startswith("data:/data") for mount in service["volumes"]), name


def test_the_server_is_published_on_loopback_only_and_watched_by_readiness(compose: dict[str, Any]) -> None:
    service = compose["services"]["qa"]
    assert service["ports"] == ["127.0.0.1:8000:8000"]
    assert "/readyz" in service["healthcheck"]["test"][-1]
    assert service["command"] == ["make", "serve"]


def test_nobody_is_let_in_unasked_from_beyond_this_machine(compose: dict[str, Any]) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "QA_HOST=0.0.0.0" in dockerfile
    assert not any("QA_OPEN_ACCESS" in line for line in dockerfile.splitlines() if not line.startswith("#"))
    for name, service in compose["services"].items():
        if Settings.from_env(service.get("environment", {})).open_access:
            assert all(port.startswith("127.0.0.1:") for port in service["ports"]), name


def test_keys_are_made_in_the_server_s_own_volume(compose: dict[str, Any]) -> None:
    service = compose["services"]["keys"]
    assert service["profiles"] == ["keys"]
    assert service["entrypoint"][-2:] == [".venv/bin/qa-service", "keys"]
    assert service["volumes"] == compose["services"]["qa"]["volumes"]
    assert "restart" not in service


def test_reindex_runs_once_and_only_when_asked(compose: dict[str, Any]) -> None:
    service = compose["services"]["reindex"]
    assert service["profiles"] == ["reindex"]
    assert "restart" not in service
    assert service["volumes"][-1].endswith("/articles:ro")


def test_the_image_is_built_by_the_makefile_as_another_user() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert any(line.startswith("RUN make setup") for line in lines)
    assert lines[-1] == 'CMD ["make", "serve"]'
    assert lines.index("USER qa") < lines.index('CMD ["make", "serve"]')
    copied = {part for line in lines if line.startswith("COPY") for part in line.split()[1:-1]}
    assert all((ROOT / part).exists() for part in copied)


def test_every_package_of_the_project_is_copied_into_the_image() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for package in ("qa_service", "embeddings", "web"):
        assert f"COPY {package} {package}" in text
