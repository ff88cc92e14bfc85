"""When a source is read next. Pure: jitter comes from a hash of the source's id, not from chance."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.core.model import SourceCursor, SourceSpec

MAX_WAIT_S = 24 * 3600
MAX_BACKOFF_S = 7 * 24 * 3600
GONE_WAIT_S = 30 * 24 * 3600
_JITTER = 0.1


def jitter(source_id: str) -> float:
    """Return a number in [0, 1) that is always the same for the same source."""
    digest = hashlib.sha256(source_id.encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def wait_s(source: SourceSpec, hints: tuple[float, ...] = ()) -> float:
    """Return seconds to the next poll: the longest of the interval and what the server and feed ask for.

    Capped at 24 hours (a longer configured interval stands), and up to 10 % later so that sources that were
    added together do not stay together.
    """
    asked = min(max((0.0, *hints)), float(MAX_WAIT_S))
    return max(float(source.interval_s), asked) * (1 + _JITTER * jitter(source.id))


def backoff_s(source: SourceSpec, errors: int, retry_after: float = 0.0) -> float:
    """Return seconds to wait after `errors` failures in a row: doubling up to a week, never for good."""
    base = float(max(source.interval_s, 60)) * 2.0 ** min(max(errors - 1, 0), 20)
    bounded = max(min(base, float(MAX_BACKOFF_S)), min(retry_after, float(MAX_BACKOFF_S)))
    return bounded * (1 + _JITTER * jitter(source.id))


def succeeded(
    source: SourceSpec, cursor: SourceCursor, *, now: datetime, changed: bool, hints: tuple[float, ...] = ()
) -> SourceCursor:
    """Return the cursor after a reading that worked."""
    return replace(
        cursor,
        next_poll_at=now + timedelta(seconds=wait_s(source, hints)),
        last_success_at=now,
        last_change_at=now if changed else cursor.last_change_at,
        errors=0,
        last_error=None,
        gone=False,
    )


def failed(
    source: SourceSpec,
    cursor: SourceCursor,
    *,
    now: datetime,
    error: str,
    retry_after: float = 0.0,
    gone: bool = False,
) -> SourceCursor:
    """Return the cursor after a reading that failed; a source that is gone is looked at once a month."""
    errors = cursor.errors + 1
    wait = GONE_WAIT_S if gone else backoff_s(source, errors, retry_after)
    return replace(
        cursor, next_poll_at=now + timedelta(seconds=wait), errors=errors, last_error=error[:500], gone=gone
    )


def rest(cursor: SourceCursor, *, until: datetime) -> SourceCursor:
    """Return the cursor of a source that was not asked because its host rests; no failure of its own."""
    return replace(cursor, next_poll_at=until)
