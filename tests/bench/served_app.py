"""The application over a paced service, as servers import it: `tests.bench.served_app:app`."""

from qa_service.settings import Settings
from qa_service.state.database import Database
from qa_service.state.troubles import FILE_NAME
from tests.faults.paced_service import PacedService
from web import create_app, logs

_settings = Settings.from_env()
logs.configure(_settings)
app = create_app(_settings, PacedService(), Database(_settings.data_dir / FILE_NAME))
