"""What a run was made with, so that its figures can be had again."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Who measured what with which settings.

    Attributes:
        date: ISO date-time at which the run began.
        gold: name of the gold file.
        command: what was typed.
        version: of this package.
        settings: variable → value, as text.
    """

    date: str
    gold: str
    command: str
    version: str
    settings: Mapping[str, str] = field(default_factory=dict)
