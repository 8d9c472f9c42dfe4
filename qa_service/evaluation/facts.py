"""What a run was made with, so that its figures can be had again."""

from collections.abc import Mapping, Sequence
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
        thresholds: (accepted error, threshold) that can be set, the threshold falling; empty where none can.
    """

    date: str
    gold: str
    command: str
    version: str
    settings: Mapping[str, str] = field(default_factory=dict)
    thresholds: Sequence[tuple[float, float]] = ()

    def setting_for(self, threshold: float | None) -> float | None:
        """Return the greatest accepted error that can be set and answers nothing below `threshold`."""
        if threshold is None:
            return None
        return max((error for error, reached in self.thresholds if reached >= threshold), default=None)
