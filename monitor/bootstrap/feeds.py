"""Sources that are added, paused and listed by command.

They are kept in the stored state and not written into the configuration: a daemon follows them without a restart,
a container's configuration stays read-only, and a file that people wrote is theirs. What needs a secret (headers, a
token) stands in the configuration only.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from monitor.bootstrap.plan import Plan
from monitor.bootstrap.state import reading, writing
from monitor.core.errors import StoreError, UsageError
from monitor.core.model import Fetched, Problem, SourceCursor, SourceRecord, SourceSpec
from monitor.core.ports import SOURCES_CHANGED, Transaction
from monitor.lanes import Lanes, Turn, host_of
from monitor.sources import Sources
from monitor.sources.http import HttpClient
from monitor.sources.opml import Subscription

SIDE_BY_SIDE = 100
CHECK_S = 20.0
CHECK_ALL_S = 55.0
"""A check of many feeds is over within a minute; the daemon is more patient."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A source with what is known of it; `added` when it came by command."""

    source: SourceSpec
    cursor: SourceCursor
    record: SourceRecord
    added: bool


def list_sources(plan: Plan) -> tuple[Listed, ...]:
    """Return the configured sources and those added by command, in this order."""
    with reading(plan.config) as view:
        cursors = {cursor.source_id: cursor for cursor in view.cursors()}
        records = {record.source_id: record for record in view.source_records()}
    configured = {source.id for source in plan.sources}
    added = [r.spec for r in records.values() if r.spec and r.source_id not in configured]
    return tuple(
        Listed(
            source=source,
            cursor=cursors.get(source.id) or SourceCursor(source_id=source.id),
            record=records.get(source.id) or SourceRecord(source_id=source.id),
            added=source.id not in configured,
        )
        for source in (*plan.sources, *added)
    )


def known_sources(plan: Plan) -> tuple[SourceSpec, ...]:
    """Return all sources, also where there is no state yet."""
    try:
        return tuple(listed.source for listed in list_sources(plan))
    except StoreError:
        return plan.sources


def add_sources(
    plan: Plan, specs: Sequence[SourceSpec], *, now: datetime, failed: Sequence[SourceCursor] = ()
) -> tuple[SourceSpec, ...]:
    """Add what is not there yet; return what was added. Raises UsageError for a name that is taken.

    `failed` are outcomes of a check just made: they are shown at once, and a site that asked for rest gets it.
    """
    known = {listed.source.id: listed.source for listed in list_sources(plan)}
    locations = {source.location for source in known.values()}
    fresh = [spec for spec in specs if spec.location not in locations]
    for spec in fresh:
        if spec.id in known:
            raise UsageError(
                f'the name "{spec.id}" is taken by {known[spec.id].location}',
                place="feeds add",
                remedy="choose another one with --id",
            )
    with writing(plan.config) as tx:
        for spec in fresh:
            tx.save_source_record(SourceRecord(source_id=spec.id, spec=spec, added_at=now))
        names = {spec.id for spec in fresh}
        tx.save_cursors([cursor for cursor in failed if cursor.source_id in names])
        _changed(tx, now)
    return tuple(fresh)


def remove_sources(plan: Plan, names: Sequence[str], *, now: datetime) -> None:
    """Remove sources that were added by command; their documents and facts stay."""
    for name in names:
        if not _named(plan, name).added:
            raise UsageError(
                f'"{name}" stands in the configuration',
                place="feeds remove",
                remedy="remove it there, or use `monitor feeds pause`",
            )
    with writing(plan.config) as tx:
        for name in names:
            tx.remove_source(name)
        _changed(tx, now)


def pause_sources(plan: Plan, names: Sequence[str], *, now: datetime, paused: bool) -> None:
    """Pause sources or resume them, configured ones too."""
    for name in names:
        _named(plan, name)
    with writing(plan.config) as tx:
        records = {record.source_id: record for record in tx.source_records()}
        for name in names:
            record = records.get(name, SourceRecord(source_id=name))
            tx.save_source_record(replace(record, paused_at=now if paused else None))
        _changed(tx, now)


def subscriptions_to_specs(
    plan: Plan, found: Iterable[Subscription], **options: object
) -> tuple[SourceSpec, ...]:
    """Return specs for the feeds of an OPML file that are not there yet, each with a name of its own."""
    known = known_sources(plan)
    locations = {source.location for source in known}
    taken = {source.id for source in known}
    specs = []
    for subscription in found:
        if subscription.url in locations:
            continue
        name = name_for(subscription.title, taken)
        taken.add(name)
        spec = SourceSpec(id=name, type="feed", location=subscription.url)
        specs.append(replace(spec, **options))  # type: ignore[arg-type]
    return tuple(specs)


def name_for(title: str, taken: Iterable[str]) -> str:
    """Return a short name made of a title, with a number where it is taken."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", re.sub(r"^https?://(?:www\.)?", "", plain)).strip("-")[:56].strip("-")
    base = base or "feed"
    names = set(taken)
    return next(name for n in range(1, 10**6) if (name := base if n == 1 else f"{base}-{n}") not in names)


async def check_sources(
    specs: Sequence[SourceSpec],
    *,
    now: datetime,
    http: HttpClient | None = None,
    proxy: str | None = None,
    within_s: float = CHECK_ALL_S,
) -> AsyncIterator[tuple[SourceSpec, Fetched]]:
    """Yield each source with what reading it brought, as they come; nothing is stored.

    Those that have not answered after `within_s` seconds are yielded as failed.
    """
    end = asyncio.get_running_loop().time() + within_s
    by_id = {spec.id: spec for spec in specs}
    lanes = Lanes(SIDE_BY_SIDE)
    for spec in specs:
        lanes.join(Turn(spec.id, 0, host_of(spec)))
    reading: dict[asyncio.Task[Fetched], Turn] = {}
    client = http or HttpClient(timeout_s=CHECK_S, proxy=proxy)
    async with Sources(base_dir=Path("/"), http=client) as sources:
        while True:
            for turn in lanes.take():
                fetch = sources.fetch(by_id[turn.source_id], SourceCursor(source_id=turn.source_id), now=now)
                reading[asyncio.create_task(fetch)] = turn
            left = max(0.0, end - asyncio.get_running_loop().time())
            if not reading or not left:
                break
            done, _ = await asyncio.wait(reading, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                turn = reading.pop(task)
                lanes.done(turn)
                yield by_id[turn.source_id], task.result()
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
        for turn in reading.values():
            yield by_id[turn.source_id], _unanswered(by_id[turn.source_id], within_s)
        for turn in lanes:
            yield by_id[turn.source_id], _unasked(by_id[turn.source_id], within_s)


def _unanswered(spec: SourceSpec, within_s: float) -> Fetched:
    message = f"no answer within the {within_s:g} seconds of this check"
    problem = Problem(place=spec.location, message=message, remedy="the daemon goes on trying")
    return Fetched(cursor=SourceCursor(source_id=spec.id, errors=1, last_error=message), problems=(problem,))


def _unasked(spec: SourceSpec, within_s: float) -> Fetched:
    """Return the outcome of a source that is behind others of its host, which is no failure."""
    message = f"it was not asked within the {within_s:g} seconds of this check: one feed of a host at a time"
    problem = Problem(place=spec.location, message=message, remedy="the daemon asks it later")
    return Fetched(cursor=SourceCursor(source_id=spec.id), problems=(problem,))


def _named(plan: Plan, name: str) -> Listed:
    for listed in list_sources(plan):
        if listed.source.id == name:
            return listed
    raise UsageError(f'there is no source "{name}"', place="feeds", remedy="see `monitor feeds list`")


def _changed(tx: Transaction, now: datetime) -> None:
    """Let a running daemon know at its next tick."""
    tx.set_meta(SOURCES_CHANGED, now.isoformat())
