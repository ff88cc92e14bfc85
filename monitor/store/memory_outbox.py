"""The queue of messages in memory, and what belongs to telling; the twin of `sql_outbox`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TypeVar

from monitor.core.outgoing import DigestPeriod, OutboxEntry, Silence

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_WAITING = ("pending", "leased")


class MemoryOutboxView:
    """The values of telling, and the questions to them."""

    def __init__(self) -> None:
        super().__init__()
        self._outbox: dict[str, OutboxEntry] = {}
        self._pauses: dict[str, datetime] = {}
        self._digests: dict[tuple[str, date], DigestPeriod] = {}
        self._digest_items: dict[tuple[str, str], None] = {}
        self._last_digests: dict[str, DigestPeriod] = {}
        self._contents: dict[str, Mapping[str, object]] = {}
        self._unsubscribed: dict[tuple[str, str], datetime] = {}
        self._silences: dict[str, Silence] = {}

    def outbox(
        self,
        *,
        states: Sequence[str] = (),
        receivers: Sequence[str] = (),
        limit: int = 100,
    ) -> tuple[OutboxEntry, ...]:
        """Return outbox rows, newest first."""
        newest = (
            one
            for one in reversed(self._outbox.values())
            if (not states or one.state in states) and (not receivers or one.receiver in receivers)
        )
        return tuple(islice(newest, limit))

    def outbox_of(
        self, *, ids: Sequence[str] = (), development_ids: Sequence[str] = (), group_keys: Sequence[str] = ()
    ) -> tuple[OutboxEntry, ...]:
        """Return the rows with one of `ids`, those of developments, and the waiting and sent ones of groups.

        Of a group the rows that wait, and those of the last message sent to each of its recipients.
        """
        names, found_in, groups = frozenset(ids), frozenset(development_ids), frozenset(group_keys)
        last = {
            (o.group_key, o.receiver, o.recipient): o.id for o in self._outbox.values() if o.state == "sent"
        }
        return tuple(
            one
            for one in self._outbox.values()
            if one.id in names
            or one.development_id in found_in
            or (
                one.group_key in groups
                and (
                    one.state in _WAITING or last.get((one.group_key, one.receiver, one.recipient)) == one.id
                )
            )
        )

    def outbox_counts(self) -> dict[tuple[str, str], int]:
        """Return how many rows there are by (receiver, state)."""
        return dict(Counter((one.receiver, one.state) for one in self._outbox.values()))

    def due_receivers(self, now: datetime) -> tuple[str, ...]:
        """Return the receivers that have rows to claim, by name; paused ones among them."""
        times = ((one.receiver, _wake_at(one)) for one in self._outbox.values())
        return tuple(sorted({name for name, at in times if at is not None and at <= now}))

    def content(self, content_id: str) -> Mapping[str, object] | None:
        """Return what rows share by `payload["content"]`."""
        return self._contents.get(content_id)

    def unsubscribed(self) -> dict[tuple[str, str], datetime]:
        """Return since when which (list, recipient) wants no more."""
        return dict(self._unsubscribed)

    def told_in_digests(self, development_ids: Sequence[str]) -> frozenset[tuple[str, str]]:
        """Return the (subscription id, development id) that went out in digests."""
        wanted = frozenset(development_ids)
        return frozenset((name, one) for one, name in self._digest_items if one in wanted)

    def silences(self, now: datetime) -> tuple[Silence, ...]:
        """Return the silences that are in force, by start."""
        found = [one for one in self._silences.values() if one.starts_at <= now < one.ends_at]
        return tuple(sorted(found, key=lambda silence: (silence.starts_at, silence.id)))

    def last_digests(self) -> dict[str, DigestPeriod]:
        """Return the latest digest period of each subscription."""
        return dict(self._last_digests)

    def paused_until(self, receiver: str) -> datetime | None:
        """Return until when deliveries to a receiver rest."""
        return self._pauses.get(receiver)


class MemoryOutboxTransaction(MemoryOutboxView):
    """Changes of what belongs to telling; every write leaves a step on the undo list."""

    def __init__(self) -> None:
        super().__init__()
        self._undo: list[Callable[[], object]] = []

    def add_outbox(self, entries: Sequence[OutboxEntry]) -> None:
        """Queue messages; ids already queued are left as they are."""
        for one in entries:
            self._add(self._outbox, one.id, one)

    def claim_due(
        self, now: datetime, *, lease_s: float, limit: int, receiver: str | None = None
    ) -> tuple[OutboxEntry, ...]:
        """Lease due rows (pending, or leased with a lapsed lease), oldest first; skips paused receivers.

        A row waits for an earlier one of its receiver and recipient that is being sent or tried again.
        With `receiver` only its rows.
        """
        busy: set[tuple[str, str]] = set()
        found: list[OutboxEntry] = []
        for one in self._outbox.values():
            wake_at = _wake_at(one)
            lane = (one.receiver, one.recipient)
            if wake_at is None or lane in busy or receiver not in {None, one.receiver}:
                continue
            if wake_at > now:
                if one.state == "leased" or one.attempts:
                    busy.add(lane)
                continue
            resting = self._pauses.get(one.receiver)
            if len(found) < limit and (resting is None or resting <= now):
                found.append(replace(one, state="leased", lease_until=now + timedelta(seconds=lease_s)))
        for one in found:
            self._put(self._outbox, one.id, one)
        return tuple(found)

    def release(self, ids: Sequence[str], not_before: datetime) -> None:
        """Put leased rows back untried, due at `not_before`."""
        for one in self._rows(ids, ("leased",)):
            row = replace(one, state="pending", not_before=not_before, lease_until=None)
            self._put(self._outbox, one.id, row)

    def mark_sent(self, ids: Sequence[str], now: datetime) -> None:
        """Record that rows were delivered."""
        for one in self._rows(ids, (*_WAITING, "sent", "dead", "dropped")):
            self._put(
                self._outbox,
                one.id,
                replace(one, state="sent", sent_at=now, lease_until=None, last_error=None),
            )

    def mark_retry(self, ids: Sequence[str], not_before: datetime, error: str) -> None:
        """Put rows back, to be tried at `not_before`; counts an attempt. A row that was sent stays sent."""
        for one in self._rows(ids, _WAITING):
            row = replace(one, state="pending", not_before=not_before, lease_until=None, last_error=error)
            self._put(self._outbox, one.id, replace(row, attempts=one.attempts + 1))

    def mark_dead(self, ids: Sequence[str], error: str) -> None:
        """Give rows up; they stay visible and can be replayed. A row that was sent stays sent."""
        self._end(ids, "dead", error)

    def mark_dropped(self, ids: Sequence[str], reason: str) -> None:
        """Record that rows are not told (silenced, unsubscribed); they stay visible and can be replayed."""
        self._end(ids, "dropped", reason)

    def replay(self, ids: Sequence[str], now: datetime) -> int:
        """Make rows that were sent, given up or dropped due again; returns how many."""
        rows = self._rows(ids, ("dead", "sent", "dropped"))
        for one in rows:
            self._put(
                self._outbox, one.id, replace(one, state="pending", not_before=now, attempts=0, sent_at=None)
            )
        return len(rows)

    def pause(self, receiver: str, until: datetime) -> None:
        """Let all deliveries to a receiver rest; a time that has passed ends the rest."""
        self._put(self._pauses, receiver, until)

    def add_digest(self, period: DigestPeriod) -> bool:
        """Record a digest period; False when that subscription has one for that local date already."""
        name = period.subscription_id
        if not self._add(self._digests, (name, period.local_date), period):
            return False
        last = self._last_digests.get(name)
        if last is None or last.until <= period.until:
            self._put(self._last_digests, name, period)
        return True

    def add_digest_items(self, subscription_id: str, development_ids: Sequence[str]) -> None:
        """Record what a digest told."""
        for one in development_ids:
            self._add(self._digest_items, (one, subscription_id), None)

    def add_content(self, content_id: str, data: Mapping[str, object]) -> None:
        """Store what rows share; one that is there is left as it is."""
        self._add(self._contents, content_id, dict(data))

    def unsubscribe(self, list_id: str, recipient: str, at: datetime) -> bool:
        """Record that a recipient wants no more of a list; False when that is recorded already."""
        return self._add(self._unsubscribed, (list_id, recipient), at)

    def resubscribe(self, list_id: str, recipient: str) -> bool:
        """Take an unsubscription back; False when there is none."""
        if (list_id, recipient) not in self._unsubscribed:
            return False
        self._drop(self._unsubscribed, (list_id, recipient))
        return True

    def add_silence(self, silence: Silence) -> None:
        """Store or replace a silence."""
        self._put(self._silences, silence.id, silence)

    def _end(self, ids: Sequence[str], state: str, why: str) -> None:
        for one in self._rows(ids, _WAITING):
            self._put(self._outbox, one.id, replace(one, state=state, lease_until=None, last_error=why))

    def _rows(self, ids: Sequence[str], states: Sequence[str]) -> list[OutboxEntry]:
        found = (self._outbox.get(name) for name in dict.fromkeys(ids))
        return [one for one in found if one is not None and one.state in states]

    def _add(self, table: dict[K, V], key: K, value: V) -> bool:
        """Store a value under a new key; False when the key is there already."""
        if key in table:
            return False
        self._put(table, key, value)
        return True

    def _put(self, table: dict[K, V], key: K, value: V) -> None:
        if key in table:
            old = table[key]
            self._undo.append(lambda: table.__setitem__(key, old))
        else:
            self._undo.append(lambda: table.pop(key))
        table[key] = value

    def _drop(self, table: dict[K, V], key: K) -> None:
        rest = dict(table)

        def undo() -> None:
            table.clear()
            table.update(rest)

        self._undo.append(undo)
        del table[key]


def _wake_at(one: OutboxEntry) -> datetime | None:
    return {"pending": one.not_before, "leased": one.lease_until}.get(one.state)
