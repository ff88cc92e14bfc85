"""What the use cases (`ingest`, `notifier`) ask of the world. Edges implement these; tests use twins of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from monitor.core.edits import Edit
from monitor.core.model import (
    Claim,
    Development,
    Disposition,
    Document,
    EventSpec,
    EventState,
    Fact,
    Fetched,
    Intake,
    SourceCursor,
    SourceRecord,
    SourceSpec,
)
from monitor.core.outgoing import DigestPeriod, OutboxEntry, Silence
from monitor.core.suggestions import Stray

Clock = Callable[[], datetime]

LAST_TICK = "last_tick"
"""The meta key under which a running daemon leaves its signs of life, as ISO times."""


SOURCES_CHANGED = "sources_changed"
"""The meta key that says when sources were last added, removed, paused or resumed by command."""


HOLDERS_A_BAND = 20
"""How many documents, the oldest, are kept under a band of fingerprints; more tell nothing more."""


class Reader(Protocol):
    """Reads a document and returns what it claims; must not raise on any text."""

    def read(self, document: Document) -> tuple[Claim, ...]:
        """Return the claims in the order of their quotes."""
        ...


class SourceReader(Protocol):
    """Reads one source once."""

    async def fetch(self, source: SourceSpec, cursor: SourceCursor, *, now: datetime) -> Fetched:
        """Return what is there now. Never raises for a bad source: problems are in the result."""
        ...


class Fingerprinter(Protocol):
    """Similarity of whole texts, to find syndicated copies."""

    def signature(self, text: str) -> tuple[int, ...]:
        """Return the MinHash signature of `text`; empty for a text too short to judge."""
        ...

    def bands(self, signature: Sequence[int]) -> tuple[int, ...]:
        """Return signed 64-bit lookup keys; near-duplicates share at least one with high probability."""
        ...

    def similarity(self, left: Sequence[int], right: Sequence[int]) -> float:
        """Return the estimated Jaccard similarity, 0 to 1."""
        ...


class View(Protocol):
    """Reading the store. One consistent snapshot."""

    def known_identities(self, identities: Sequence[str]) -> dict[str, tuple[str, int]]:
        """Return identity -> (content hash, revision) of the newest revision of those that are stored."""
        ...

    def known_hashes(self, hashes: Sequence[str]) -> frozenset[str]:
        """Return those content hashes that some stored document has."""
        ...

    def band_holders(self, bands: Sequence[int]) -> dict[int, tuple[tuple[float, str], ...]]:
        """Return band -> (place, document id) of the oldest `HOLDERS_A_BAND` documents stored under it.

        A lower place is an older document; bands that nobody holds are left out.
        """
        ...

    def signatures(self, document_ids: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """Return the fingerprints of stored documents."""
        ...

    def state(self, event_id: str, blocks: Iterable[str]) -> EventState:
        """Return the event's version and its facts that lie in any of `blocks`."""
        ...

    def cursor(self, source_id: str) -> SourceCursor | None:
        """Return where reading of the source stands."""
        ...

    def cursors_of(self, source_ids: Sequence[str]) -> dict[str, SourceCursor]:
        """Return where reading of these sources stands, with what they held; none for those never read."""
        ...

    def unread(self, source_ids: Sequence[str]) -> tuple[str, ...]:
        """Return those of `source_ids` that have no cursor, in their order."""
        ...

    def due(self, now: datetime) -> tuple[str, ...]:
        """Return all sources whose `next_poll_at` has passed or is not set, longest due first."""
        ...

    def cursors(self) -> tuple[SourceCursor, ...]:
        """Return all cursors, by source id, without what the sources held."""
        ...

    def source_record(self, source_id: str) -> SourceRecord | None:
        """Return what is noted of one source."""
        ...

    def source_records(self) -> tuple[SourceRecord, ...]:
        """Return what is noted of sources, by source id."""
        ...

    def document(self, document_id: str) -> Document | None:
        """Return a stored document."""
        ...

    def copy_of(self, document_id: str) -> str | None:
        """Return the document that a stored one is a copy of."""
        ...

    def documents(self) -> Iterable[Document]:
        """Return all stored documents in the order in which they were ingested."""
        ...

    def development(self, development_id: str) -> Development | None:
        """Return one development."""
        ...

    def developments(
        self,
        *,
        event_ids: Sequence[str] = (),
        after: datetime | None = None,
        until: datetime | None = None,
        ids: Sequence[str] = (),
    ) -> tuple[Development, ...]:
        """Return developments found in (after, until], in the order in which they were found."""
        ...

    def facts(self, event_id: str) -> Iterable[EventState]:
        """Return all facts of an event in chunks (EventStates of at most 1,000 facts)."""
        ...

    def fact(self, event_id: str, fact_id: str) -> Fact | None:
        """Return one fact as it is now."""
        ...

    def last_document(self) -> str | None:
        """Return the id of the document that was ingested last."""
        ...

    def revisions(self, identity: str) -> tuple[str, ...]:
        """Return the ids of the stored revisions of a document, oldest first."""
        ...

    def edits(self, event_id: str | None = None) -> tuple[Edit, ...]:
        """Return what people changed in an event (in all without one), oldest first."""
        ...

    def strays(self, since: datetime, *, limit: int) -> tuple[Stray, ...]:
        """Return documents seen after `since` that no event takes, newest first, at most `limit`."""
        ...

    def claims(self, document_id: str) -> tuple[tuple[Claim, Disposition | None], ...]:
        """Return a document's claims and how each ended."""
        ...

    def find_claim(self, claim_id: str) -> tuple[Claim, Disposition | None] | None:
        """Return one claim and how it ended."""
        ...

    def silences(self, now: datetime) -> tuple[Silence, ...]:
        """Return the silences that are in force."""
        ...

    def outbox(
        self,
        *,
        states: Sequence[str] = (),
        receivers: Sequence[str] = (),
        limit: int = 100,
    ) -> tuple[OutboxEntry, ...]:
        """Return outbox rows, newest first."""
        ...

    def outbox_of(
        self, *, ids: Sequence[str] = (), development_ids: Sequence[str] = (), group_keys: Sequence[str] = ()
    ) -> tuple[OutboxEntry, ...]:
        """Return the rows with one of `ids`, those of developments, and the waiting and sent ones of groups."""
        ...

    def outbox_counts(self) -> dict[tuple[str, str], int]:
        """Return how many rows there are by (receiver, state)."""
        ...

    def due_receivers(self, now: datetime) -> tuple[str, ...]:
        """Return the receivers that have rows to claim, by name; paused ones among them."""
        ...

    def content(self, content_id: str) -> Mapping[str, object] | None:
        """Return what rows share by `payload["content"]`."""
        ...

    def unsubscribed(self) -> dict[tuple[str, str], datetime]:
        """Return since when which (list, recipient) wants no more."""
        ...

    def told_in_digests(self, development_ids: Sequence[str]) -> frozenset[tuple[str, str]]:
        """Return the (subscription id, development id) that went out in digests."""
        ...

    def last_digests(self) -> dict[str, DigestPeriod]:
        """Return the latest digest period of each subscription."""
        ...

    def paused_until(self, receiver: str) -> datetime | None:
        """Return until when deliveries to a receiver rest."""
        ...

    def meta(self, key: str) -> str | None:
        """Return a small stored value (instance id, last tick, …)."""
        ...


class Transaction(View, Protocol):
    """Writing the store: all or nothing."""

    def add_documents(self, intakes: Sequence[Intake]) -> None:
        """Store documents in their order (a new revision keeps the older ones); known ids are left as they are."""
        ...

    def save_state(self, event_id: str, before: EventState, after: EventState) -> None:
        """Store the facts that differ; raise StoreError when the stored version is not `before.version`."""
        ...

    def add_claims(self, claims: Sequence[Claim], dispositions: Sequence[Disposition]) -> None:
        """Store claims and how they ended; those already stored are left as they are."""
        ...

    def add_developments(self, developments: Sequence[Development]) -> None:
        """Store developments; those already stored are left as they are."""
        ...

    def add_edit(self, edit: Edit) -> None:
        """Record what somebody changed by hand; a known id is left as it is."""
        ...

    def add_strays(self, strays: Sequence[Stray]) -> None:
        """Record documents that no event takes; those already recorded are left as they are."""
        ...

    def add_outbox(self, entries: Sequence[OutboxEntry]) -> None:
        """Queue messages; ids already queued are left as they are."""
        ...

    def save_cursor(self, cursor: SourceCursor) -> None:
        """Store where reading of a source stands."""
        ...

    def save_cursors(self, cursors: Sequence[SourceCursor]) -> None:
        """Store where reading of sources stands; `memory` None leaves what is stored of that."""
        ...

    def save_source_record(self, record: SourceRecord) -> None:
        """Store or replace what is noted of a source."""
        ...

    def remove_source(self, source_id: str) -> None:
        """Forget a source: its record, where its reading stands and what it held. Its documents stay."""
        ...

    def claim_due(
        self, now: datetime, *, lease_s: float, limit: int, receiver: str | None = None
    ) -> tuple[OutboxEntry, ...]:
        """Lease due rows (pending, or leased with a lapsed lease), oldest first; skips paused receivers.

        With `receiver` only its rows.
        """
        ...

    def release(self, ids: Sequence[str], not_before: datetime) -> None:
        """Put leased rows back untried, due at `not_before`."""
        ...

    def mark_dropped(self, ids: Sequence[str], reason: str) -> None:
        """Record that rows are not told (silenced, unsubscribed); they stay visible and can be replayed."""
        ...

    def mark_sent(self, ids: Sequence[str], now: datetime) -> None:
        """Record that rows were delivered."""
        ...

    def mark_retry(self, ids: Sequence[str], not_before: datetime, error: str) -> None:
        """Put rows back, to be tried at `not_before`; counts an attempt."""
        ...

    def mark_dead(self, ids: Sequence[str], error: str) -> None:
        """Give rows up; they stay visible and can be replayed."""
        ...

    def replay(self, ids: Sequence[str], now: datetime) -> int:
        """Make dead (or sent) rows due again; returns how many."""
        ...

    def pause(self, receiver: str, until: datetime) -> None:
        """Let all deliveries to a receiver rest; a time that has passed ends the rest."""
        ...

    def add_digest(self, period: DigestPeriod) -> bool:
        """Record a digest period; False when that subscription has one for that local date already."""
        ...

    def add_digest_items(self, subscription_id: str, development_ids: Sequence[str]) -> None:
        """Record what a digest told."""
        ...

    def add_content(self, content_id: str, data: Mapping[str, object]) -> None:
        """Store what rows share; one that is there is left as it is."""
        ...

    def unsubscribe(self, list_id: str, recipient: str, at: datetime) -> bool:
        """Record that a recipient wants no more of a list; False when that is recorded already."""
        ...

    def resubscribe(self, list_id: str, recipient: str) -> bool:
        """Take an unsubscription back; False when there is none."""
        ...

    def add_silence(self, silence: Silence) -> None:
        """Store or replace a silence."""
        ...

    def set_meta(self, key: str, value: str) -> None:
        """Store a small value."""
        ...


class Store(Protocol):
    """The stored state."""

    def begin(self) -> AbstractContextManager[Transaction]:
        """Open the write transaction; commits on leaving, rolls back on an exception."""
        ...

    def read(self) -> AbstractContextManager[View]:
        """Open a reading snapshot."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


class Receiver(Protocol):
    """Tells one kind of outside. Raises DeliveryError when it cannot.

    `groups` says whether the alerts of a group are one message; else each row is a message of its own.
    """

    @property
    def groups(self) -> bool:
        """Return whether alerts of a group are one message."""
        ...

    async def send(
        self,
        recipient: str,
        entries: Sequence[OutboxEntry],
        developments: Sequence[Development],
        events: Sequence[EventSpec],
    ) -> None:
        """Send one message: alerts (with their developments, in order) or one digest entry (its payload)."""
        ...
