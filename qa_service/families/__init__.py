"""Story families: articles that are versions or copies of one text, found at index time and shown as one."""

from qa_service.families.opened import Families
from qa_service.families.writing import write_families

__all__ = ["Families", "write_families"]
