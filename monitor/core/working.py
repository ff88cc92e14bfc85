"""The facts of one event while a batch of documents is told: loaded once, diffed one by one, saved once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from monitor.core.differ import Retraction, blocks_of, diff
from monitor.core.model import Actor, Claim, DiffResult, Document, EventState
from monitor.core.policy import Policy
from monitor.core.standings import corrected_actors

NOTHING = Retraction()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A document as an event takes it: the claims of interest, and what its earlier revision told besides."""

    document: Document
    claims: tuple[Claim, ...] = ()
    retraction: Retraction = field(default_factory=Retraction)


class WorkingState:
    """Facts of one event. A document's diff sees only those that its claims can touch.

    `wanted` are the keys that the batch looks under, which are few of those that its facts have.
    """

    def __init__(self, loaded: EventState, policy: Policy, wanted: frozenset[str]) -> None:
        self.before = loaded
        self.after = loaded
        self._policy = policy
        self._wanted = wanted
        self._facts = dict(loaded.facts)
        self._index: dict[str, dict[str, None]] = {}
        self._place = {fact_id: n for n, fact_id in enumerate(self._facts)}
        for fact in self._facts.values():
            self._enter(fact.id, fact.blocks)

    def take(self, told: Told, keys: Iterable[str], *, now: datetime) -> DiffResult:
        """Diff a document with what the batch knows by now under its `wanted_blocks`."""
        ids = {fact_id for key in keys for fact_id in self._index.get(key, ())}
        part = EventState(
            event_id=self.before.event_id,
            version=self.after.version,
            facts={i: self._facts[i] for i in sorted(ids, key=self._place.__getitem__)},
        )
        result = diff(
            part,
            told.claims,
            document=told.document,
            now=now,
            policy=self._policy,
            retraction=told.retraction,
        )
        if result.state is not part:
            self._accept(part, result.state)
        return result

    def _accept(self, part: EventState, state: EventState) -> None:
        for fact_id, fact in state.facts.items():
            old = part.facts.get(fact_id)
            if old is fact:
                continue
            self._facts[fact_id] = fact
            self._place.setdefault(fact_id, len(self._place))
            for key in self._wanted.intersection(old.blocks).difference(fact.blocks) if old else ():
                self._index[key].pop(fact_id, None)
            self._enter(fact_id, fact.blocks)
        self.after = EventState(event_id=self.before.event_id, version=state.version, facts=self._facts)

    def _enter(self, fact_id: str, blocks: Iterable[str]) -> None:
        for key in self._wanted.intersection(blocks):
            self._index.setdefault(key, {})[fact_id] = None


def wanted_blocks(told: Told, *, now: datetime, policy: Policy) -> tuple[str, ...]:
    """Return the lookup keys of all facts that the document can touch."""
    return blocks_of((*told.claims, *told.retraction.claims), now=now, policy=policy)


def corrected_claims(claims: Sequence[Claim], named: Mapping[str, Actor]) -> tuple[Claim, ...]:
    """Return the claims with actors whom somebody has corrected by hand (folded name -> actor) replaced."""
    if not named:
        return tuple(claims)
    return tuple(
        replace(
            claim,
            actors=corrected_actors(claim.actors, named),
            recipients=corrected_actors(claim.recipients, named),
            claimed_by=corrected_actors(claim.claimed_by, named),
        )
        for claim in claims
    )
