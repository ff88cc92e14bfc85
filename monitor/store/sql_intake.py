"""The path of every document through the database: identity, near-duplicates, facts, and what came of it.

A batch of documents asks and writes everything once, in plain statements whose text is always the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter

from monitor.core.errors import TemporaryStoreError
from monitor.core.model import Claim, Development, Disposition, EventState, Fact, Intake
from monitor.core.ports import HOLDERS_A_BAND
from monitor.store.codec import clean, dumps, key_of, loads, pack, to_micros, unpack
from monitor.store.sql_base import SqlBase

_CACHED_FACTS = 4_096
_REPLACED = "\ufffd"

_IDENTITIES = "SELECT identity, content_hash, revision FROM documents WHERE identity_key = ANY(?) ORDER BY revision, seq"
_HOLDERS = (
    "SELECT b.band, b.document_seq, d.id FROM document_bands AS b JOIN documents AS d ON d.seq = b.document_seq"
    " WHERE b.band = ANY(?) ORDER BY b.band, b.document_seq"
)
# Sorted here and not by the database: for ORDER BY seq SQLite walks all facts of the event in that order (measured).
_FACTS = (
    "SELECT seq, data FROM facts WHERE event_id = ? AND id IN"
    " (SELECT fact_id FROM fact_blocks WHERE block_hash = ANY(?))"
)
_NEW_DOCUMENT = (
    "INSERT INTO documents (id, identity_key, identity, revision, content_hash, copy_of, name, source, publisher,"
    " title, url, language, published_at, dated, retrieved_at, signature, text)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_NEW_BAND = "INSERT INTO document_bands (band, document_seq) VALUES (?, ?) ON CONFLICT DO NOTHING"
_NEW_CLAIM = "INSERT INTO claims (id, document_id, data) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_NEW_ENDING = "INSERT INTO dispositions (claim_id, data) VALUES (?, ?) ON CONFLICT DO NOTHING"
_NEW_DEVELOPMENT = (
    "INSERT INTO developments (id, event_id, found_at, data) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_SAVED_FACT = (
    "INSERT INTO facts (event_id, id, data) VALUES (?, ?, ?)"
    " ON CONFLICT (event_id, id) DO UPDATE SET data = excluded.data"
)
_NEW_BLOCK = "INSERT INTO fact_blocks (block_hash, event_id, fact_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_OLD_BLOCK = "DELETE FROM fact_blocks WHERE block_hash = ? AND event_id = ? AND fact_id = ?"


class _Facts:
    """Facts by their text: the same active ones are asked for again and again, and they are frozen.

    What was just written is mostly what is asked for next, so it is remembered on the way out. Of two generations
    the elder is forgotten when the younger is full; what was asked for meanwhile has moved into that.
    """

    def __init__(self, size: int) -> None:
        self._half = size // 2
        self._young: dict[str, Fact] = {}
        self._old: dict[str, Fact] = {}

    def read(self, data: str) -> Fact:
        """Return the fact that was stored as `data`."""
        fact = self._young.get(data)
        if fact is None:
            fact = self._old.get(data) or loads(Fact, data)
            self._remember(data, fact)
        return fact

    def write(self, fact: Fact) -> str:
        """Return the text to store `fact` as."""
        data = dumps(fact)
        if _REPLACED not in data:  # else it may come back with other characters
            self._remember(data, fact)
        return data

    def _remember(self, data: str, fact: Fact) -> None:
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}
        self._young[data] = fact


_facts = _Facts(_CACHED_FACTS)


class IntakeView(SqlBase):
    """Reads inside one transaction."""

    def known_identities(self, identities: Sequence[str]) -> dict[str, tuple[str, int]]:
        """Return identity -> (content hash, revision) of the newest revision of those that are stored."""
        asked = {clean(identity): identity for identity in identities}
        rows = self._rows(_IDENTITIES, [key_of(identity) for identity in asked])
        return {asked[name]: (digest, revision) for name, digest, revision in rows if name in asked}

    def known_hashes(self, hashes: Sequence[str]) -> frozenset[str]:
        """Return those content hashes that some stored document has."""
        query = "SELECT content_hash FROM documents WHERE content_hash = ANY(?)"
        return frozenset(row[0] for row in self._rows(query, list(hashes)))

    def band_holders(self, bands: Sequence[int]) -> dict[int, tuple[tuple[float, str], ...]]:
        """Return band -> (place, document id) of the oldest `HOLDERS_A_BAND` documents stored under it."""
        if not bands:
            return {}
        found: dict[int, list[tuple[float, str]]] = {}
        for band, seq, name in self._rows(_HOLDERS, list(bands)):
            found.setdefault(band, []).append((seq, name))
        return {band: tuple(holders[:HOLDERS_A_BAND]) for band, holders in found.items()}

    def signatures(self, document_ids: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """Return the fingerprints of stored documents."""
        if not document_ids:
            return {}
        rows = self._rows("SELECT id, signature FROM documents WHERE id = ANY(?)", list(document_ids))
        return {name: unpack(signature) for name, signature in rows}

    def state(self, event_id: str, blocks: Iterable[str]) -> EventState:
        """Return the event's version and its facts that lie in any of `blocks`, in the order of their birth."""
        # The version first: facts that are newer than it are refused on saving, older ones would not be.
        version = self._version(event_id)
        wanted = frozenset(clean(block) for block in blocks)
        facts: dict[str, Fact] = {}
        if wanted and version:
            keys = [key_of(event_id, block) for block in wanted]
            for _, data in sorted(self._rows(_FACTS, clean(event_id), keys), key=itemgetter(0)):
                fact = _facts.read(data)
                if not wanted.isdisjoint(fact.blocks):
                    facts[fact.id] = fact
        return EventState(event_id=event_id, version=version, facts=facts)

    def _version(self, event_id: str) -> int:
        row = self._row("SELECT version FROM events WHERE id = ?", clean(event_id))
        return row[0] if row else 0


class IntakeTransaction(IntakeView):
    """Reads and writes."""

    _place: str

    def add_documents(self, intakes: Sequence[Intake]) -> None:
        """Store documents in their order (a new revision keeps the older ones); known ids are left as they are."""
        if not intakes:
            return
        (last,) = self._row("SELECT coalesce(max(seq), 0) FROM documents")
        self._put(_NEW_DOCUMENT, [_document_row(one) for one in intakes])
        added = {name: seq for seq, name in self._rows("SELECT seq, id FROM documents WHERE seq > ?", last)}
        self._put(
            _NEW_BAND,
            [
                (band, added[one.document.id])
                for one in intakes
                if one.document.id in added
                for band in dict.fromkeys(one.bands)
            ],
        )

    def save_state(self, event_id: str, before: EventState, after: EventState) -> None:
        """Store the facts that differ; raise StoreError when the stored version is not `before.version`."""
        known = before.facts
        changed = [f for key, f in after.facts.items() if known.get(key) is not f and known.get(key) != f]
        gone = [key for key in before.facts if key not in after.facts]
        if not changed and not gone and after.version == before.version:
            return
        event_id = clean(event_id)
        self._move_version(event_id, before.version, max(after.version, before.version + 1))
        if gone:
            self._ask("DELETE FROM facts WHERE event_id = ? AND id = ANY(?)", event_id, gone)
        self._put(_SAVED_FACT, [(event_id, clean(fact.id), _facts.write(fact)) for fact in changed])
        self._save_blocks(event_id, before, changed)

    def add_claims(self, claims: Sequence[Claim], dispositions: Sequence[Disposition]) -> None:
        """Store claims and how they ended; those already stored are left as they are."""
        self._put(_NEW_CLAIM, [(clean(c.id), clean(c.document_id), dumps(c)) for c in claims])
        self._put(_NEW_ENDING, [(clean(d.claim_id), dumps(d)) for d in dispositions])

    def add_developments(self, developments: Sequence[Development]) -> None:
        """Store developments; those already stored are left as they are."""
        rows = [(clean(d.id), clean(d.event_id), to_micros(d.found_at), dumps(d)) for d in developments]
        self._put(_NEW_DEVELOPMENT, rows)

    def _move_version(self, event_id: str, old: int, new: int) -> None:
        """Step the event's version; on PostgreSQL this also locks its row until the commit."""
        if old == 0:
            self._ask("INSERT INTO events (id, version) VALUES (?, 0) ON CONFLICT DO NOTHING", event_id)
        moved = self._ask("UPDATE events SET version = ? WHERE id = ? AND version = ?", new, event_id, old)
        if not moved.rowcount:
            raise TemporaryStoreError(
                f'event "{event_id}" is no longer at version {old}: somebody else moved it',
                place=self._place,
                remedy="read the state again and repeat the work",
            )

    def _save_blocks(self, event_id: str, before: EventState, changed: Sequence[Fact]) -> None:
        added: list[tuple[int, str, str]] = []
        dropped: list[tuple[int, str, str]] = []
        for fact in changed:
            known = before.facts.get(fact.id)
            old = frozenset(known.blocks) if known else frozenset()
            new = frozenset(fact.blocks)
            name = clean(fact.id)
            added += [(key_of(event_id, block), event_id, name) for block in sorted(new - old)]
            dropped += [(key_of(event_id, block), event_id, name) for block in sorted(old - new)]
        self._put(_OLD_BLOCK, dropped)
        self._put(_NEW_BLOCK, added)


def _document_row(one: Intake) -> tuple[object, ...]:
    d = one.document
    return (
        clean(d.id),
        key_of(d.identity),
        clean(d.identity),
        d.revision,
        clean(d.content_hash),
        clean(one.copy_of) if one.copy_of is not None else None,
        clean(d.name),
        clean(d.source),
        clean(d.publisher) if d.publisher is not None else None,
        clean(d.title),
        clean(d.url) if d.url is not None else None,
        d.language,
        to_micros(d.published_at) if d.published_at else None,
        d.dated,
        to_micros(d.retrieved_at),
        pack(one.signature),
        clean(d.text),
    )
