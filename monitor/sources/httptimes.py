"""What HTTP headers say about time, in seconds. Sources: RFC 9110 section 10.2.3, RFC 9111 section 5.2.2."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_MAX_S = 7 * 24 * 3600.0


def retry_after_s(value: str | None, now: datetime) -> float:
    """Return the seconds of a Retry-After header (a number or a date), 0 without, at most a week."""
    if not value:
        return 0.0
    if value.strip().isdecimal():
        return min(float(value.strip()[:12]), _MAX_S)
    return _until_s(value, now)


def max_age_s(cache_control: str | None, expires: str | None, now: datetime) -> float:
    """Return for how many seconds the answer stays fresh; 0 when the headers do not say."""
    directives = (cache_control or "").lower()
    if re.search(r"\bno-(?:cache|store)\b", directives):
        return 0.0
    match = re.search(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,12})", directives)
    if match:
        return min(float(match.group(1)), _MAX_S)
    return _until_s(expires, now) if expires else 0.0


def _until_s(value: str, now: datetime) -> float:
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when
    return min(max((when - now).total_seconds(), 0.0), _MAX_S)
