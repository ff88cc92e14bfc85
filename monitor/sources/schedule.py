"""When a source is read next. Pure: jitter comes from a hash of the source's id, not from chance."""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from monitor.core.model import SourceCursor, SourceSpec

MAX_WAIT_S = 24 * 3600
MAX_BACKOFF_S = 7 * 24 * 3600
GONE_WAIT_S = 30 * 24 * 3600
GAPS = 20
"""How many times between two changes are remembered."""

RATE_DAYS = 7.0
_JITTER = 0.1


@lru_cache(maxsize=20_000)
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
    source: SourceSpec,
    cursor: SourceCursor,
    *,
    now: datetime,
    new: int,
    hints: tuple[float, ...] = (),
    memory: bytes | None = None,
) -> SourceCursor:
    """Return the cursor after a reading that worked and found `new` items or documents.

    Without `memory`, what the source held stays as it is stored.
    """
    changed = new > 0
    gaps = cursor.gaps_s
    if changed and cursor.last_change_at is not None:
        gaps = (*gaps, int((now - cursor.last_change_at).total_seconds()))[-GAPS:]
    # What a first reading finds is a backlog, and says nothing of what comes in a day.
    found = new if cursor.last_success_at is not None else 0
    return replace(
        cursor,
        next_poll_at=now + timedelta(seconds=wait_s(source, hints)),
        last_success_at=now,
        last_change_at=now if changed else cursor.last_change_at,
        gaps_s=gaps,
        items_a_day=_rate(cursor, now, found),
        errors=0,
        last_error=None,
        failing_since=None,
        gone=False,
        memory=memory,
    )


def _rate(cursor: SourceCursor, now: datetime, found: int) -> float:
    """Return items a day: a count that fades over a week, so that the newest days weigh most."""
    if cursor.last_success_at is None:
        return 0.0
    days = max((now - cursor.last_success_at).total_seconds(), 0.0) / 86400
    return cursor.items_a_day * math.exp(-days / RATE_DAYS) + found / RATE_DAYS


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
        cursor,
        next_poll_at=now + timedelta(seconds=wait),
        errors=errors,
        last_error=error[:500],
        failing_since=cursor.failing_since or now,
        gone=gone,
        memory=None,
    )


def rest(cursor: SourceCursor, *, until: datetime) -> SourceCursor:
    """Return the cursor of a source that was not asked because its host rests; no failure of its own."""
    return replace(cursor, next_poll_at=until)
