"""Questions to the database. No query on the path of a document scans a table (a test asks the planner)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, TextClause, select, text

from monitor.core.model import (
    Claim,
    Development,
    Disposition,
    Document,
    EventState,
    Fact,
)
from monitor.store import tables as t
from monitor.store.codec import clean, key_of, loads, unpack
from monitor.store.sql_base import CHUNK, chunks
from monitor.store.sql_hand import HandView
from monitor.store.sql_outbox import OutboxView
from monitor.store.sql_sources import SqlSourceView

FACTS_A_CHUNK = 1_000
SIMILAR_LIMIT = 20

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


@lru_cache(maxsize=1024)
def _fact(data: str) -> Fact:
    """Return a stored fact; the same active facts are asked for again and again, and they are frozen."""
    return loads(Fact, data)


@lru_cache(maxsize=64)
def _similar_statement(count: int) -> TextClause:
    """Return the query for the oldest documents of `count` bands; a band shared by many stays cheap."""
    one = (
        "SELECT document_seq FROM (SELECT document_seq FROM document_bands"
        " WHERE band = :b{n} ORDER BY document_seq LIMIT {limit}) AS q{n}"
    )
    each = " UNION ALL ".join(one.format(n=n, limit=SIMILAR_LIMIT) for n in range(count))
    query = (
        "SELECT id, signature FROM documents WHERE seq IN"
        " (SELECT DISTINCT document_seq FROM ({each}) AS found ORDER BY document_seq LIMIT {limit})"
        " ORDER BY seq"
    )
    return text(query.format(each=each, limit=SIMILAR_LIMIT))


class SqlView(OutboxView, SqlSourceView, HandView):
    """Reads inside one transaction."""

    def known_identities(self, identities: Sequence[str]) -> dict[str, tuple[str, int]]:
        """Return identity -> (content hash, revision) of the newest revision of those that are stored."""
        documents = t.documents.c
        asked = {clean(identity): identity for identity in identities}
        known: dict[str, tuple[str, int]] = {}
        for keys in chunks(key_of(identity) for identity in asked):
            rows = self._connection.execute(
                select(documents.identity, documents.content_hash, documents.revision)
                .where(documents.identity_key.in_(keys))
                .order_by(documents.revision, documents.seq)
            )
            known.update(
                {asked[name]: (digest, revision) for name, digest, revision in rows if name in asked}
            )
        return known

    def known_hashes(self, hashes: Sequence[str]) -> frozenset[str]:
        """Return those content hashes that some stored document has."""
        column = t.documents.c.content_hash
        return frozenset(
            found
            for part in chunks(hashes)
            for found in self._connection.scalars(select(column).where(column.in_(part)))
        )

    def similar(self, bands: Sequence[int]) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Return (document id, signature) of stored documents that share a band, oldest first, at most 20."""
        unique = list(dict.fromkeys(bands))
        if not unique:
            return ()
        rows = self._connection.execute(
            _similar_statement(len(unique)), {f"b{n}": band for n, band in enumerate(unique)}
        )
        return tuple((document_id, unpack(signature)) for document_id, signature in rows)

    def state(self, event_id: str, blocks: Iterable[str]) -> EventState:
        """Return the event's version and its facts that lie in any of `blocks`."""
        # The version first: facts that are newer than it are refused on saving, older ones would not be.
        version = self._version(event_id)
        facts, wanted = t.facts.c, frozenset(clean(block) for block in blocks)
        found: dict[int, str] = {}
        for keys in chunks(key_of(event_id, block) for block in sorted(wanted)):
            ids = select(t.fact_blocks.c.fact_id).where(t.fact_blocks.c.block_hash.in_(keys))
            query = select(facts.seq, facts.data).where(facts.event_id == event_id, facts.id.in_(ids))
            found.update((seq, data) for seq, data in self._connection.execute(query))
        inside = [
            fact for _, data in sorted(found.items()) if not wanted.isdisjoint((fact := _fact(data)).blocks)
        ]
        return EventState(event_id=event_id, version=version, facts={f.id: f for f in inside})

    def document(self, document_id: str) -> Document | None:
        """Return a stored document."""
        row = self._connection.execute(
            select(*_DOCUMENT).where(t.documents.c.id == document_id)
        ).one_or_none()
        return _document(row) if row else None

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

    def _version(self, event_id: str) -> int:
        events = t.events.c
        return self._connection.scalar(select(events.version).where(events.id == event_id)) or 0

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
