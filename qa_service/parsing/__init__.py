"""Files to articles, one file a format."""

from qa_service.parsing.draft import Skipped
from qa_service.parsing.sources import read_sources

__all__ = ["Skipped", "read_sources"]
