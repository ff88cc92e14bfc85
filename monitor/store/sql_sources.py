"""Sources in the database: cursors, what each source held, and what people noted of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, select

from monitor.core.model import SourceCursor, SourceRecord
from monitor.store import tables as t
from monitor.store.codec import dumps, loads
from monitor.store.sql_base import SqlBase, chunks


class SqlSourceView(SqlBase):
    """Reads what is stored of sources, inside one transaction."""

    def cursor(self, source_id: str) -> SourceCursor | None:
        """Return where reading of the source stands."""
        return self.cursors_of([source_id]).get(source_id)

    def cursors_of(self, source_ids: Sequence[str]) -> dict[str, SourceCursor]:
        """Return where reading of these sources stands, with what they held; none for those never read."""
        cursors, memories = t.source_cursors.c, t.source_memories.c
        found: dict[str, SourceCursor] = {}
        for part in chunks(source_ids):
            rows = self._connection.execute(
                select(cursors.data, memories.seen)
                .join_from(
                    t.source_cursors,
                    t.source_memories,
                    memories.source_id == cursors.source_id,
                    isouter=True,
                )
                .where(cursors.source_id.in_(part))
            )
            for data, seen in rows:
                cursor = loads(SourceCursor, data)
                found[cursor.source_id] = replace(cursor, memory=bytes(seen)) if seen else cursor
        return found

    def unread(self, source_ids: Sequence[str]) -> tuple[str, ...]:
        """Return those of `source_ids` that have no cursor, in their order."""
        column = t.source_cursors.c.source_id
        stored = {
            name
            for part in chunks(source_ids)
            for name in self._connection.scalars(select(column).where(column.in_(part)))
        }
        return tuple(name for name in source_ids if name not in stored)

    def due(self, now: datetime) -> tuple[str, ...]:
        """Return all sources whose `next_poll_at` has passed or is not set, longest due first.

        A source that is gone for good and has no next time is not due.
        """
        cursors = t.source_cursors.c
        unset = select(cursors.source_id).where(cursors.next_poll_at.is_(None), cursors.gone.is_(False))
        passed = (
            select(cursors.source_id)
            .where(cursors.next_poll_at <= now)
            .order_by(cursors.next_poll_at, cursors.source_id)
        )
        return (*self._connection.scalars(unset), *self._connection.scalars(passed))

    def cursors(self) -> tuple[SourceCursor, ...]:
        """Return all cursors, by source id, without what the sources held."""
        found = [
            loads(SourceCursor, data) for data in self._connection.scalars(select(t.source_cursors.c.data))
        ]
        return tuple(sorted(found, key=lambda cursor: cursor.source_id))

    def source_record(self, source_id: str) -> SourceRecord | None:
        """Return what is noted of one source."""
        rows = t.sources.c
        data = self._connection.scalar(select(rows.data).where(rows.source_id == source_id))
        return loads(SourceRecord, data) if data else None

    def source_records(self) -> tuple[SourceRecord, ...]:
        """Return what is noted of sources, by source id."""
        rows = self._connection.scalars(select(t.sources.c.data).order_by(t.sources.c.source_id))
        return tuple(loads(SourceRecord, data) for data in rows)


class SqlSourceTransaction(SqlSourceView):
    """Writes what is stored of sources."""

    def save_cursor(self, cursor: SourceCursor) -> None:
        """Store where reading of a source stands."""
        self.save_cursors([cursor])

    def save_cursors(self, cursors: Sequence[SourceCursor]) -> None:
        """Store where reading of sources stands; `memory` None leaves what is stored of that."""
        rows = [
            {
                "source_id": cursor.source_id,
                "next_poll_at": cursor.next_poll_at,
                "gone": cursor.gone,
                "data": dumps(cursor if cursor.memory is None else replace(cursor, memory=None)),
            }
            for cursor in cursors
        ]
        seen = [{"source_id": c.source_id, "seen": c.memory} for c in cursors if c.memory is not None]
        if rows:
            self._upsert(t.source_cursors, rows, key=("source_id",))
        if seen:
            self._upsert(t.source_memories, seen, key=("source_id",))

    def save_source_record(self, record: SourceRecord) -> None:
        """Store or replace what is noted of a source."""
        row = {"source_id": record.source_id, "data": dumps(record)}
        self._upsert(t.sources, [row], key=("source_id",))

    def remove_source(self, source_id: str) -> None:
        """Forget a source: its record, where its reading stands and what it held. Its documents stay."""
        for table in (t.sources, t.source_memories, t.source_cursors):
            self._connection.execute(delete(table).where(table.c.source_id == source_id))
