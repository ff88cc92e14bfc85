"""The twin of the SQL store that lives in memory: for `monitor replay` and for tests. No SQL, no files.

Values are frozen, so they are kept as they are; an undo list takes a failed transaction back. One transaction
or reader at a time; a reader opened inside a transaction sees what the transaction wrote.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from monitor.core.edits import Edit
from monitor.core.errors import TemporaryStoreError
from monitor.core.model import (
    Claim,
    Development,
    DigestPeriod,
    Disposition,
    EventState,
    Intake,
    OutboxEntry,
    Silence,
    SourceCursor,
    SourceRecord,
)
from monitor.core.ports import Transaction, View
from monitor.core.suggestions import Stray
from monitor.store.codec import clean
from monitor.store.memory_read import MemoryView

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_WAITING = ("pending", "leased")


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


class MemoryTransaction(MemoryView):
    """Reads and writes; every write leaves a step on the undo list."""

    def __init__(self) -> None:
        super().__init__()
        self._undo: list[Callable[[], object]] = []
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

    def add_outbox(self, entries: Sequence[OutboxEntry]) -> None:
        """Queue messages; ids already queued are left as they are."""
        for one in entries:
            self._add(self._outbox, one.id, one)

    def save_cursor(self, cursor: SourceCursor) -> None:
        """Store where reading of a source stands."""
        self.save_cursors([cursor])

    def save_cursors(self, cursors: Sequence[SourceCursor]) -> None:
        """Store where reading of sources stands; `seen` None leaves what is stored of that."""
        for cursor in cursors:
            before = self._cursors.get(cursor.source_id)
            kept = before.seen if before and cursor.seen is None else cursor.seen
            self._put(self._cursors, cursor.source_id, replace(cursor, seen=kept))

    def save_source_record(self, record: SourceRecord) -> None:
        """Store or replace what is noted of a source."""
        self._put(self._records, record.source_id, record)

    def remove_source(self, source_id: str) -> None:
        """Forget a source: its record, where its reading stands and what it held. Its documents stay."""
        if source_id in self._records:
            self._drop(self._records, source_id)
        if source_id in self._cursors:
            self._drop(self._cursors, source_id)

    def claim_due(self, now: datetime, *, lease_s: float, limit: int) -> tuple[OutboxEntry, ...]:
        """Lease due rows (pending, or leased with a lapsed lease), oldest first; skips paused receivers.

        A row waits for an earlier one of its receiver and recipient that is being sent or tried again.
        """
        busy: set[tuple[str, str]] = set()
        found: list[OutboxEntry] = []
        for one in self._outbox.values():
            wake_at = {"pending": one.not_before, "leased": one.lease_until}.get(one.state)
            lane = (one.receiver, one.recipient)
            if wake_at is None or lane in busy:
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

    def mark_sent(self, ids: Sequence[str], now: datetime) -> None:
        """Record that rows were delivered."""
        for one in self._rows(ids, ("pending", "leased", "sent", "dead")):
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
        for one in self._rows(ids, _WAITING):
            self._put(self._outbox, one.id, replace(one, state="dead", lease_until=None, last_error=error))

    def replay(self, ids: Sequence[str], now: datetime) -> int:
        """Make dead (or sent) rows due again; returns how many."""
        rows = self._rows(ids, ("dead", "sent"))
        for one in rows:
            self._put(
                self._outbox, one.id, replace(one, state="pending", not_before=now, attempts=0, sent_at=None)
            )
        return len(rows)

    def pause(self, receiver: str, until: datetime) -> None:
        """Let all deliveries to a receiver rest."""
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

    def add_silence(self, silence: Silence) -> None:
        """Store or replace a silence."""
        self._put(self._silences, silence.id, silence)

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

    def _rows(self, ids: Sequence[str], states: Sequence[str]) -> list[OutboxEntry]:
        found = (self._outbox.get(name) for name in dict.fromkeys(ids))
        return [one for one in found if one is not None and one.state in states]

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
