"""The time as state.db writes it: ISO 8601 in UTC, whole seconds, so that texts sort as times do."""

from datetime import UTC, datetime, timedelta


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """Return `moment`, which knows its zone, as `2021-09-10T09:30:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def after(moment: datetime, lifetime: timedelta) -> str:
    """Return the end of `lifetime` from `moment` on; one beyond the calendar ends with the calendar."""
    try:
        return iso(moment + lifetime)
    except OverflowError:
        return iso(datetime.max.replace(tzinfo=UTC))
