"""The queue of messages in the database, and what belongs to telling: digests, contents, silences, lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, delete, desc, exists, func, insert, or_, select, update

from monitor.core.outgoing import DigestPeriod, OutboxEntry, Silence
from monitor.store import tables as t
from monitor.store.codec import dumps, key_of, loads
from monitor.store.sql_base import SqlBase, chunks

_CLAIMING = key_of("monitor", "claim_due")
_COPIED = tuple(c.name for c in t.outbox.c if c.name not in {"seq", "lane", "payload", "wake_at"})


class OutboxView(SqlBase):
    """Questions about telling."""

    def outbox(
        self,
        *,
        states: Sequence[str] = (),
        receivers: Sequence[str] = (),
        limit: int = 100,
    ) -> tuple[OutboxEntry, ...]:
        """Return outbox rows, newest first."""
        query = select(t.outbox).order_by(desc(t.outbox.c.seq)).limit(limit)
        if states:
            query = query.where(t.outbox.c.state.in_(list(states)))
        if receivers:
            query = query.where(t.outbox.c.receiver.in_(list(receivers)))
        return tuple(entry(row) for row in self._connection.execute(query))

    def outbox_of(
        self, *, ids: Sequence[str] = (), development_ids: Sequence[str] = (), group_keys: Sequence[str] = ()
    ) -> tuple[OutboxEntry, ...]:
        """Return the rows with one of `ids`, those of developments, and the waiting and sent ones of groups.

        Of a group the rows that wait, and those of the last message sent to each of its recipients.
        """
        rows = t.outbox.c
        queries = [select(t.outbox).where(rows.id.in_(part)) for part in chunks(ids)]
        queries += [select(t.outbox).where(rows.development_id.in_(part)) for part in chunks(development_ids)]
        for part in chunks(group_keys):
            mine = rows.group_key.in_(part)
            queries.append(select(t.outbox).where(mine, rows.state.in_(["pending", "leased"])))
            newest = (
                select(func.max(rows.seq))
                .where(mine, rows.state == "sent")
                .group_by(rows.group_key, rows.receiver, rows.recipient)
            )
            queries.append(select(t.outbox).where(rows.seq.in_(newest)))
        found = {row.seq: row for query in queries for row in self._connection.execute(query)}
        return tuple(entry(found[seq]) for seq in sorted(found))

    def outbox_counts(self) -> dict[tuple[str, str], int]:
        """Return how many rows there are by (receiver, state)."""
        rows = t.outbox.c
        query = select(rows.receiver, rows.state, func.count()).group_by(rows.receiver, rows.state)
        return {(receiver, state): count for receiver, state, count in self._connection.execute(query)}

    def due_receivers(self, now: datetime) -> tuple[str, ...]:
        """Return the receivers that have rows to claim, by name; paused ones among them."""
        query = select(t.outbox.c.receiver).where(t.outbox.c.wake_at <= now).distinct()
        return tuple(sorted(self._connection.scalars(query)))

    def content(self, content_id: str) -> Mapping[str, object] | None:
        """Return what rows share by `payload["content"]`."""
        data = self._connection.scalar(select(t.contents.c.data).where(t.contents.c.id == content_id))
        return loads(dict, data) if data else None

    def unsubscribed(self) -> dict[tuple[str, str], datetime]:
        """Return since when which (list, recipient) wants no more."""
        rows = self._connection.execute(select(t.unsubscribed))
        return {(list_id, recipient): at for list_id, recipient, at in rows}

    def told_in_digests(self, development_ids: Sequence[str]) -> frozenset[tuple[str, str]]:
        """Return the (subscription id, development id) that went out in digests."""
        rows = t.digest_items.c
        return frozenset(
            (subscription_id, development_id)
            for part in chunks(development_ids)
            for development_id, subscription_id in self._connection.execute(
                select(rows.development_id, rows.subscription_id).where(rows.development_id.in_(part))
            )
        )

    def silences(self, now: datetime) -> tuple[Silence, ...]:
        """Return the silences that are in force, by start."""
        rows = t.silences.c
        query = select(rows.data).where(rows.ends_at > now, rows.starts_at <= now)
        found = [loads(Silence, data) for data in self._connection.scalars(query)]
        return tuple(sorted(found, key=lambda silence: (silence.starts_at, silence.id)))

    def last_digests(self) -> dict[str, DigestPeriod]:
        """Return the latest digest period of each subscription."""
        rows = self._connection.execute(select(t.last_digests))
        return {
            name: DigestPeriod(subscription_id=name, local_date=day, after=after, until=until)
            for name, day, after, until in rows
        }

    def paused_until(self, receiver: str) -> datetime | None:
        """Return until when deliveries to a receiver rest."""
        pauses = t.pauses.c
        return self._connection.scalar(select(pauses.until_at).where(pauses.receiver == receiver))


class OutboxTransaction(OutboxView):
    """Changes of what belongs to telling."""

    def add_outbox(self, entries: Sequence[OutboxEntry]) -> None:
        """Queue messages; ids already queued are left as they are."""
        self._add(
            t.outbox,
            [
                {name: getattr(item, name) for name in _COPIED}
                | {
                    "lane": key_of(item.receiver, item.recipient),
                    "payload": dumps(dict(item.payload)),
                    "wake_at": {"pending": item.not_before, "leased": item.lease_until}.get(item.state),
                }
                for item in entries
            ],
        )

    def claim_due(
        self, now: datetime, *, lease_s: float, limit: int, receiver: str | None = None
    ) -> tuple[OutboxEntry, ...]:
        """Lease due rows (pending, or leased with a lapsed lease), oldest first; skips paused receivers.

        A row waits for an earlier one of its receiver and recipient that is being sent or tried again.
        With `receiver` only its rows.
        """
        if self._connection.dialect.name == "postgresql":
            # Two claimers at once would each see the other's rows as free, and break the order.
            self._connection.execute(select(func.pg_advisory_xact_lock(_CLAIMING)))
        rows = t.outbox.c
        waiting = (
            select(rows.lane, func.min(rows.seq).label("seq"))
            .where(rows.wake_at > now, or_(rows.state == "leased", rows.attempts > 0))
            .group_by(rows.lane)
            .cte("waiting")
        )
        pauses = t.pauses.c
        paused = exists().where(pauses.receiver == rows.receiver, pauses.until_at > now)
        free = or_(waiting.c.seq.is_(None), rows.seq < waiting.c.seq)
        mine = [] if receiver is None else [rows.receiver == receiver]
        # The + 0 keeps the planner from walking all that was ever sent in the order of `seq`.
        due = (
            select(t.outbox)
            .join_from(t.outbox, waiting, waiting.c.lane == rows.lane, isouter=True)
            .where(rows.wake_at <= now, ~paused, free, *mine)
            .order_by(rows.seq + 0)
            .limit(limit)
        )
        ids = [row.id for row in self._connection.execute(due)]
        until = now + timedelta(seconds=lease_s)
        self._mark(ids, state="leased", lease_until=until, wake_at=until)
        found = [
            row
            for part in chunks(ids)
            for row in self._connection.execute(select(t.outbox).where(rows.id.in_(part)))
        ]
        return tuple(entry(row) for row in sorted(found, key=lambda row: row.seq))

    def release(self, ids: Sequence[str], not_before: datetime) -> None:
        """Put leased rows back untried, due at `not_before`."""
        self._mark(
            ids,
            states=("leased",),
            state="pending",
            not_before=not_before,
            wake_at=not_before,
            lease_until=None,
        )

    def mark_sent(self, ids: Sequence[str], now: datetime) -> None:
        """Record that rows were delivered."""
        self._mark(ids, state="sent", sent_at=now, lease_until=None, wake_at=None, last_error=None)

    def mark_retry(self, ids: Sequence[str], not_before: datetime, error: str) -> None:
        """Put rows back, to be tried at `not_before`; counts an attempt. A row that was sent stays sent."""
        self._mark(
            ids,
            states=("pending", "leased"),
            state="pending",
            not_before=not_before,
            wake_at=not_before,
            lease_until=None,
            last_error=error,
            attempts=t.outbox.c.attempts + 1,
        )

    def mark_dead(self, ids: Sequence[str], error: str) -> None:
        """Give rows up; they stay visible and can be replayed. A row that was sent stays sent."""
        self._end(ids, "dead", error)

    def mark_dropped(self, ids: Sequence[str], reason: str) -> None:
        """Record that rows are not told (silenced, unsubscribed); they stay visible and can be replayed."""
        self._end(ids, "dropped", reason)

    def replay(self, ids: Sequence[str], now: datetime) -> int:
        """Make rows that were sent, given up or dropped due again; returns how many."""
        return self._mark(
            ids,
            states=("dead", "sent", "dropped"),
            state="pending",
            not_before=now,
            wake_at=now,
            attempts=0,
            sent_at=None,
        )

    def pause(self, receiver: str, until: datetime) -> None:
        """Let all deliveries to a receiver rest; a time that has passed ends the rest."""
        self._upsert(t.pauses, [{"receiver": receiver, "until_at": until}], key=("receiver",))

    def add_digest(self, period: DigestPeriod) -> bool:
        """Record a digest period; False when that subscription has one for that local date already."""
        row = {
            "subscription_id": period.subscription_id,
            "local_date": period.local_date,
            "after_at": period.after,
            "until_at": period.until,
        }
        new_row = self._insert(t.digests).on_conflict_do_nothing().returning(t.digests.c.local_date)
        if self._connection.scalar(new_row, row) is None:
            return False
        statement = self._insert(t.last_digests)
        new = statement.excluded
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["subscription_id"],
                set_={"local_date": new.local_date, "after_at": new.after_at, "until_at": new.until_at},
                where=t.last_digests.c.until_at <= new.until_at,
            ),
            row,
        )
        return True

    def add_digest_items(self, subscription_id: str, development_ids: Sequence[str]) -> None:
        """Record what a digest told."""
        rows = [{"development_id": d, "subscription_id": subscription_id} for d in development_ids]
        self._add(t.digest_items, rows)

    def add_content(self, content_id: str, data: Mapping[str, object]) -> None:
        """Store what rows share; one that is there is left as it is."""
        self._add(t.contents, [{"id": content_id, "data": dumps(dict(data))}])

    def unsubscribe(self, list_id: str, recipient: str, at: datetime) -> bool:
        """Record that a recipient wants no more of a list; False when that is recorded already."""
        key = t.unsubscribed.c
        known = select(key.at).where(key.list_id == list_id, key.recipient == recipient)
        if self._connection.scalar(known) is not None:
            return False
        self._connection.execute(
            insert(t.unsubscribed), {"list_id": list_id, "recipient": recipient, "at": at}
        )
        return True

    def resubscribe(self, list_id: str, recipient: str) -> bool:
        """Take an unsubscription back; False when there is none."""
        key = t.unsubscribed.c
        gone = delete(t.unsubscribed).where(and_(key.list_id == list_id, key.recipient == recipient))
        return bool(self._connection.execute(gone).rowcount)

    def add_silence(self, silence: Silence) -> None:
        """Store or replace a silence."""
        row = {
            "id": silence.id,
            "starts_at": silence.starts_at,
            "ends_at": silence.ends_at,
            "data": dumps(silence),
        }
        self._upsert(t.silences, [row], key=("id",))

    def _end(self, ids: Sequence[str], state: str, why: str) -> None:
        self._mark(
            ids, states=("pending", "leased"), state=state, wake_at=None, lease_until=None, last_error=why
        )

    def _mark(self, ids: Sequence[str], *, states: Sequence[str] = (), **values: Any) -> int:
        count = 0
        for part in chunks(ids):
            statement = update(t.outbox).where(t.outbox.c.id.in_(part))
            if states:
                statement = statement.where(t.outbox.c.state.in_(states))
            count += self._connection.execute(statement.values(**values)).rowcount
        return count


def entry(row: Row[Any]) -> OutboxEntry:
    """Return the outbox row as a value."""
    return OutboxEntry(
        id=row.id,
        type=row.type,
        receiver=row.receiver,
        recipient=row.recipient,
        group_key=row.group_key,
        not_before=row.not_before,
        created_at=row.created_at,
        development_id=row.development_id,
        event_id=row.event_id,
        payload=loads(dict, row.payload),
        attempts=row.attempts,
        state=row.state,
        lease_until=row.lease_until,
        last_error=row.last_error,
        sent_at=row.sent_at,
    )
