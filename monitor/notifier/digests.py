"""Due digests are cut, rendered and queued, each in the one transaction that records its period."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from monitor.core.digests import CronTime, DigestContent, belongs, digest_content, due_digests
from monitor.core.errors import UsageError
from monitor.core.model import (
    Development,
    EventSpec,
    stable_id,
)
from monitor.core.outgoing import DigestPeriod, OutboxEntry, Subscription
from monitor.core.policy import KindSpec
from monitor.core.ports import Store, Transaction, View
from monitor.core.routing import DIGEST

RenderDigest = Callable[[DigestContent, str], Mapping[str, str]]
"""Returns subject, text and html of a digest, with its times in the zone named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDigest:
    """A digest that is due: what it tells to whom. Silent ones are recorded and not sent."""

    subscription: Subscription
    period: DigestPeriod
    recipients: tuple[str, ...]
    developments: tuple[Development, ...]

    @property
    def silent(self) -> bool:
        """Say whether there is nothing to send: a first period that holds nothing is no news either."""
        return not self.developments and (self.subscription.when_empty == "skip" or self.period.after is None)


def digest_list(subscription_id: str) -> str:
    """Return the list from which a recipient of a digest unsubscribes."""
    return f"digest:{subscription_id}"


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
    """Queue the digests that are due; return how many."""
    with store.read() as view:
        periods = due_digests(subscriptions, last=view.last_digests(), now=now, cron_time=cron_time)
    by_id = {s.id: s for s in subscriptions}
    made = 0
    for period in periods:
        # One transaction reads what was found, renders it and moves the cutoff: an ingest commits either
        # before it, and is told, or after it, and then what it found is dated after the cutoff.
        with store.begin() as tx:
            due = _due(tx, by_id[period.subscription_id], period, kinds)
            made += _queue(tx, due, events, kinds, render=render, now=now)
    return made


def due_now(
    view: View,
    subscriptions: Sequence[Subscription],
    kinds: Mapping[str, KindSpec],
    *,
    now: datetime,
    cron_time: CronTime | None = None,
) -> tuple[DueDigest, ...]:
    """Return the digests that are due, and change nothing."""
    by_id = {s.id: s for s in subscriptions}
    periods = due_digests(subscriptions, last=view.last_digests(), now=now, cron_time=cron_time)
    return tuple(_due(view, by_id[p.subscription_id], p, kinds) for p in periods)


def digest_developments(
    view: View, subscription: Subscription, period: DigestPeriod, kinds: Mapping[str, KindSpec]
) -> tuple[Development, ...]:
    """Return what a digest tells: what its subscription wants, and corrections of what it told before."""
    found = view.developments(after=period.after, until=period.until)
    moved = [d.previous.id for d in found if d.previous is not None]
    told = view.told_in_digests(moved) if moved else frozenset()
    kept: list[Development] = []
    for development in found:
        if belongs(subscription, development, kinds, told):
            kept.append(development)
            # What this very digest tells can be corrected in it too.
            told |= {(subscription.id, development.id)}
    return tuple(kept)


def resend_digest(
    tx: Transaction,
    subscription: Subscription,
    local_date: date,
    *,
    recipients: Sequence[str],
    now: datetime,
) -> int:
    """Queue the stored digest of a local date once more, as it was rendered; return to how many.

    Raises UsageError when there is none. The new messages have ids of their own.
    """
    content_id = _content_id(subscription.id, local_date)
    if tx.content(content_id) is None:
        raise UsageError(
            f'the digest "{subscription.id}" of {local_date} was not sent',
            place="digest resend",
            remedy="see `monitor digest list`, or use `monitor digest preview`",
        )
    tx.add_outbox([_entry(subscription, local_date, who, now, again=now.isoformat()) for who in recipients])
    return len(recipients)


def _due(
    view: View, subscription: Subscription, period: DigestPeriod, kinds: Mapping[str, KindSpec]
) -> DueDigest:
    gone = view.unsubscribed()
    return DueDigest(
        subscription=subscription,
        period=period,
        recipients=tuple(r for r in subscription.recipients if (digest_list(subscription.id), r) not in gone),
        developments=digest_developments(view, subscription, period, kinds),
    )


def _queue(
    tx: Transaction,
    due: DueDigest,
    events: Sequence[EventSpec],
    kinds: Mapping[str, KindSpec],
    *,
    render: RenderDigest,
    now: datetime,
) -> bool:
    if not tx.add_digest(due.period):
        return False
    if due.silent:
        return False
    ids = [d.id for d in due.developments]
    content = digest_content(due.period, due.developments, events, kinds)
    payload = dict(render(content, due.subscription.zone)) | {"developments": ids}
    day = due.period.local_date
    tx.add_content(_content_id(due.subscription.id, day), payload)
    tx.add_digest_items(due.subscription.id, ids)
    tx.add_outbox([_entry(due.subscription, day, who, now) for who in due.recipients])
    return True


def _content_id(subscription_id: str, local_date: date) -> str:
    return f"{digest_list(subscription_id)}:{local_date}"


def _entry(
    subscription: Subscription, local_date: date, recipient: str, now: datetime, *, again: str | None = None
) -> OutboxEntry:
    marks = (again,) if again else ()
    return OutboxEntry(
        id=stable_id("o", "digest", subscription.id, local_date, recipient, *marks),
        type=DIGEST,
        receiver=subscription.receiver,
        recipient=recipient,
        group_key=_content_id(subscription.id, local_date),
        not_before=now,
        created_at=now,
        payload={"content": _content_id(subscription.id, local_date)},
    )
