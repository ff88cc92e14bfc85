"""Local times as instants: through daylight saving, in every zone of the tz database."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitor.core.errors import ConfigError


def zone_named(name: str, *, place: str) -> ZoneInfo:
    """Return the time zone; raise ConfigError when the tz database has none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(
            f'unknown time zone "{name}"',
            place=place,
            remedy='write a name of the tz database such as "Europe/Berlin"',
        ) from error


def local_instant(day: date, at: time, zone: ZoneInfo) -> datetime | None:
    """Return the UTC instant that stands for local `at` on `day`, or None where the zone skips that date.

    A time that the clock jumps over is taken just after the jump, one that comes twice at its first coming.
    """
    for fold in (0, 1):
        instant = datetime.combine(day, at, tzinfo=zone).replace(fold=fold).astimezone(UTC)
        if instant.astimezone(zone).date() == day:
            return instant
    return None


def span_end(moment: datetime, *, start: time, end: time, zone: ZoneInfo, days: tuple[int, ...]) -> datetime:
    """Return when the daily span that `moment` lies in ends; `moment` itself when it lies in none.

    A span from `start` to an `end` that is not later ends on the next day.
    """
    today = moment.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        if day.weekday() not in days:
            continue
        begins = local_instant(day, start, zone)
        ends = local_instant(day if end > start else day + timedelta(days=1), end, zone)
        if begins is not None and ends is not None and begins <= moment < ends:
            return ends
    return moment
