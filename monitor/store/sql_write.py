"""Changes to the database, inside one transaction that begins as a writer."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, and_, delete, update

from monitor.core.errors import TemporaryStoreError
from monitor.core.model import (
    Claim,
    Development,
    Disposition,
    Document,
    EventState,
    Fact,
)
from monitor.store import tables as t
from monitor.store.codec import dumps, key_of, pack
from monitor.store.sql_base import chunks
from monitor.store.sql_hand import HandTransaction
from monitor.store.sql_outbox import OutboxTransaction
from monitor.store.sql_read import SqlView
from monitor.store.sql_sources import SqlSourceTransaction


class SqlTransaction(OutboxTransaction, SqlSourceTransaction, HandTransaction, SqlView):
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
