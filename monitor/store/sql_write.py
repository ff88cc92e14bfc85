"""Changes to the database, inside one transaction that begins as a writer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, exists, func, or_, select, update

from monitor.core.model import (
    DigestPeriod,
    OutboxEntry,
    Silence,
)
from monitor.store import tables as t
from monitor.store.codec import dumps, key_of
from monitor.store.sql_base import chunks
from monitor.store.sql_hand import HandTransaction
from monitor.store.sql_intake import IntakeTransaction
from monitor.store.sql_read import SqlView, entry
from monitor.store.sql_sources import SqlSourceTransaction

_CLAIMING = key_of("monitor", "claim_due")


class SqlTransaction(SqlSourceTransaction, HandTransaction, IntakeTransaction, SqlView):
    """Reads and writes; what it writes it reads back at once."""

    def __init__(self, connection: Connection, place: str) -> None:
        super().__init__(connection)
        self._place = place

    def add_outbox(self, entries: Sequence[OutboxEntry]) -> None:
        """Queue messages; ids already queued are left as they are."""
        copied = [
            column.name for column in t.outbox.c if column.name not in {"seq", "lane", "payload", "wake_at"}
        ]
        self._add(
            t.outbox,
            [
                {name: getattr(item, name) for name in copied}
                | {
                    "lane": key_of(item.receiver, item.recipient),
                    "payload": dumps(dict(item.payload)),
                    "wake_at": {"pending": item.not_before, "leased": item.lease_until}.get(item.state),
                }
                for item in entries
            ],
        )

    def claim_due(self, now: datetime, *, lease_s: float, limit: int) -> tuple[OutboxEntry, ...]:
        """Lease due rows (pending, or leased with a lapsed lease), oldest first; skips paused receivers.

        A row waits for an earlier one of its receiver and recipient that is being sent or tried again.
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
        # The + 0 keeps the planner from walking all that was ever sent in the order of `seq`.
        due = (
            select(t.outbox)
            .join_from(t.outbox, waiting, waiting.c.lane == rows.lane, isouter=True)
            .where(
                rows.wake_at <= now,
                ~paused,
                or_(waiting.c.seq.is_(None), rows.seq < waiting.c.seq),
            )
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
        self._mark(
            ids, states=("pending", "leased"), state="dead", wake_at=None, lease_until=None, last_error=error
        )

    def replay(self, ids: Sequence[str], now: datetime) -> int:
        """Make dead (or sent) rows due again; returns how many."""
        return self._mark(
            ids,
            states=("dead", "sent"),
            state="pending",
            not_before=now,
            wake_at=now,
            attempts=0,
            sent_at=None,
        )

    def pause(self, receiver: str, until: datetime) -> None:
        """Let all deliveries to a receiver rest."""
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

    def add_silence(self, silence: Silence) -> None:
        """Store or replace a silence."""
        row = {
            "id": silence.id,
            "starts_at": silence.starts_at,
            "ends_at": silence.ends_at,
            "data": dumps(silence),
        }
        self._upsert(t.silences, [row], key=("id",))

    def set_meta(self, key: str, value: str) -> None:
        """Store a small value."""
        self._upsert(t.meta, [{"key": key, "value": value}], key=("key",))

    def _mark(self, ids: Sequence[str], *, states: Sequence[str] = (), **values: Any) -> int:
        count = 0
        for part in chunks(ids):
            statement = update(t.outbox).where(t.outbox.c.id.in_(part))
            if states:
                statement = statement.where(t.outbox.c.state.in_(states))
            count += self._connection.execute(statement.values(**values)).rowcount
        return count
