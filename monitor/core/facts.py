"""How a fact remembers: its tellings, what they add to it, and what it said before."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from monitor.core.keys import fact_blocks
from monitor.core.model import (
    MAX_TELLINGS,
    Certainty,
    Claim,
    Document,
    Fact,
    Previous,
    Telling,
)
from monitor.core.names import content_words, fold, same_voice
from monitor.core.plover import Plover

_MAX_BLOCKS = 64
_MAX_TOPIC_WORDS = 16


def published_at(document: Document) -> datetime | None:
    """Return when the document says that it was published, None where it does not say."""
    return document.published_at if document.dated else None


def telling(claim: Claim, document: Document, now: datetime, development_id: str | None) -> Telling:
    """Return how a fact remembers that `document` told it with `claim`."""
    return Telling(
        claim_id=claim.id,
        document_id=document.id,
        document=document.name,
        source=document.source,
        publisher=document.publisher or document.source,
        certainty=claim.certainty,
        figure=claim.figure,
        stance=claim.stance,
        outcome=claim.outcome,
        quote=claim.quote,
        told_at=now,
        published_at=published_at(document),
        development_id=development_id,
    )


def denied(fact: Fact) -> bool:
    """Return whether somebody has denied the fact."""
    return any(t.certainty is Certainty.DENIED for t in fact.tellings)


def previous_of(fact: Fact) -> Previous:
    """Return what a fact said last, as a later development shows it."""
    told = [t for t in fact.tellings if t.development_id] or list(fact.tellings)
    shown = next((t for t in reversed(told) if t.figure == fact.figure and t.stance == fact.stance), told[-1])
    return Previous(
        id=shown.development_id or fact.development_id,
        kind=fact.kind,
        figure=fact.figure,
        stance=fact.stance,
        outcome=fact.outcome,
        certainty=fact.certainty,
        quote=shown.quote,
        document=shown.document,
        sources=tuple(dict.fromkeys(t.source for t in fact.tellings)),
        published=shown.published_at.date() if shown.published_at else None,
    )


def completed(fact: Fact, claim: Claim) -> Fact:
    """Return the fact with what it did not know yet: who, to whom, when, about what, on whose word."""
    added = tuple(v for v in claim.claimed_by if not any(same_voice(v, known) for known in fact.claimed_by))
    firm = fact.certainty is Certainty.REPORTED and claim.certainty is Certainty.ASSERTED
    words = dict.fromkeys(fold(f"{fact.topic or ''} {claim.topic or ''}").split())
    known = content_words(fact.topic or "")
    grown = (
        fact.topic
        if not content_words(claim.topic or "") - known
        else " ".join(list(words)[:_MAX_TOPIC_WORDS])
    )
    return replace(
        fact,
        actors=fact.actors or claim.actors,
        recipients=fact.recipients or claim.recipients,
        claimed_by=fact.claimed_by if fact.figure else (*fact.claimed_by, *added)[:MAX_TELLINGS],
        certainty=Certainty.ASSERTED if firm and fact.figure is None else fact.certainty,
        event_date=fact.event_date or claim.event_date,
        event_date_precision=fact.event_date_precision if fact.event_date else claim.event_date_precision,
        topic=grown,
    )


def moved(fact: Fact, claim: Claim) -> Fact:
    """Return the fact with the claim's value."""
    return replace(
        fact,
        stance=claim.stance,
        figure=claim.figure,
        outcome=claim.outcome or fact.outcome,
        event_date=claim.event_date or fact.event_date,
        certainty=claim.certainty,
    )


def as_claim(fact: Fact) -> Claim:
    """Return a claim with all that a fact's keys are made of."""
    return Claim(
        id=fact.id,
        document_id="",
        kind=fact.kind,
        plover=Plover(),
        actors=fact.actors,
        recipients=fact.recipients,
        stance=fact.stance,
        figure=fact.figure,
        topic=fact.topic,
        quote="",
        start=0,
        end=0,
        confidence=1,
    )


def rekeyed(fact: Fact) -> Fact:
    """Return a fact of an earlier version under the keys that this version looks it up by."""
    first = fact_blocks(as_claim(fact), fact.first_told_at)
    return replace(
        fact, blocks=tuple(dict.fromkeys((*first, *fact_blocks(as_claim(fact), fact.last_told_at))))
    )


def kept_blocks(fact: Fact, claim: Claim, now: datetime) -> tuple[str, ...]:
    """Return a fact's keys: the old ones stay, so that every former form is found; bounded at both ends."""
    seen = replace(claim, actors=fact.actors, recipients=fact.recipients, stance=fact.stance)
    keys = list(dict.fromkeys((*fact.blocks, *fact_blocks(seen, now))))
    return (
        tuple(keys) if len(keys) <= _MAX_BLOCKS else (*keys[: _MAX_BLOCKS // 2], *keys[-_MAX_BLOCKS // 2 :])
    )
