"""In the database: what people changed by hand, documents that no event takes, and single facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import desc, func, select

from monitor.core.edits import Edit
from monitor.core.model import Fact
from monitor.core.suggestions import Stray
from monitor.store import tables as t
from monitor.store.codec import clean, dumps, key_of, loads
from monitor.store.sql_base import SqlBase


class HandView(SqlBase):
    """Reads inside one transaction."""

    def edits(self, event_id: str | None = None) -> tuple[Edit, ...]:
        """Return what people changed in an event (in all without one), oldest first."""
        if event_id is None:
            rows = self._rows("SELECT data FROM edits ORDER BY seq")
        else:
            rows = self._rows("SELECT data FROM edits WHERE event_id = ? ORDER BY seq", clean(event_id))
        return tuple(loads(Edit, data) for (data,) in rows)

    def strays(self, since: datetime, *, limit: int) -> tuple[Stray, ...]:
        """Return documents seen after `since` that no event takes, newest first, at most `limit`."""
        rows = t.strays.c
        query = select(rows.data).where(rows.seen_at > since).order_by(desc(rows.seen_at)).limit(limit)
        return tuple(loads(Stray, data) for data in self._connection.scalars(query))

    def fact(self, event_id: str, fact_id: str) -> Fact | None:
        """Return one fact as it is now."""
        rows = t.facts.c
        data = self._connection.scalar(select(rows.data).where(rows.event_id == event_id, rows.id == fact_id))
        return loads(Fact, data) if data else None

    def last_document(self) -> str | None:
        """Return the id of the document that was ingested last."""
        rows = t.documents.c
        newest = select(func.max(rows.seq)).scalar_subquery()
        return self._connection.scalar(select(rows.id).where(rows.seq == newest))

    def revisions(self, identity: str) -> tuple[str, ...]:
        """Return the ids of the stored revisions of a document, oldest first."""
        query = "SELECT id, identity FROM documents WHERE identity_key = ? ORDER BY revision, seq"
        return tuple(name for name, whose in self._rows(query, key_of(identity)) if whose == identity)


class HandTransaction(HandView):
    """Reads and writes."""

    def add_edit(self, edit: Edit) -> None:
        """Record what somebody changed by hand; a known id is left as it is."""
        self._add(t.edits, [{"id": edit.id, "event_id": edit.event_id, "data": dumps(edit)}])

    def add_strays(self, strays: Sequence[Stray]) -> None:
        """Record documents that no event takes; those already recorded are left as they are."""
        self._add(
            t.strays,
            [{"document_id": s.document_id, "seen_at": s.seen_at, "data": dumps(s)} for s in strays],
        )
