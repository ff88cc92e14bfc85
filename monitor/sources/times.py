"""Dates and times as documents, streams and feeds write them, as UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time


def parse_day(value: str) -> datetime | None:
    """Return midnight UTC of an ISO date, or None when it is no date."""
    try:
        return datetime.combine(date.fromisoformat(value), time(), tzinfo=UTC)
    except ValueError:
        return None


def parse_time(value: str) -> datetime | None:
    """Return the UTC time of an ISO date or an RFC 3339 time (without an offset: UTC), or None."""
    value = value.strip()
    if len(value) == 10:
        return parse_day(value)
    try:
        parsed = datetime.fromisoformat(value)
        if parsed.tzinfo is None:
            return parsed.replace(tzinfo=UTC)
        return parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
