"""The use case: documents -> what is new, stored in one transaction a batch. Sees ports only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.core.differ import blocks_of, diff
from monitor.core.errors import StoreError
from monitor.core.model import (
    Claim,
    Development,
    Disposition,
    Document,
    EventSpec,
    OutboxEntry,
    Policy,
    Problem,
    SourceCursor,
)
from monitor.core.ports import Clock, Fingerprinter, Reader, Store, Transaction, View

BATCH = 20
"""Documents a commit: with synchronous=FULL an fsync costs about 4 ms, so a fetch's documents share one."""

Router = Callable[[Sequence[Development], View, datetime], tuple[OutboxEntry, ...]]
"""Developments, the state that holds them already, now -> rows to queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What came of some documents; counts of documents, and the developments in the order they were found."""

    developments: tuple[Development, ...] = ()
    stored: int = 0
    copies: int = 0
    known: int = 0
    problems: tuple[Problem, ...] = ()

    def __add__(self, other: Ingested) -> Ingested:
        return Ingested(
            developments=self.developments + other.developments,
            stored=self.stored + other.stored,
            copies=self.copies + other.copies,
            known=self.known + other.known,
            problems=self.problems + other.problems,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    document: Document
    claims: tuple[Claim, ...]
    signature: tuple[int, ...]
    bands: tuple[int, ...]


def fold(text: str) -> str:
    """Return `text` without case and accents, for matching words."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


class EventMatcher:
    """Says whether an event takes a document. `names` are further words: its countries' names."""

    def __init__(self, event: EventSpec, names: Sequence[str] = ()) -> None:
        self.event = event
        self._countries = frozenset(event.countries)
        self._actors = frozenset(map(fold, event.actors))
        words = sorted({fold(w).strip() for w in (*event.words, *event.actors, *names)} - {""})
        joined = "|".join(re.escape(word) for word in words)
        self._words = re.compile(rf"(?<!\w)(?:{joined})(?!\w)") if words else None
        self._all = not (event.countries or event.actors or event.words)

    def takes(self, folded: str, claims: Sequence[Claim]) -> bool:
        """Say whether the document with this folded text and these claims belongs to the event."""
        if self._all or (self._words is not None and self._words.search(folded)):
            return True
        people = [
            actor for claim in claims for actor in (*claim.actors, *claim.recipients, *claim.claimed_by)
        ]
        return any(a.country in self._countries or fold(a.name) in self._actors for a in people)

    def wants(self, claim: Claim) -> bool:
        """Say whether the claim's kind is of interest."""
        return not self.event.kinds or claim.kind in self.event.kinds


class Ingest:
    """Takes documents through identity, copies, extraction, diff and routing, and commits.

    A crash before a commit repeats the work with the same ids; a crash after it loses nothing, because
    the source's cursor moves in the last commit of its documents.
    """

    def __init__(
        self,
        *,
        store: Store,
        reader: Reader,
        fingerprinter: Fingerprinter,
        events: Sequence[EventSpec],
        policy: Policy,
        router: Router,
        country_names: Mapping[str, Sequence[str]] | None = None,
        copy_similarity: float = 0.7,
    ) -> None:
        self._store = store
        self._reader = reader
        self._fingerprinter = fingerprinter
        self._policy = policy
        self._router = router
        self._copy_similarity = copy_similarity
        names = country_names or {}
        self._matchers = tuple(
            EventMatcher(event, [n for country in event.countries for n in names.get(country, ())])
            for event in events
        )

    def ingest(
        self, documents: Sequence[Document], *, clock: Clock, cursor: SourceCursor | None = None
    ) -> Ingested:
        """Store what is new in `documents`, in their order, and move the source's `cursor` with the last."""
        total = Ingested()
        batches = [documents[at : at + BATCH] for at in range(0, len(documents), BATCH)] or [()]
        for index, batch in enumerate(batches):
            last = index == len(batches) - 1
            total += self._batch(batch, cursor if last else None, clock)
        return total

    def _batch(self, batch: Sequence[Document], cursor: SourceCursor | None, clock: Clock) -> Ingested:
        """Store a batch; once more when another writer moved the state in between."""
        try:
            return self._once(batch, cursor, clock)
        except StoreError:
            return self._once(batch, cursor, clock)

    def _once(self, batch: Sequence[Document], cursor: SourceCursor | None, clock: Clock) -> Ingested:
        """Prepare outside the transaction, because extraction is slow, then commit."""
        problems: list[Problem] = []
        prepared = list(self._prepare(batch, problems))
        done = self._commit(prepared, cursor, clock)
        return done + Ingested(known=len(batch) - len(prepared), problems=tuple(problems))

    def _prepare(self, batch: Sequence[Document], problems: list[Problem]) -> Iterator[_Prepared]:
        if not batch:
            return
        with self._store.read() as view:
            identities = view.known_identities([d.identity for d in batch])
            hashes = set(view.known_hashes([d.content_hash for d in batch]))
        for document in batch:
            if document.content_hash in hashes:
                continue
            hashes.add(document.content_hash)
            _, revision = identities.get(document.identity, ("", 0))
            identities[document.identity] = (document.content_hash, revision + 1)
            signature = self._fingerprinter.signature(document.text)
            yield _Prepared(
                document=replace(document, revision=revision + 1),
                claims=self._read(document, problems),
                signature=signature,
                bands=self._fingerprinter.bands(signature),
            )

    def _read(self, document: Document, problems: list[Problem]) -> tuple[Claim, ...]:
        try:
            return self._reader.read(document)
        except Exception as error:  # noqa: BLE001  one text that breaks the reader must not stop its source
            message = f"could not be understood and is kept without claims: {type(error).__name__}: {error}"
            problems.append(Problem(place=document.name, message=message, remedy="please report this text"))
            return ()

    def _commit(self, prepared: Sequence[_Prepared], cursor: SourceCursor | None, clock: Clock) -> Ingested:
        developments: list[Development] = []
        copies = 0
        if not prepared and cursor is None:
            return Ingested()
        with self._store.begin() as tx:
            # Asked only now: what is found is never dated before the writes that went before it, and a digest
            # that looked at the state while the documents were being understood misses nothing of them.
            now = clock()
            for item in prepared:
                original = self._original(tx, item)
                copies += original is not None
                found = self._document(tx, item, original, now)
                developments += found
                if found:
                    tx.add_outbox(self._router(found, tx, now))
            if cursor is not None:
                tx.save_cursor(cursor)
        return Ingested(developments=tuple(developments), stored=len(prepared), copies=copies)

    def _original(self, tx: Transaction, item: _Prepared) -> Document | None:
        """Return the oldest stored document of which this one is a copy; its own revisions are none."""
        if not item.signature:
            return None
        for document_id, signature in tx.similar(item.bands):
            if self._fingerprinter.similarity(item.signature, signature) < self._copy_similarity:
                continue
            document = tx.document(document_id)
            if document is not None and document.identity != item.document.identity:
                return document
        return None

    def _document(
        self, tx: Transaction, item: _Prepared, original: Document | None, now: datetime
    ) -> tuple[Development, ...]:
        """Store one document and what it changes. A copy speaks with its original's voice."""
        # Kept as the time at which the state knew it, so that a replay can diff it as of then.
        document = replace(item.document, retrieved_at=now)
        voice = replace(document, publisher=original.publisher or original.source) if original else document
        tx.add_document(
            document,
            signature=item.signature,
            bands=item.bands,
            copy_of=original.id if original else None,
        )
        ends = {
            c.id: Disposition(claim_id=c.id, reason="no monitored event takes this document")
            for c in item.claims
        }
        found: list[Development] = []
        folded = fold(f"{document.title}\n{document.text}")
        for matcher in self._matchers:
            if not matcher.takes(folded, item.claims):
                continue
            wanted = [claim for claim in item.claims if matcher.wants(claim)]
            before = tx.state(matcher.event.id, blocks_of(wanted, now=now, policy=self._policy))
            result = diff(before, wanted, document=voice, now=now, policy=self._policy)
            if result.state != before:
                tx.save_state(matcher.event.id, before, result.state)
            found += result.developments
            told = {d.claim_id: d for d in result.dispositions}
            for claim in item.claims:
                end = told.get(claim.id) or Disposition(
                    claim_id=claim.id, reason=f"the event {matcher.event.id} is not interested in its kind"
                )
                ends[claim.id] = _weightier(ends[claim.id], end)
        tx.add_claims(item.claims, list(ends.values()))
        tx.add_developments(found)
        return tuple(found)


def _weightier(old: Disposition, new: Disposition) -> Disposition:
    """Return the disposition that says more, where several events judged one claim."""
    if old.development_id is not None or (old.fact_id is not None and new.development_id is None):
        return old
    return new
