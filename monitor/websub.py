"""WebSub (W3C, 2018): hubs tell that a feed has changed, so that it is read at once and not at its next poll.

What a hub sends is never read: it only makes the source due, and the feed itself is polled as ever. So a hub that
lies can cost a conditional request, and nothing else.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from monitor.core.errors import MonitorError
from monitor.core.model import HubSubscription, SourceCursor, SourceRecord, SourceSpec
from monitor.core.ports import Clock, Store, Transaction, View
from monitor.core.tokens import make_token, read_token
from monitor.polling import Log

LEASE_S = 10 * 24 * 3600
"""The lease that is asked for; the hub decides."""

LEAST_LEASE_S, MOST_LEASE_S = 60, 30 * 24 * 3600
RENEW_AT = 0.8
"""The part of a lease after which it is renewed."""

LEAST_RENEWAL = timedelta(minutes=5)
VERIFY_WITHIN = timedelta(minutes=10)
MOST_WAIT = timedelta(days=1)
AT_ONCE = 50
SIDE_BY_SIDE = 8
WITHIN_S = 20.0


class HubClient(Protocol):
    """Sends forms to hubs, through the guard at every dial."""

    async def post_form(
        self, url: str, form: Mapping[str, str], *, now: datetime, allow_private: bool = False
    ) -> None:
        """Return when the hub took it; raise MonitorError otherwise."""
        ...


@dataclass(frozen=True, slots=True)
class _Step:
    """A subscription of a source that turns from `held` into `after`; None is none."""

    source_id: str
    held: HubSubscription | None
    after: HubSubscription | None
    allow_private: bool


@dataclass(kw_only=True)
class WebSub:
    """Subscribes, renews and unsubscribes, and judges what comes to the callbacks.

    `public_url` is None while WebSub is switched off: what is left of it is then unsubscribed once, and forgotten.
    """

    store: Store
    clock: Clock
    http: HubClient
    log: Log
    secret: str
    public_url: str | None
    _idle: bool = field(default=False, init=False)

    async def renew(self, sources: Sequence[SourceSpec]) -> None:
        """Ask hubs for what is due: new subscriptions, renewals, and the end of those not wanted any more."""
        if self._idle:
            return
        steps = await asyncio.to_thread(self._claim, sources)
        places = asyncio.Semaphore(SIDE_BY_SIDE)

        async def ask(step: _Step) -> None:
            async with places:
                await self._ask(step)

        try:
            # What does not end in time is asked again later, as what the hub never verified.
            async with asyncio.timeout(WITHIN_S):
                await asyncio.gather(*(ask(step) for step in steps))
        except TimeoutError:
            self.log.warning("hubs are slow to answer", action="subscribe", count=len(steps))

    def verify(self, token: str, mode: str, topic: str, lease_s: int) -> bool:
        """Confirm what was asked of a hub and waits for it; return whether that was so."""
        source_id = self._source_of(token)
        if source_id is None:
            return False
        now = self.clock()
        with self.store.begin() as tx:
            record = tx.source_record(source_id)
            push = record.push if record else None
            if record is None or push is None or (push.token, push.topic, push.asked) != (token, topic, mode):
                return False
            lease = timedelta(seconds=min(max(lease_s, LEAST_LEASE_S), MOST_LEASE_S))
            confirmed = replace(
                push,
                asked=None,
                tries=0,
                error=None,
                lease_until=now + lease,
                next_at=now + max(lease * RENEW_AT, LEAST_RENEWAL),
            )
            tx.save_source_record(replace(record, push=confirmed if mode == "subscribe" else None))
        self.log.info("confirmed by its hub", action=mode, source=source_id)
        return True

    def denied(self, token: str, topic: str, reason: str) -> bool:
        """Note that a hub ended or refused a subscription; return whether there is such a one."""
        source_id = self._source_of(token)
        if source_id is None:
            return False
        with self.store.begin() as tx:
            record = tx.source_record(source_id)
            push = record.push if record else None
            if record is None or push is None or (push.token, push.topic) != (token, topic):
                return False
            said = "denied: " + "".join(c if c.isprintable() else " " for c in reason[:300])
            ended = replace(push, asked=None, lease_until=None, error=said, next_at=self.clock() + MOST_WAIT)
            tx.save_source_record(replace(record, push=ended))
        return True

    def distributed(self, token: str) -> tuple[str, bytes] | None:
        """Return the source that a callback stands for, and the key that signs what comes to it."""
        source_id = self._source_of(token)
        if source_id is None:
            return None
        with self.store.read() as view:
            record = view.source_record(source_id)
        push = record.push if record else None
        if push is None or push.token != token or push.lease_until is None or push.asked == "unsubscribe":
            return None
        return source_id, self._key(token).encode()

    def _claim(self, sources: Sequence[SourceSpec]) -> list[_Step]:
        """Store what is about to be asked, before it is: hubs may verify before they answer."""
        now = self.clock()
        with self.store.read() as view:
            steps = self._steps(view, sources, now)[:AT_ONCE]
        if not steps:
            return []
        with self.store.begin() as tx:
            return [step for step in steps if _save(tx, step)]

    def _steps(self, view: View, sources: Sequence[SourceSpec], now: datetime) -> list[_Step]:
        held = {record.source_id: record.push for record in view.source_records() if record.push}
        wanted: dict[str, HubSubscription] = {}
        if self.public_url is not None:
            cursors = {cursor.source_id: cursor for cursor in view.cursors() if cursor.hub}
            wanted = {s.id: self._fresh(cursors[s.id]) for s in sources if s.id in cursors}
        self._idle = self.public_url is None and not held
        private = {source.id: source.allow_private for source in sources}
        found = (
            _Step(
                name,
                held.get(name),
                _next(held.get(name), wanted.get(name), now),
                private.get(name, False),
            )
            for name in {**held, **wanted}
        )
        return [step for step in found if step.after != step.held]

    def _fresh(self, cursor: SourceCursor) -> HubSubscription:
        hub, topic = cursor.hub or "", cursor.topic or ""
        mark = hashlib.sha256(f"{hub}\n{topic}".encode()).hexdigest()[:16]
        token = make_token(f"websub:{self.secret}", mark, cursor.source_id)
        callback = f"{(self.public_url or '').rstrip('/')}/websub/{token}"
        return HubSubscription(hub=hub, topic=topic, token=token, callback=callback)

    def _source_of(self, token: str) -> str | None:
        found = read_token(f"websub:{self.secret}", token)
        return found[1] if found else None

    def _key(self, token: str) -> str:
        """Return the subscription's secret: it is derived, so that the stored state holds none."""
        return hmac.new(f"websub-key:{self.secret}".encode(), token.encode(), hashlib.sha256).hexdigest()

    async def _ask(self, step: _Step) -> None:
        push = step.after
        if push is None:
            return
        form = {"hub.mode": push.asked or "", "hub.topic": push.topic, "hub.callback": push.callback}
        if push.asked == "subscribe":
            form |= {"hub.secret": self._key(push.token), "hub.lease_seconds": str(LEASE_S)}
        try:
            await self.http.post_form(push.hub, form, now=self.clock(), allow_private=step.allow_private)
        except MonitorError as error:
            self.log.warning(
                error.message,
                action=push.asked or "",
                source=step.source_id,
                place=push.hub,
                remedy=error.remedy,
            )
            await asyncio.to_thread(self._refused, step, error.message)

    def _refused(self, step: _Step, message: str) -> None:
        with self.store.begin() as tx:
            failed = replace(step.after, error=message[:300]) if step.after else None
            forgotten = failed is None or failed.asked == "unsubscribe"
            _save(tx, replace(step, held=step.after, after=None if forgotten else failed))


def _next(
    held: HubSubscription | None, wanted: HubSubscription | None, now: datetime
) -> HubSubscription | None:
    """Return what a subscription turns into; the same when nothing is due."""
    waits = held is not None and held.next_at is not None and now < held.next_at
    if wanted is None:
        if held is None or held.asked == "unsubscribe":
            return held if waits else None
        return replace(held, asked="unsubscribe", next_at=now + VERIFY_WITHIN, error=None)
    if held is None or held.asked == "unsubscribe" or held.callback != wanted.callback:
        held, waits = wanted, False
    if waits:
        return held
    wait = min(VERIFY_WITHIN * 2 ** min(held.tries, 10), MOST_WAIT)
    return replace(held, asked="subscribe", tries=held.tries + 1, next_at=now + wait)


def _save(tx: Transaction, step: _Step) -> bool:
    """Store a step unless the subscription has changed in the meantime; return whether it was stored."""
    record = tx.source_record(step.source_id) or SourceRecord(source_id=step.source_id)
    if record.push != step.held:
        return False
    tx.save_source_record(replace(record, push=step.after))
    return True
