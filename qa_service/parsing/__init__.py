"""Files to articles, one file a format."""

from qa_service.parsing.draft import Noted, Skipped
from qa_service.parsing.identity import Renamed
from qa_service.parsing.sources import read_sources

__all__ = ["Noted", "Renamed", "Skipped", "read_sources"]
