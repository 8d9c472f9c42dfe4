"""Which of two versions is the newer one, as far as their dates and corrections tell."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Version:
    """What is known of an article's age.

    Attributes:
        day, time: of the last change, in UTC where the zone is known; empty where unknown.
        corrections: how many corrections it prints.
        length: of its text, in code points.
    """

    article_id: str
    day: str
    time: str
    corrections: int
    length: int

    @property
    def order(self) -> tuple[str, str, int, int]:
        """A key by which newer versions are greater, and among versions of one age longer ones."""
        return (self.day, self.time, self.corrections, self.length)

    def is_newer(self, other: "Version") -> bool:
        """Return whether this is the newer one beyond doubt: by its day, its time, or a correction that it prints."""
        if bool(self.day) != bool(other.day):
            return False
        if self.day != other.day:
            return self.day > other.day
        if self.time and other.time and self.time != other.time:
            return self.time > other.time
        return self.corrections > other.corrections


def version(
    article_id: str, published_at: str | None, updated_at: str | None, corrections: int, length: int
) -> Version:
    """Return an article's version.

    Args:
        published_at, updated_at: ISO 8601 dates or date-times; the later one counts.

    >>> version("a", "2020-08-18", "2020-08-18T23:30:00-02:00", 0, 9).order
    ('2020-08-19', '01:30:00', 0, 9)
    """
    day, time = max(_moment(published_at), _moment(updated_at))
    return Version(article_id, day, time, corrections, length)


def _moment(written: str | None) -> tuple[str, str]:
    if written is None or len(written) <= 10:
        return written or "", ""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return written[:10], ""
    if moment.tzinfo is not None:
        try:
            moment = moment.astimezone(UTC)
        except OverflowError:  # the first or the last day of the calendar
            moment = moment.replace(tzinfo=None)
    return moment.date().isoformat(), moment.time().isoformat()
