"""Telling: due outbox rows are claimed, sent and marked; due digests are rendered and queued.

The promise is at-least-once with stable ids: claim, commit, send, commit. At most one duplicate per crash or
lost answer, which a receiver can tell by its id.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.core.digests import CronTime, DigestContent, digest_content, due_digests
from monitor.core.errors import DeliveryError
from monitor.core.model import (
    Development,
    DigestPeriod,
    EventSpec,
    KindSpec,
    OutboxEntry,
    Problem,
    Subscription,
    stable_id,
)
from monitor.core.ports import Clock, Receiver, Store

# Standard Webhooks' schedule: the wait in seconds after each failed try; then a message is given up.
RETRY_AFTER_S = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
LEASE_S = 300.0
BATCH = 200
SIDE_BY_SIDE = 8
_FOR_GOOD = timedelta(days=3650)

RenderDigest = Callable[[DigestContent, str], Mapping[str, str]]
"""Returns subject, text and html of a digest, with its times in the zone named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What one round of delivery did, in outbox rows, and what went wrong."""

    sent: int = 0
    retried: int = 0
    dead: int = 0
    problems: tuple[Problem, ...] = ()


async def deliver_due(
    store: Store, receivers: Mapping[str, Receiver], events: Sequence[EventSpec], *, clock: Clock
) -> Delivered:
    """Send what is due. Receivers work side by side, each on at most `SIDE_BY_SIDE` recipients at once.

    A target gets its messages in order.
    A row's receiver that is configured no more is given up with a clear error; it can be replayed.
    """
    with store.begin() as tx:
        rows = tx.claim_due(clock(), lease_s=LEASE_S, limit=BATCH)
    targets: dict[tuple[str, str], list[OutboxEntry]] = {}
    for row in rows:
        targets.setdefault((row.receiver, row.recipient), []).append(row)
    gates = {name: asyncio.Semaphore(SIDE_BY_SIDE) for name, _ in targets}

    async def deliver(name: str, recipient: str, queue: Sequence[OutboxEntry]) -> Delivered:
        async with gates[name]:
            return await _Target(store, receivers.get(name), events, clock).deliver(recipient, queue)

    done = await asyncio.gather(*(deliver(*target, queue) for target, queue in targets.items()))
    return Delivered(
        sent=sum(d.sent for d in done),
        retried=sum(d.retried for d in done),
        dead=sum(d.dead for d in done),
        problems=tuple(p for d in done for p in d.problems),
    )


def make_digests(
    store: Store,
    subscriptions: Sequence[Subscription],
    events: Sequence[EventSpec],
    kinds: Mapping[str, KindSpec],
    *,
    render: RenderDigest,
    now: datetime,
    cron_time: CronTime | None = None,
) -> int:
    """Queue the digests that are due, each in the transaction that records its period; return how many."""
    with store.read() as view:
        periods = due_digests(subscriptions, last=view.last_digests(), now=now, cron_time=cron_time)
    by_id = {s.id: s for s in subscriptions}
    return sum(
        _make_digest(store, by_id[p.subscription_id], p, events, kinds, render=render, now=now)
        for p in periods
    )


def _make_digest(
    store: Store,
    subscription: Subscription,
    period: DigestPeriod,
    events: Sequence[EventSpec],
    kinds: Mapping[str, KindSpec],
    *,
    render: RenderDigest,
    now: datetime,
) -> bool:
    with store.read() as view:
        developments = view.developments(
            event_ids=subscription.events, after=period.after, until=period.until
        )
    # A first period that holds nothing is no news: the subscription has only just begun.
    silent = not developments and (subscription.when_empty == "skip" or period.after is None)
    entries: tuple[OutboxEntry, ...] = ()
    if not silent:
        content = digest_content(period, developments, events, kinds)
        payload = dict(render(content, subscription.zone)) | {"developments": [d.id for d in developments]}
        entries = tuple(
            _digest_entry(subscription, period, who, payload, now) for who in subscription.recipients
        )
    with store.begin() as tx:
        if not tx.add_digest(period):
            return False
        tx.add_outbox(entries)
    return not silent


def _digest_entry(
    subscription: Subscription,
    period: DigestPeriod,
    recipient: str,
    payload: Mapping[str, object],
    now: datetime,
) -> OutboxEntry:
    return OutboxEntry(
        id=stable_id("o", "digest", subscription.id, period.local_date, recipient),
        type="digest",
        receiver=subscription.receiver,
        recipient=recipient,
        group_key=f"digest:{subscription.id}:{period.local_date}",
        not_before=now,
        created_at=now,
        payload=payload,
    )


class _Target:
    """One recipient of one receiver, whose messages keep their order."""

    def __init__(
        self, store: Store, receiver: Receiver | None, events: Sequence[EventSpec], clock: Clock
    ) -> None:
        self._store = store
        self._receiver = receiver
        self._events = events
        self._clock = clock

    async def deliver(self, recipient: str, queue: Sequence[OutboxEntry]) -> Delivered:
        """Send the messages; the first that must be tried again holds back those behind it."""
        sent = retried = dead = 0
        problems: list[Problem] = []
        for rows in _messages(queue):
            error = await self._try(recipient, rows)
            if error is None:
                sent += len(rows)
                continue
            problems.append(Problem(place=rows[0].receiver, message=str(error)))
            if self._settle(rows, error):
                dead += len(rows)
                if not error.pause_target:
                    continue
            else:
                retried += len(rows)
            break
        return Delivered(sent=sent, retried=retried, dead=dead, problems=tuple(problems))

    async def _try(self, recipient: str, rows: Sequence[OutboxEntry]) -> DeliveryError | None:
        if self._receiver is None:
            remedy = "configure it again and replay, or leave it"
            return DeliveryError(
                "there is no such receiver", place=rows[0].receiver, remedy=remedy, retry=False
            )
        developments = self._developments(rows)
        told = {d.event_id for d in developments}
        events = [e for e in self._events if e.id in told]
        try:
            await self._receiver.send(recipient, rows, developments, events)
        except DeliveryError as error:
            return error
        except Exception as error:  # noqa: BLE001  a receiver's defect must not stop the others
            return DeliveryError(
                f"defect: {type(error).__name__}: {error}", place=rows[0].receiver, retry=True
            )
        with self._store.begin() as tx:
            tx.mark_sent([r.id for r in rows], self._clock())
        return None

    def _developments(self, rows: Sequence[OutboxEntry]) -> tuple[Development, ...]:
        ids = [r.development_id for r in rows if r.development_id]
        for row in rows:
            carried = row.payload.get("developments")
            ids.extend(str(i) for i in carried) if isinstance(carried, list | tuple) else None
        if not ids:
            return ()
        with self._store.read() as view:
            return view.developments(ids=ids)

    def _settle(self, rows: Sequence[OutboxEntry], error: DeliveryError) -> bool:
        """Put rows back or give them up; return whether they were given up."""
        now, tries = self._clock(), max(r.attempts for r in rows)
        over = not error.retry or tries >= len(RETRY_AFTER_S)
        wait = 0.0 if over else max(_jittered(rows[0].id, RETRY_AFTER_S[tries]), error.retry_after or 0.0)
        with self._store.begin() as tx:
            if over:
                tx.mark_dead([r.id for r in rows], str(error))
            else:
                tx.mark_retry([r.id for r in rows], now + timedelta(seconds=wait), str(error))
            if error.pause_target:
                rest = timedelta(seconds=error.retry_after or wait) if error.retry else _FOR_GOOD
                tx.pause(rows[0].receiver, now + rest)
        return over


def _messages(queue: Sequence[OutboxEntry]) -> list[list[OutboxEntry]]:
    """Put alerts of one group into one message; a digest stays alone, and those tried together together."""
    messages: dict[tuple[object, ...], list[OutboxEntry]] = {}
    for row in queue:
        tried = (row.attempts, row.not_before) if row.attempts else ()
        key = (row.id,) if row.type == "digest" else (row.group_key, *tried)
        messages.setdefault(key, []).append(row)
    return list(messages.values())


def _jittered(key: str, seconds: float) -> float:
    """Spread retries over a fifth of their wait, by id, so that targets do not all come back at once."""
    return seconds * (1 + int(stable_id("", key), 16) % 1000 / 5000)
