"""Changes to the database, inside one transaction that begins as a writer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, func, or_, select, update

from monitor.core.errors import TemporaryStoreError
from monitor.core.model import (
    Claim,
    Development,
    DigestPeriod,
    Disposition,
    Document,
    EventState,
    Fact,
    OutboxEntry,
    Silence,
)
from monitor.store import tables as t
from monitor.store.codec import dumps, key_of, pack
from monitor.store.sql_base import chunks
from monitor.store.sql_hand import HandTransaction
from monitor.store.sql_read import SqlView, entry
from monitor.store.sql_sources import SqlSourceTransaction

_CLAIMING = key_of("monitor", "claim_due")


class SqlTransaction(SqlSourceTransaction, HandTransaction, SqlView):
    """Reads and writes; what it writes it reads back at once."""

    def __init__(self, connection: Connection, place: str) -> None:
        super().__init__(connection)
        self._place = place

    def add_document(
        self, document: Document, *, signature: Sequence[int], bands: Sequence[int], copy_of: str | None
    ) -> None:
        """Store a document (a new revision keeps the older ones); a known id is left as it is."""
        row = {
            column.name: getattr(document, column.name)
            for column in t.documents.c
            if column.name not in {"seq", "identity_key", "copy_of", "signature"}
        }
        row |= {"identity_key": key_of(document.identity), "copy_of": copy_of, "signature": pack(signature)}
        statement = self._insert(t.documents).on_conflict_do_nothing().returning(t.documents.c.seq)
        seq = self._connection.scalar(statement, row)
        if seq is not None and bands:
            rows = [{"band": band, "document_seq": seq} for band in dict.fromkeys(bands)]
            self._connection.execute(self._insert(t.document_bands), rows)

    def save_state(self, event_id: str, before: EventState, after: EventState) -> None:
        """Store the facts that differ; raise StoreError when the stored version is not `before.version`."""
        changed = [fact for key, fact in after.facts.items() if before.facts.get(key) != fact]
        gone = [key for key in before.facts if key not in after.facts]
        if not changed and not gone and after.version == before.version:
            return
        self._move_version(event_id, before.version, max(after.version, before.version + 1))
        for part in chunks(gone):
            self._connection.execute(
                delete(t.facts).where(t.facts.c.event_id == event_id, t.facts.c.id.in_(part))
            )
        if changed:
            rows = [{"event_id": event_id, "id": fact.id, "data": dumps(fact)} for fact in changed]
            self._upsert(t.facts, rows, key=("event_id", "id"))
            self._save_blocks(event_id, before, changed)

    def add_claims(self, claims: Sequence[Claim], dispositions: Sequence[Disposition]) -> None:
        """Store claims and how they ended; those already stored are left as they are."""
        self._add(t.claims, [{"id": c.id, "document_id": c.document_id, "data": dumps(c)} for c in claims])
        self._add(t.dispositions, [{"claim_id": d.claim_id, "data": dumps(d)} for d in dispositions])

    def add_developments(self, developments: Sequence[Development]) -> None:
        """Store developments; those already stored are left as they are."""
        self._add(
            t.developments,
            [
                {"id": d.id, "event_id": d.event_id, "found_at": d.found_at, "data": dumps(d)}
                for d in developments
            ],
        )

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

    def _move_version(self, event_id: str, old: int, new: int) -> None:
        """Step the event's version; on PostgreSQL this also locks its row until the commit."""
        if old == 0:
            self._add(t.events, [{"id": event_id, "version": 0}])
        moved = self._connection.execute(
            update(t.events).where(t.events.c.id == event_id, t.events.c.version == old).values(version=new)
        )
        if not moved.rowcount:
            raise TemporaryStoreError(
                f'event "{event_id}" is no longer at version {old}: somebody else moved it',
                place=self._place,
                remedy="read the state again and repeat the work",
            )

    def _save_blocks(self, event_id: str, before: EventState, changed: Sequence[Fact]) -> None:
        added = []
        for fact in changed:
            known = before.facts.get(fact.id)
            old = set(known.blocks) if known else set()
            for block in sorted(old.difference(fact.blocks)):
                rows = t.fact_blocks.c
                same = and_(rows.event_id == event_id, rows.fact_id == fact.id)
                self._connection.execute(
                    delete(t.fact_blocks).where(rows.block_hash == key_of(event_id, block), same)
                )
            added += [(fact.id, block) for block in dict.fromkeys(fact.blocks) if block not in old]
        self._add(
            t.fact_blocks,
            [
                {"block_hash": key_of(event_id, block), "event_id": event_id, "fact_id": name}
                for name, block in added
            ],
        )

    def _mark(self, ids: Sequence[str], *, states: Sequence[str] = (), **values: Any) -> int:
        count = 0
        for part in chunks(ids):
            statement = update(t.outbox).where(t.outbox.c.id.in_(part))
            if states:
                statement = statement.where(t.outbox.c.state.in_(states))
            count += self._connection.execute(statement.values(**values)).rowcount
        return count
