"""How reading of a source goes, judged from its cursor, and how people are told. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.core.model import SourceCursor, SourceRecord, SourceSpec

FAILURES = 3
"""Readings that fail one after the other before somebody is told: sites have bad hours."""

SILENCE_LEAST = timedelta(days=1)
_GAPS_LEAST = 5
_SILENCE_FACTOR = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A source whose trouble (None: none) is another than the one that was told last."""

    source: SourceSpec
    cursor: SourceCursor
    before: str | None
    now: str | None


def usual_gap(cursor: SourceCursor) -> timedelta | None:
    """Return the time within which nine of ten changes came; None before that can be said."""
    if len(cursor.gaps_s) < _GAPS_LEAST:
        return None
    return timedelta(seconds=sorted(cursor.gaps_s)[len(cursor.gaps_s) * 9 // 10])


def trouble(cursor: SourceCursor, now: datetime) -> str | None:
    """Return "gone", "failing" or "silent" (it is read, but nothing came for far longer than usual), or None."""
    if cursor.gone:
        return "gone"
    if cursor.errors:
        return "failing" if cursor.errors >= FAILURES else None
    usual = usual_gap(cursor)
    if usual is None or cursor.last_change_at is None:
        return None
    silence = now - cursor.last_change_at
    return "silent" if silence > max(_SILENCE_FACTOR * usual, SILENCE_LEAST) else None


def turns(
    sources: Sequence[SourceSpec],
    cursors: Sequence[SourceCursor],
    records: Sequence[SourceRecord],
    now: datetime,
) -> tuple[Turn, ...]:
    """Return the sources of which somebody must be told something; one that fails has not recovered."""
    by_id = {cursor.source_id: cursor for cursor in cursors}
    told = {record.source_id: record.told for record in records}
    found = []
    for source in sources:
        cursor = by_id.get(source.id)
        if cursor is None:
            continue
        before, after = told.get(source.id), trouble(cursor, now)
        if after != before and not (after is None and cursor.errors):
            found.append(Turn(source=source, cursor=cursor, before=before, now=after))
    return tuple(found)


def notice(found: Sequence[Turn], now: datetime) -> tuple[str, str]:
    """Return subject and text that tell of `found`."""
    bad = [turn for turn in found if turn.now]
    good = [turn for turn in found if not turn.now]
    parts = [
        f"{_count(bad)} {'needs' if len(bad) == 1 else 'need'} a look" if bad else "",
        f"{_count(good)} {'works' if len(good) == 1 else 'work'} again" if good else "",
    ]
    lines = [f"{turn.source.id}: {_words(turn, now)}\n  {turn.source.location}" for turn in (*bad, *good)]
    hint = "`monitor feeds list` shows all sources, `monitor feeds test NAME` reads one."
    return "; ".join(part for part in parts if part), "\n".join([*lines, "", hint])


def state_words(cursor: SourceCursor, record: SourceRecord | None, now: datetime) -> str:
    """Return a source's state for a table."""
    if record is not None and record.paused_at:
        return "paused"
    found = trouble(cursor, now)
    if found:
        return found
    if cursor.errors:
        return "trying again"
    return "ok" if cursor.last_success_at else "not read yet"


def remarks(cursor: SourceCursor, now: datetime) -> tuple[str, ...]:
    """Return what else is to be said: the last error, a silence, a clock that is off."""
    found = []
    if cursor.errors:
        times = f"{cursor.errors} failures since" if cursor.errors > 1 else "failed at"
        found.append(f"{times} {_day(cursor.failing_since)}: {cursor.last_error}")
    elif trouble(cursor, now) == "silent":
        found.append(_silence(cursor, now))
    if cursor.skew_s:
        hours = abs(cursor.skew_s) // 3600
        side = "early" if cursor.skew_s > 0 else "late"
        found.append(f"its stamps are {hours} h {side}, corrected")
    return tuple(found)


def _words(turn: Turn, now: datetime) -> str:
    cursor = turn.cursor
    if turn.now == "gone":
        return f"the site says that it is gone for good ({cursor.last_error})"
    if turn.now == "failing":
        return f"cannot be read since {_day(cursor.failing_since)}: {cursor.last_error}"
    if turn.now == "silent":
        return _silence(cursor, now)
    return {"silent": "brings something new again"}.get(turn.before or "", "can be read again")


def _silence(cursor: SourceCursor, now: datetime) -> str:
    usual = usual_gap(cursor)
    silence = now - cursor.last_change_at if cursor.last_change_at else timedelta()
    return f"nothing new for {span(silence)}; usually at most {span(usual or timedelta())}"


def span(time: timedelta) -> str:
    """Return a time span in its largest fitting unit: "3 d", "5 h", "20 min"."""
    seconds = int(time.total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size or (unit == "min" and seconds >= size):
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _count(found: Sequence[Turn]) -> str:
    return f"{len(found)} source{'' if len(found) == 1 else 's'}"


def _day(when: datetime | None) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC" if when else "an unknown time"
