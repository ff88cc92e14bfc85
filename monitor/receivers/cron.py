"""When a digest's cron line fires, on naive local time; the core makes instants of it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from cronsim import CronSim, CronSimError

from monitor.core.errors import ConfigError


def cron_time(line: str, day: date) -> time | None:
    """Return the first local time at which `line` fires on `day`, or None; ConfigError for a bad line."""
    start = datetime.combine(day, time.min)
    try:
        first: datetime = next(CronSim(line, start - timedelta(minutes=1)))
    except StopIteration:
        return None
    except CronSimError as error:
        remedy = 'write five fields, such as "30 7 * * 1-5"'
        raise ConfigError(f'"{line}" is no cron line: {error}', place="digests", remedy=remedy) from error
    return first.time() if first.date() == day else None
