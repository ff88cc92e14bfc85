"""The working state of one diff: facts as they become, what was made of them, and the ids that it mints.

Used by the differ only, for the length of one call; nothing of it is shared or kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from monitor.core.facts import completed, denied, kept_blocks, moved, previous_of, published_at, telling
from monitor.core.figures import has_told
from monitor.core.keys import fact_blocks, lookups
from monitor.core.model import (
    MAX_TELLINGS,
    Actor,
    Certainty,
    Change,
    Claim,
    Development,
    DiffResult,
    Disposition,
    Document,
    EventState,
    Fact,
    Previous,
    stable_id,
)
from monitor.core.names import fold
from monitor.core.policy import Policy

_MAX_VOICES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A development in the making; `claim` holds one actor of a joint statement, `of` is it as it came.

    `told_in` is the earlier revision in which a claim stood that is withdrawn now.
    """

    id: str
    change: Change
    claim: Claim
    of: Claim
    fact_id: str
    reason: str
    previous: Previous | None
    told_in: Document | None = None


class Ledger:
    """Facts of one event while one document is told."""

    def __init__(self, state: EventState, document: Document, now: datetime, policy: Policy) -> None:
        self.before = state
        self.facts: dict[str, Fact] = dict(state.facts)
        self.document = document
        self.now = now
        self.turn = state.version + 1
        self.policy = policy
        self.published = published_at(document)
        self.voice = policy.families.get(publisher := document.publisher or document.source, publisher)
        self.born: set[str] = set()
        self.moved: set[str] = set()
        self.echoed: dict[str, tuple[Actor, ...]] = {}
        self.drafts: list[Draft] = []

    @property
    def day(self) -> date | None:
        """The day on which the document says that it was published."""
        return self.published.date() if self.published else None

    def candidates(self, claim: Claim) -> list[Fact]:
        """Return the facts that `claim` may be about, in the order of their birth."""
        keys = frozenset(lookups(claim, now=self.now, policy=self.policy))
        return [fact for fact in self.facts.values() if not keys.isdisjoint(fact.blocks)]

    def told_by(self, claim: Claim) -> list[Fact]:
        """Return the facts that remembered this very claim before, as they are now."""
        known = self.before.facts.values()
        return [self.facts[f.id] for f in known if any(t.claim_id == claim.id for t in f.tellings)]

    def late(self, fact: Fact) -> bool:
        """Return whether a document newer than this one has told the fact."""
        return bool(self.published and fact.as_of and self.published < fact.as_of)

    def told_here(self, fact: Fact) -> bool:
        """Return whether this document tells the fact already."""
        return any(t.document_id == self.document.id for t in fact.tellings)

    def bears(self, fact: Fact) -> bool:
        """Return whether this document made the fact."""
        return fact.id in self.born

    def served_before(self, fact: Fact) -> bool:
        """Return whether this very document told the fact before it was taken up now."""
        known = self.before.facts.get(fact.id)
        return known is not None and any(t.document_id == self.document.id for t in known.tellings)

    def stranger(self, fact: Fact) -> bool:
        """Return whether no document of this publisher (or its family) has told the fact."""
        families = self.policy.families
        return all(families.get(v, v) != self.voice for v in fact.voices)

    def mint(self, claim: Claim, of: Claim, change: Change, reason: str, against: Fact | None = None) -> str:
        """Make a fact of `claim` and announce it; returns the development's id."""
        draft_id = self._development_id(claim, of, change, against)
        who = "|".join(fold(a.name) for a in claim.actors)
        fact_id = stable_id("f", draft_id, who, claim.id)
        fact = Fact(
            id=fact_id,
            event_id=self.before.event_id,
            kind=claim.kind,
            blocks=fact_blocks(claim, self.now),
            actors=claim.actors,
            recipients=claim.recipients,
            stance=claim.stance,
            outcome=claim.outcome,
            figure=claim.figure,
            claimed_by=claim.claimed_by,
            certainty=claim.certainty,
            event_date=claim.event_date,
            event_date_precision=claim.event_date_precision,
            topic=claim.topic,
            first_told_at=self.now,
            last_told_at=self.now,
            as_of=self.published,
            tellings=(telling(claim, self.document, self.now, draft_id),),
            voices=(self.document.publisher or self.document.source,),
            development_id=draft_id,
            turn=self.turn,
        )
        self.drafts.append(
            Draft(
                id=draft_id,
                change=change,
                claim=claim,
                of=of,
                fact_id=fact_id,
                reason=reason,
                previous=previous_of(against) if against else None,
            )
        )
        self.facts[fact_id] = fact
        self.born.add(fact_id)
        return draft_id

    def announce(self, fact: Fact, claim: Claim, of: Claim, change: Change, reason: str) -> str:
        """Report that `claim` moves `fact` and take it over; returns the development's id."""
        draft_id = self._development_id(claim, of, change, fact)
        self.drafts.append(
            Draft(
                id=draft_id,
                change=change,
                claim=claim,
                of=of,
                fact_id=fact.id,
                reason=reason,
                previous=previous_of(fact),
            )
        )
        self.tell(fact, claim, change=change, development_id=draft_id)
        return draft_id

    def tell(
        self, fact: Fact, claim: Claim, *, change: Change | None = None, development_id: str | None = None
    ) -> None:
        """Remember, once, that the document tells `fact`; with CHANGED the fact takes the claim's value.

        A denial, and a number that is not known of it, are remembered besides: they are no news a second time.
        """
        denial = claim.certainty is Certainty.DENIED and not denied(fact)
        number = claim.figure is not None and not has_told(fact, claim.figure)
        if change is None and self.told_here(fact) and not (denial or number):
            return
        told = (*fact.tellings, telling(claim, self.document, self.now, development_id))
        publisher = self.document.publisher or self.document.source
        after = replace(
            completed(fact, claim),
            tellings=(told[0], *told[1:][-(MAX_TELLINGS - 1) :]),
            voices=fact.voices if publisher in fact.voices else (*fact.voices, publisher)[:_MAX_VOICES],
            last_told_at=self.now,
            as_of=max(filter(None, (fact.as_of, self.published)), default=None),
            version=fact.version + 1,
            turn=self.turn,
            withdrawn=fact.withdrawn and change is None,
        )
        if change is Change.CHANGED:
            after = moved(after, claim)
            self.moved.add(fact.id)
        after = replace(after, blocks=kept_blocks(after, claim, self.now))
        self.facts[fact.id] = after

    def withdraw(self, fact: Fact, claim: Claim, told_in: Document | None, reason: str) -> None:
        """Report that the article that told `fact` with `claim` tells it no more."""
        draft_id = self._development_id(claim, claim, Change.CHANGED, fact)
        self.drafts.append(
            Draft(
                id=draft_id,
                change=Change.CHANGED,
                claim=claim,
                of=claim,
                fact_id=fact.id,
                reason=reason,
                previous=previous_of(fact),
                told_in=told_in or self.document,
            )
        )
        self.facts[fact.id] = replace(fact, withdrawn=True, version=fact.version + 1, turn=self.turn)

    def _development_id(self, claim: Claim, of: Claim, change: Change, against: Fact | None) -> str:
        """A statement that several actors make with the same words is one development."""
        joint = of.kind == "statement"
        return stable_id(
            "d",
            self.before.event_id,
            self.document.id,
            change,
            against.development_id if against else None,
            of.kind,
            of.stance,
            of.start,
            of.end,
            "|".join(fold(a.name) for a in claim.recipients),
            None if joint else of.id,
        )

    def result(self, dispositions: Iterable[Disposition]) -> DiffResult:
        """Return the state after the document, and the developments in the order of their quotes."""
        groups: dict[str, list[Draft]] = {}
        for draft in self.drafts:
            groups.setdefault(draft.id, []).append(draft)
        found = [self._development(group) for group in groups.values()]
        after = self.before
        if self.facts != dict(self.before.facts):
            before = self.before
            after = EventState(event_id=before.event_id, version=before.version + 1, facts=self.facts)
        return DiffResult(
            state=after,
            developments=tuple(sorted(found, key=lambda d: (d.start, d.end, d.id))),
            dispositions=tuple(dispositions),
        )

    def _development(self, group: list[Draft]) -> Development:
        first = group[0]
        claim, fact = first.claim, self.facts[first.fact_id]
        document = first.told_in or self.document
        actors = dict.fromkeys(a for draft in group for a in draft.claim.actors)
        return Development(
            id=first.id,
            event_id=self.before.event_id,
            fact_id=first.fact_id,
            claim_id=first.of.id,
            document_id=document.id,
            document=document.name,
            source=document.source,
            url=document.url,
            change=first.change,
            reason=first.reason,
            kind=claim.kind,
            plover=claim.plover,
            actors=tuple(actors),
            recipients=claim.recipients,
            stance=claim.stance,
            outcome=claim.outcome,
            figure=claim.figure,
            claimed_by=claim.claimed_by,
            certainty=claim.certainty,
            event_date=claim.event_date,
            event_date_precision=claim.event_date_precision,
            topic=claim.topic,
            published=self.day,
            quote=claim.quote,
            start=claim.start,
            end=claim.end,
            previous=first.previous,
            sources=tuple(dict.fromkeys(t.source for t in fact.tellings)),
            independent_sources=self.independent(fact),
            confidence=claim.confidence,
            found_at=self.now,
            withdrawn=first.told_in is not None,
        )

    def independent(self, fact: Fact) -> int:
        """Return how many publisher families have told the fact."""
        return len({self.policy.families.get(v, v) for v in fact.voices})
