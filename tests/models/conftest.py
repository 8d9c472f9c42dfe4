"""The real encoder and the sample archive, made once for all tests of this folder."""

from pathlib import Path

import pytest

from embeddings.protocols import Encoder
from qa_service import bootstrap
from qa_service.archive import Archive
from qa_service.settings import Settings


@pytest.fixture(scope="session")
def sample_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(data_dir=tmp_path_factory.mktemp("samples"))
    report = bootstrap.run_reindex(
        settings,
        [bootstrap.sample_folder()],
        full=False,
        dry_run=False,
        progress=lambda stage, done, total: None,
    )
    assert report.skipped == ()
    return settings


@pytest.fixture(scope="session")
def encoder(sample_settings: Settings) -> Encoder:
    return bootstrap.load_encoder(sample_settings)


@pytest.fixture(scope="session")
def sample_archive(sample_settings: Settings, encoder: Encoder) -> Archive:
    return bootstrap.open_archive(sample_settings, encoder)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of questions and data beside the checkout; tests that need it skip without it."""
    folder = Path(__file__).resolve().parents[3] / "shared"
    if not folder.is_dir():
        pytest.skip("the shared data is not on this machine")
    return folder
