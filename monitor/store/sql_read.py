"""Questions to the database. No query on the path of a document scans a table (a test asks the planner)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from monitor.core.model import (
    Claim,
    Development,
    Disposition,
    Document,
    EventState,
    Fact,
)
from monitor.store import tables as t
from monitor.store.codec import clean, from_micros, loads
from monitor.store.sql_base import CHUNK, chunks
from monitor.store.sql_hand import HandView
from monitor.store.sql_intake import IntakeView
from monitor.store.sql_outbox import OutboxView
from monitor.store.sql_sources import SqlSourceView

FACTS_A_CHUNK = 1_000

_DOCUMENT = (
    t.documents.c.id,
    t.documents.c.identity,
    t.documents.c.name,
    t.documents.c.source,
    t.documents.c.text,
    t.documents.c.retrieved_at,
    t.documents.c.content_hash,
    t.documents.c.title,
    t.documents.c.url,
    t.documents.c.publisher,
    t.documents.c.language,
    t.documents.c.published_at,
    t.documents.c.dated,
    t.documents.c.revision,
)

_ONE_DOCUMENT = (
    "SELECT id, identity, name, source, text, retrieved_at, content_hash, title, url, publisher, language,"
    " published_at, dated, revision FROM documents WHERE id = ?"
)


class SqlView(OutboxView, SqlSourceView, HandView, IntakeView):
    """Reads inside one transaction."""

    def document(self, document_id: str) -> Document | None:
        """Return a stored document."""
        row = self._row(_ONE_DOCUMENT, clean(document_id))
        return _plain_document(row) if row else None

    def copy_of(self, document_id: str) -> str | None:
        """Return the document that a stored one is a copy of."""
        rows = t.documents.c
        return self._connection.scalar(select(rows.copy_of).where(rows.id == document_id))

    def documents(self) -> Iterator[Document]:
        """Return all stored documents in the order in which they were ingested."""
        seq, last = t.documents.c.seq, 0
        while rows := self._connection.execute(
            select(*_DOCUMENT, seq).where(seq > last).order_by(seq).limit(CHUNK)
        ).all():
            yield from (_document(row[:-1]) for row in rows)
            last = rows[-1].seq

    def development(self, development_id: str) -> Development | None:
        """Return one development."""
        rows = t.developments.c
        data = self._connection.scalar(select(rows.data).where(rows.id == development_id))
        return loads(Development, data) if data else None

    def developments(
        self,
        *,
        event_ids: Sequence[str] = (),
        after: datetime | None = None,
        until: datetime | None = None,
        ids: Sequence[str] = (),
    ) -> tuple[Development, ...]:
        """Return developments found in (after, until], in the order in which they were found."""
        rows = t.developments.c
        query = select(rows.seq, rows.data)
        if event_ids:
            query = query.where(rows.event_id.in_(list(event_ids)))
        if after is not None:
            query = query.where(rows.found_at > after)
        if until is not None:
            query = query.where(rows.found_at <= until)
        parts = [query.where(rows.id.in_(part)) for part in chunks(ids)] if ids else [query]
        found = [(seq, data) for part in parts for seq, data in self._connection.execute(part)]
        return tuple(loads(Development, data) for _, data in sorted(found))

    def facts(self, event_id: str) -> Iterator[EventState]:
        """Return all facts of an event in chunks (EventStates of at most 1,000 facts), in order of birth."""
        facts, version, last = t.facts.c, self._version(event_id), 0
        while rows := self._connection.execute(
            select(facts.seq, facts.id, facts.data)
            .where(facts.event_id == event_id, facts.seq > last)
            .order_by(facts.seq)
            .limit(FACTS_A_CHUNK)
        ).all():
            yield EventState(
                event_id=event_id, version=version, facts={row.id: loads(Fact, row.data) for row in rows}
            )
            last = rows[-1].seq

    def claims(self, document_id: str) -> tuple[tuple[Claim, Disposition | None], ...]:
        """Return a document's claims, in the order stored, and how each ended."""
        return self._claims(t.claims.c.document_id, document_id)

    def find_claim(self, claim_id: str) -> tuple[Claim, Disposition | None] | None:
        """Return one claim and how it ended."""
        found = self._claims(t.claims.c.id, claim_id)
        return found[0] if found else None

    def meta(self, key: str) -> str | None:
        """Return a small stored value (instance id, last tick, …)."""
        return self._connection.scalar(select(t.meta.c.value).where(t.meta.c.key == key))

    def _claims(self, column: Any, value: str) -> tuple[tuple[Claim, Disposition | None], ...]:
        rows = self._connection.execute(
            select(t.claims.c.data, t.dispositions.c.data)
            .select_from(t.claims.outerjoin(t.dispositions, t.dispositions.c.claim_id == t.claims.c.id))
            .where(column == value)
            .order_by(t.claims.c.seq)
        )
        return tuple(
            (loads(Claim, claim), loads(Disposition, ended) if ended else None) for claim, ended in rows
        )


def _document(row: Row[Any] | tuple[Any, ...]) -> Document:
    return Document(**dict(zip((column.name for column in _DOCUMENT), row, strict=True)))


def _plain_document(row: Sequence[Any]) -> Document:
    """Return the document of a plain query, whose values no type of SQLAlchemy has converted."""
    found = dict(zip((column.name for column in _DOCUMENT), row, strict=True))
    retrieved, published = found["retrieved_at"], found["published_at"]
    found["retrieved_at"] = from_micros(retrieved)
    found["published_at"] = None if published is None else from_micros(published)
    found["dated"] = bool(found["dated"])
    return Document(**found)
