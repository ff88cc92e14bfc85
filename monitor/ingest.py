"""The use case: documents -> what is new, stored in one transaction a batch. Sees ports only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.core.copies import Copies
from monitor.core.differ import Retraction
from monitor.core.errors import StoreError
from monitor.core.interest import EventMatcher, fold
from monitor.core.model import (
    Actor,
    Claim,
    Development,
    Disposition,
    Document,
    EventSpec,
    Intake,
    Problem,
    SourceCursor,
)
from monitor.core.outgoing import OutboxEntry
from monitor.core.policy import Policy
from monitor.core.ports import Clock, Fingerprinter, Reader, Store, Transaction, View
from monitor.core.revisions import lost_claims
from monitor.core.standings import corrections, in_force
from monitor.core.suggestions import Stray, stray
from monitor.core.working import NOTHING, Told, WorkingState, corrected_claims, wanted_blocks

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """A prepared document on its way into the state: its time, its original, and what it says no more."""

    document: Document
    prepared: _Prepared
    original: Document | None
    retraction: Retraction
    takers: tuple[EventMatcher, ...]

    @property
    def voice(self) -> Document:
        """The document as the differ hears it: a copy speaks with its original's voice."""
        first = self.original
        return replace(self.document, publisher=first.publisher or first.source) if first else self.document


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
        self._take_all = all(m.takes_all for m in self._matchers)

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
                document=document
                if document.revision == revision + 1
                else replace(document, revision=revision + 1),
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
        if not prepared and cursor is None:
            return Ingested()
        with self._store.begin() as tx:
            # Asked only now: what is found is never dated before the writes that went before it, and a digest
            # that looked at the state while the documents were being understood misses nothing of them.
            now = clock()
            taken, ends = self._take_in(tx, prepared, now)
            found = self._diff(tx, taken, ends, now)
            tx.add_claims([c for item in prepared for c in item.claims], list(ends.values()))
            tx.add_developments(found)
            if found:
                tx.add_outbox(self._router(found, tx, now))
            if cursor is not None:
                tx.save_cursor(cursor)
        copies = sum(item.original is not None for item in taken)
        return Ingested(developments=tuple(found), stored=len(prepared), copies=copies)

    def _take_in(
        self, tx: Transaction, prepared: Sequence[_Prepared], now: datetime
    ) -> tuple[list[_Taken], dict[str, Disposition]]:
        """Store the documents, and those that no event takes as strays; return them with how claims end so far."""
        copies = Copies(
            tx,
            self._fingerprinter,
            self._copy_similarity,
            [(p.document, p.signature, p.bands) for p in prepared],
        )
        taken: list[_Taken] = []
        intakes: list[Intake] = []
        strays: list[Stray] = []
        ends: dict[str, Disposition] = {}
        for item in prepared:
            # Kept as the time at which the state knew it, so that a replay can diff it as of then.
            document = replace(item.document, retrieved_at=now)
            original, bands = copies.place(document, item.signature, item.bands)
            folded = "" if self._take_all else fold(f"{document.title}\n{document.text}")
            takers = tuple(m for m in self._matchers if m.takes(folded, item.claims))
            if not takers:
                strays.append(stray(document, item.claims))
            for claim in item.claims:
                ends[claim.id] = Disposition(
                    claim_id=claim.id, reason="no monitored event takes this document"
                )
            taken.append(
                _Taken(
                    document=document,
                    prepared=item,
                    original=original,
                    retraction=self._retraction(tx, item, taken),
                    takers=takers,
                )
            )
            intakes.append(
                Intake(
                    document=document,
                    signature=item.signature,
                    bands=bands,
                    copy_of=original.id if original else None,
                )
            )
        tx.add_documents(intakes)
        tx.add_strays(strays)
        return taken, ends

    def _retraction(self, tx: Transaction, item: _Prepared, taken: Sequence[_Taken]) -> Retraction:
        """Return what the revision before told and this one tells no more."""
        if item.document.revision == 1:
            return NOTHING
        inside = [t for t in taken if t.document.identity == item.document.identity]
        stored = tx.revisions(item.document.identity)
        revisions = (*stored, *(t.document.id for t in inside))
        if not revisions:
            return NOTHING
        old: Document | None
        if inside:
            old, claims = inside[-1].document, inside[-1].prepared.claims
        else:
            old = tx.document(stored[-1])
            claims = tuple(claim for claim, _ in tx.claims(stored[-1]))
        if old is None:
            return NOTHING
        return Retraction(
            claims=lost_claims(old, claims, item.document), document=old, revisions=frozenset(revisions)
        )

    def _diff(
        self, tx: Transaction, taken: Sequence[_Taken], ends: dict[str, Disposition], now: datetime
    ) -> list[Development]:
        """Let each event take its documents in their order; return what they found, document by document."""
        found: dict[str, list[Development]] = {item.document.id: [] for item in taken}
        for matcher in self._matchers:
            event = matcher.event.id
            mine = [item for item in taken if matcher in item.takers]
            if not mine:
                continue
            named = corrections(in_force(tx.edits(event)))
            told = [self._told(item, matcher, named) for item in mine]
            keys = [wanted_blocks(one, now=now, policy=self._policy) for one in told]
            wanted = frozenset().union(*keys)
            state = WorkingState(tx.state(event, wanted), self._policy, wanted)
            for item, one, mine_only in zip(mine, told, keys, strict=True):
                result = state.take(one, mine_only, now=now)
                found[item.document.id] += result.developments
                _end(item.prepared.claims, result.dispositions, matcher, ends)
            if state.after is not state.before:
                tx.save_state(event, state.before, state.after)
        return [development for each in found.values() for development in each]

    def _told(self, item: _Taken, matcher: EventMatcher, named: Mapping[str, Actor]) -> Told:
        wanted = [claim for claim in item.prepared.claims if matcher.refusal(claim) is None]
        lost = tuple(claim for claim in item.retraction.claims if matcher.refusal(claim) is None)
        retraction = item.retraction
        if retraction.claims:
            retraction = replace(retraction, claims=corrected_claims(lost, named))
        return Told(document=item.voice, claims=corrected_claims(wanted, named), retraction=retraction)


def _end(
    claims: Sequence[Claim], told: Sequence[Disposition], matcher: EventMatcher, ends: dict[str, Disposition]
) -> None:
    """Note how the claims of a document ended in an event."""
    by_claim = {d.claim_id: d for d in told}
    for claim in claims:
        end = by_claim.get(claim.id) or Disposition(
            claim_id=claim.id,
            reason=matcher.refusal(claim) or f"the event {matcher.event.id} did not judge it",
        )
        ends[claim.id] = _weightier(ends[claim.id], end)


def _weightier(old: Disposition, new: Disposition) -> Disposition:
    """Return the disposition that says more, where several events judged one claim."""
    if old.development_id is not None or (old.fact_id is not None and new.development_id is None):
        return old
    return new
