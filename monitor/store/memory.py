"""The twin of the SQL store that lives in memory: for `monitor replay` and for tests. No SQL, no files.

Values are frozen, so they are kept as they are; an undo list takes a failed transaction back. One transaction
or reader at a time; a reader opened inside a transaction sees what the transaction wrote.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from monitor.core.edits import Edit
from monitor.core.errors import TemporaryStoreError
from monitor.core.model import (
    Claim,
    Development,
    Disposition,
    EventState,
    Intake,
    SourceCursor,
    SourceRecord,
)
from monitor.core.ports import Transaction, View
from monitor.core.suggestions import Stray
from monitor.store.codec import clean
from monitor.store.memory_outbox import MemoryOutboxTransaction
from monitor.store.memory_read import MemoryView

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class MemoryStore:
    """A state that is gone with the process."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._tables = MemoryTransaction()

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """Open the write transaction; commits on leaving, rolls back on an exception."""
        with self._lock:
            try:
                yield self._tables
            except BaseException:
                self._tables.roll_back()
                raise
            self._tables.commit()

    @contextmanager
    def read(self) -> Iterator[View]:
        """Open a reading snapshot."""
        with self._lock:
            yield self._tables

    def close(self) -> None:
        """Nothing is held that must be closed."""


class MemoryTransaction(MemoryOutboxTransaction, MemoryView):
    """Reads and writes; every write leaves a step on the undo list."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0

    def commit(self) -> None:
        """Keep what was written."""
        self._undo.clear()

    def roll_back(self) -> None:
        """Take back what was written since the last commit."""
        while self._undo:
            self._undo.pop()()

    def add_documents(self, intakes: Sequence[Intake]) -> None:
        """Store documents in their order (a new revision keeps the older ones); known ids are left as they are."""
        for one in intakes:
            if one.document.id not in self._documents:
                self._add_document(one)

    def _add_document(self, one: Intake) -> None:
        name = one.document.id
        document = replace(
            one.document,
            text=clean(one.document.text),
            title=clean(one.document.title),
            identity=clean(one.document.identity),
        )
        place = self._next()
        self._put(self._documents, name, document)
        self._put(self._signatures, name, tuple(one.signature))
        self._put(self._hashes, document.content_hash, name)
        self._put(self._copies, name, one.copy_of)
        for band in one.bands:
            self._put(self._bands.setdefault(band, {}), name, place)
        known = self._identities.get(document.identity)
        if known is None or known[1] <= document.revision:
            self._put(self._identities, document.identity, (document.content_hash, document.revision))

    def save_state(self, event_id: str, before: EventState, after: EventState) -> None:
        """Store the facts that differ; raise StoreError when the stored version is not `before.version`."""
        changed = [fact for key, fact in after.facts.items() if before.facts.get(key) != fact]
        gone = [key for key in before.facts if key not in after.facts]
        if not changed and not gone and after.version == before.version:
            return
        if self._versions.get(event_id, 0) != before.version:
            raise TemporaryStoreError(
                f'event "{event_id}" is no longer at version {before.version}: somebody else moved it',
                place="memory",
                remedy="read the state again and repeat the work",
            )
        self._put(self._versions, event_id, max(after.version, before.version + 1))
        stored = self._facts.setdefault(event_id, {})
        for key in gone:
            self._move_blocks(event_id, key, stored[key].blocks, ())
            self._drop(stored, key)
        for fact in changed:
            known = stored.get(fact.id)
            if known is None:
                self._put(self._births, (event_id, fact.id), self._next())
            self._put(stored, fact.id, fact)
            self._move_blocks(event_id, fact.id, known.blocks if known else (), fact.blocks)

    def add_claims(self, claims: Sequence[Claim], dispositions: Sequence[Disposition]) -> None:
        """Store claims and how they ended; those already stored are left as they are."""
        for claim in claims:
            if claim.id not in self._claims:
                self._put(self._claims, claim.id, claim)
                self._put(self._claims_of.setdefault(claim.document_id, {}), claim.id, None)
        for ended in dispositions:
            self._add(self._dispositions, ended.claim_id, ended)

    def add_developments(self, developments: Sequence[Development]) -> None:
        """Store developments; those already stored are left as they are."""
        for one in developments:
            self._add(self._developments, one.id, one)

    def save_cursor(self, cursor: SourceCursor) -> None:
        """Store where reading of a source stands."""
        self.save_cursors([cursor])

    def save_cursors(self, cursors: Sequence[SourceCursor]) -> None:
        """Store where reading of sources stands; `memory` None leaves what is stored of that."""
        for cursor in cursors:
            before = self._cursors.get(cursor.source_id)
            kept = before.memory if before and cursor.memory is None else cursor.memory
            self._put(self._cursors, cursor.source_id, replace(cursor, memory=kept))

    def save_source_record(self, record: SourceRecord) -> None:
        """Store or replace what is noted of a source."""
        self._put(self._records, record.source_id, record)

    def remove_source(self, source_id: str) -> None:
        """Forget a source: its record, where its reading stands and what it held. Its documents stay."""
        if source_id in self._records:
            self._drop(self._records, source_id)
        if source_id in self._cursors:
            self._drop(self._cursors, source_id)

    def add_edit(self, edit: Edit) -> None:
        """Record what somebody changed by hand; a known id is left as it is."""
        self._add(self._edits, edit.id, edit)

    def add_strays(self, strays: Sequence[Stray]) -> None:
        """Record documents that no event takes; those already recorded are left as they are."""
        for one in strays:
            self._add(self._strays, one.document_id, one)

    def set_meta(self, key: str, value: str) -> None:
        """Store a small value."""
        self._put(self._meta, key, value)

    def _move_blocks(self, event_id: str, fact_id: str, old: Iterable[str], new: Iterable[str]) -> None:
        kept = set(old).intersection(new)
        for block in set(old) - kept:
            self._drop(self._blocks[event_id, block], fact_id)
        for block in new:
            if block not in kept:
                self._put(self._blocks.setdefault((event_id, block), {}), fact_id, None)

    def _next(self) -> int:
        self._count += 1
        return self._count
