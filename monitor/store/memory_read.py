"""Questions to the values in memory, answered as the SQL store answers them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from monitor.core.model import (
    Claim,
    Development,
    Disposition,
    Document,
    EventState,
    Fact,
    SourceCursor,
    SourceRecord,
)
from monitor.core.ports import HOLDERS_A_BAND
from monitor.store.codec import clean
from monitor.store.memory_hand import MemoryHand
from monitor.store.memory_outbox import MemoryOutboxView

FACTS_A_CHUNK = 1_000


class MemoryView(MemoryOutboxView, MemoryHand):
    """The values, and the questions to them."""

    def __init__(self) -> None:
        super().__init__()
        self._documents: dict[str, Document] = {}
        self._signatures: dict[str, tuple[int, ...]] = {}
        self._identities: dict[str, tuple[str, int]] = {}
        self._hashes: dict[str, str] = {}
        self._copies: dict[str, str | None] = {}
        self._bands: dict[int, dict[str, int]] = {}
        self._versions: dict[str, int] = {}
        self._facts: dict[str, dict[str, Fact]] = {}
        self._births: dict[tuple[str, str], int] = {}
        self._blocks: dict[tuple[str, str], dict[str, None]] = {}
        self._claims: dict[str, Claim] = {}
        self._claims_of: dict[str, dict[str, None]] = {}
        self._dispositions: dict[str, Disposition] = {}
        self._developments: dict[str, Development] = {}
        self._cursors: dict[str, SourceCursor] = {}
        self._records: dict[str, SourceRecord] = {}
        self._meta: dict[str, str] = {}

    def known_identities(self, identities: Sequence[str]) -> dict[str, tuple[str, int]]:
        """Return identity -> (content hash, revision) of the newest revision of those that are stored."""
        return {one: self._identities[clean(one)] for one in identities if clean(one) in self._identities}

    def known_hashes(self, hashes: Sequence[str]) -> frozenset[str]:
        """Return those content hashes that some stored document has."""
        return frozenset(one for one in hashes if one in self._hashes)

    def band_holders(self, bands: Sequence[int]) -> dict[int, tuple[tuple[float, str], ...]]:
        """Return band -> (place, document id) of the oldest `HOLDERS_A_BAND` documents stored under it."""
        return {
            band: tuple((place, name) for name, place in islice(self._bands[band].items(), HOLDERS_A_BAND))
            for band in bands
            if self._bands.get(band)
        }

    def signatures(self, document_ids: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """Return the fingerprints of stored documents."""
        return {name: self._signatures[name] for name in document_ids if name in self._signatures}

    def state(self, event_id: str, blocks: Iterable[str]) -> EventState:
        """Return the event's version and its facts that lie in any of `blocks`."""
        found = {name for block in blocks for name in self._blocks.get((event_id, block), ())}
        oldest = sorted(found, key=lambda name: self._births[event_id, name])
        facts = {name: self._facts[event_id][name] for name in oldest}
        return EventState(event_id=event_id, version=self._versions.get(event_id, 0), facts=facts)

    def cursor(self, source_id: str) -> SourceCursor | None:
        """Return where reading of the source stands."""
        return self._cursors.get(source_id)

    def cursors_of(self, source_ids: Sequence[str]) -> dict[str, SourceCursor]:
        """Return where reading of these sources stands, with what they held; none for those never read."""
        return {name: self._cursors[name] for name in source_ids if name in self._cursors}

    def unread(self, source_ids: Sequence[str]) -> tuple[str, ...]:
        """Return those of `source_ids` that have no cursor, in their order."""
        return tuple(name for name in source_ids if name not in self._cursors)

    def due(self, now: datetime) -> tuple[str, ...]:
        """Return all sources whose `next_poll_at` has passed or is not set, longest due first.

        A source that is gone for good and has no next time is not due.
        """
        cursors = self._cursors.values()
        unset = [c.source_id for c in cursors if c.next_poll_at is None and not c.gone]
        passed = [(c.next_poll_at, c.source_id) for c in cursors if c.next_poll_at and c.next_poll_at <= now]
        return (*unset, *(name for _, name in sorted(passed)))

    def cursors(self) -> tuple[SourceCursor, ...]:
        """Return all cursors, by source id, without what the sources held."""
        return tuple(replace(self._cursors[name], memory=None) for name in sorted(self._cursors))

    def source_record(self, source_id: str) -> SourceRecord | None:
        """Return what is noted of one source."""
        return self._records.get(source_id)

    def source_records(self) -> tuple[SourceRecord, ...]:
        """Return what is noted of sources, by source id."""
        return tuple(self._records[name] for name in sorted(self._records))

    def document(self, document_id: str) -> Document | None:
        """Return a stored document."""
        return self._documents.get(document_id)

    def copy_of(self, document_id: str) -> str | None:
        """Return the document that a stored one is a copy of."""
        return self._copies.get(document_id)

    def documents(self) -> Iterator[Document]:
        """Return all stored documents in the order in which they were ingested."""
        yield from tuple(self._documents.values())

    def development(self, development_id: str) -> Development | None:
        """Return one development."""
        return self._developments.get(development_id)

    def developments(
        self,
        *,
        event_ids: Sequence[str] = (),
        after: datetime | None = None,
        until: datetime | None = None,
        ids: Sequence[str] = (),
    ) -> tuple[Development, ...]:
        """Return developments found in (after, until], in the order in which they were found."""
        events, wanted = frozenset(event_ids), frozenset(ids)
        return tuple(
            one
            for one in self._developments.values()
            if (not events or one.event_id in events)
            and (not wanted or one.id in wanted)
            and (after is None or one.found_at > after)
            and (until is None or one.found_at <= until)
        )

    def facts(self, event_id: str) -> Iterator[EventState]:
        """Return all facts of an event in chunks (EventStates of at most 1,000 facts), in order of birth."""
        version = self._versions.get(event_id, 0)
        rest = iter(tuple(self._facts.get(event_id, {}).items()))
        while part := dict(islice(rest, FACTS_A_CHUNK)):
            yield EventState(event_id=event_id, version=version, facts=part)

    def claims(self, document_id: str) -> tuple[tuple[Claim, Disposition | None], ...]:
        """Return a document's claims, in the order stored, and how each ended."""
        return tuple(
            (self._claims[name], self._dispositions.get(name))
            for name in self._claims_of.get(document_id, ())
        )

    def find_claim(self, claim_id: str) -> tuple[Claim, Disposition | None] | None:
        """Return one claim and how it ended."""
        claim = self._claims.get(claim_id)
        return (claim, self._dispositions.get(claim_id)) if claim else None

    def meta(self, key: str) -> str | None:
        """Return a small stored value (instance id, last tick, …)."""
        return self._meta.get(key)
