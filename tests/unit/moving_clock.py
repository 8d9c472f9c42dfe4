"""A clock that moves when a test says so."""

from datetime import datetime, timedelta


class MovingClock:
    """Returns the same time until it is advanced."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **units: float) -> None:
        """Move on by `units` of a timedelta."""
        self.now += timedelta(**units)
