"""Decides what claims do to the known facts: new, changed, confirmed, contradicted, or nothing.

Pure: the same state, claims, document, time and policy give the same result, and the order of the claims
does not matter. Every claim ends in exactly one disposition. Who is who is the business of `names`, which
happening it is that of `identity`, numbers that of `figures`; here is only what follows from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.core.facts import denied
from monitor.core.figures import UNCLEAR, Setting, has_told, judge, occasional, same_scope, same_value
from monitor.core.identity import Match, match_event, match_statement
from monitor.core.keys import blocks_of, understood
from monitor.core.ledger import Ledger
from monitor.core.measures import phase_of
from monitor.core.model import (
    Actor,
    Certainty,
    Change,
    Claim,
    DiffResult,
    Disposition,
    Document,
    EventState,
    Fact,
    Modality,
)
from monitor.core.names import is_named, same_person, same_voice
from monitor.core.policy import KindSpec, Policy
from monitor.core.reasons import about_fact, figure_move

__all__ = ["Retraction", "blocks_of", "diff"]

_TOLD = (Modality.FACT, Modality.DENIAL)
_VOICES_IN_A_DISPUTE = 3
_RESTATED_AFTER = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraction:
    """What a revision no longer tells: `claims` of the revision before it (`document`), and the ids of all
    earlier revisions. A fact that nobody else tells is withdrawn with them.
    """

    claims: tuple[Claim, ...] = ()
    document: Document | None = None
    revisions: frozenset[str] = frozenset()


def diff(
    state: EventState,
    claims: Sequence[Claim],
    *,
    document: Document,
    now: datetime,
    policy: Policy,
    retraction: Retraction | None = None,
) -> DiffResult:
    """Return the state after `document` told `claims`, the developments, and how each claim ended.

    `state` needs to hold the facts under `blocks_of(claims)` (and those of the retraction's claims) only, in the
    order of their birth. `now` must be timezone-aware.
    """
    ledger = Ledger(state, document, now, policy)
    ended: dict[str, Disposition] = {}
    told = sorted(claims, key=_canonical)
    for claim in (*told, *(c for c in told if _denies(c))):
        if claim.id in ended and ended[claim.id].fact_id:
            continue
        ended[claim.id] = _end(ledger, claim)
    if retraction is not None:
        _withdraw(ledger, retraction)
    return ledger.result(ended[claim.id] for claim in claims)


def _denies(claim: Claim) -> bool:
    """Such a claim is judged twice: what it denies may be told further down in the same document."""
    return claim.modality is Modality.DENIAL or claim.certainty is Certainty.DENIED


def _canonical(claim: Claim) -> tuple[object, ...]:
    """The fully told first, so that what is told by halves finds it; then by place. Never the order given."""
    halves = (
        0
        if claim.figure or _denies(claim)
        else (not claim.actors) + (not claim.recipients) + (claim.event_date is None)
    )
    return halves, claim.start, claim.end, claim.kind, claim.stance or "", claim.id


def _end(ledger: Ledger, claim: Claim) -> Disposition:
    refused = refusal(claim, ledger.policy)
    if refused:
        return Disposition(claim_id=claim.id, reason=refused)
    fit = understood(claim, ledger.policy)
    if fit is None:
        names = ", ".join(a.name for a in claim.recipients or claim.actors)
        return Disposition(claim_id=claim.id, reason=f"cannot be: {claim.kind} of {names}")
    return _take(ledger, fit)


def refusal(claim: Claim, policy: Policy) -> str | None:
    """Return why a claim is not compared with what is known, whatever that is; None where it is."""
    if claim.modality not in _TOLD:
        return f"not told as a fact but as {claim.modality}"
    if claim.kind not in policy.kinds:
        return f"no kind {claim.kind!r} is configured"
    least = _least(claim, policy)
    if claim.confidence < least:
        return f"confidence {claim.confidence:.2f} is below {least:.2f}"
    if claim.figure is not None and _denies(claim):
        return "denies a number and gives none of its own"
    if claim.kind == "figure" and claim.figure is None:
        return "a figure without a number"
    return None


def _least(claim: Claim, policy: Policy) -> float:
    """Return the confidence that is asked of such a claim."""
    spec = policy.kinds[claim.kind]
    finer = claim.stance or claim.outcome or (claim.figure.metric if claim.figure else None)
    return max(policy.min_confidence, spec.min_confidence, spec.min_confidence_of.get(finer or "", 0.0))


def _take(ledger: Ledger, claim: Claim) -> Disposition:
    if claim.figure is not None:
        return _figure(ledger, claim)
    if claim.kind == "statement":
        return _statement(ledger, claim)
    return _event(ledger, claim)


def _known(claim: Claim, fact: Fact, why: str) -> Disposition:
    return Disposition(claim_id=claim.id, reason=f"known: {why}", fact_id=fact.id)


def _told(claim: Claim, reason: str, development_id: str, fact_id: str | None = None) -> Disposition:
    return Disposition(claim_id=claim.id, reason=reason, fact_id=fact_id, development_id=development_id)


def _rejected(claim: Claim, fact: Fact) -> Disposition:
    return Disposition(
        claim_id=claim.id, reason="suppressed: somebody has rejected its like as false", fact_id=fact.id
    )


def _withdraw(ledger: Ledger, retraction: Retraction) -> None:
    """Announce the facts that only this article told, and that its new revision tells no more."""
    for claim in sorted(retraction.claims, key=_canonical):
        for fact in ledger.told_by(claim):
            alone = all(t.document_id in retraction.revisions for t in fact.tellings)
            if alone and not (fact.withdrawn or fact.rejected or ledger.told_here(fact)):
                reason = f"withdrawn: the edited article says no more: {about_fact(fact, ledger.policy)}"
                ledger.withdraw(fact, claim, retraction.document, reason)


# ---- figures


def _figure(ledger: Ledger, claim: Claim) -> Disposition:
    assert claim.figure is not None
    figure = claim.figure
    near = [f for f in ledger.candidates(claim) if f.figure is not None]
    for fact in near:
        if (fact.rejected or fact.withdrawn) and has_told(fact, figure):
            return _rejected(claim, fact) if fact.rejected else _restored(ledger, claim, claim, fact)
    near = [f for f in near if not (f.rejected or f.withdrawn or _other_vote(claim, f))]
    single = occasional(figure)
    series = [f for f in near if f.figure and same_scope(figure, f.figure) and not single]
    told = [f for f in near if any(t.figure and same_value(t.figure, figure) for t in f.tellings)]
    verdict = judge(figure, claim.claimed_by, series, told, _setting(ledger, near))
    if verdict.fact is not None and has_told(verdict.fact, figure):
        ledger.echoed[verdict.fact.id] = (*ledger.echoed.get(verdict.fact.id, ()), *claim.claimed_by)
    if verdict.change is None:
        assert verdict.fact is not None
        ledger.tell(verdict.fact, claim)
        return _known(claim, verdict.fact, verdict.why)
    if verdict.unclear:
        claim = replace(claim, figure=replace(figure, scope=(*figure.scope, UNCLEAR)))
    reason = figure_move(claim, verdict.against, verdict.why)
    if verdict.fact is None:
        made = ledger.mint(claim, claim, verdict.change, reason, verdict.against)
        if verdict.change is Change.CHANGED:
            ledger.moved.add(ledger.drafts[-1].fact_id)
        return _told(claim, reason, made, ledger.drafts[-1].fact_id)
    made = ledger.announce(verdict.fact, claim, claim, verdict.change, reason)
    return _told(claim, reason, made, verdict.fact.id)


def _other_vote(claim: Claim, fact: Fact) -> bool:
    """Whether both are votes of which the days are known and differ, though the numbers may not."""
    assert claim.figure is not None
    if claim.figure.metric != "votes":
        return False
    mine, theirs = claim.event_date, fact.event_date
    dated = {claim.event_date_precision, fact.event_date_precision} == {"day"}
    return dated and abs(mine - theirs) > timedelta(days=1)  # type: ignore[operator]


def _setting(ledger: Ledger, facts: Sequence[Fact]) -> Setting:
    return Setting(
        late=frozenset(f.id for f in facts if ledger.late(f)),
        born=frozenset(ledger.born),
        moved=frozenset(ledger.moved),
        here=frozenset(f.id for f in facts if ledger.told_here(f)),
        published=ledger.published,
        stranger=frozenset(f.id for f in facts if ledger.stranger(f)),
        echoed=ledger.echoed,
    )


# ---- statements


def _statement(ledger: Ledger, claim: Claim) -> Disposition:
    """Judge a statement for each of its actors; a speaker unnamed but quoted is an actor."""
    voices = claim.actors or claim.claimed_by
    ends = [
        _said(ledger, claim if claim.actors == (one,) else replace(claim, actors=(one,)), claim)
        for one in voices
    ]
    ends = ends or [_said(ledger, claim, claim)]
    return next((end for end in ends if end.development_id), ends[0])


def _said(ledger: Ledger, claim: Claim, of: Claim) -> Disposition:
    known = [f for f in ledger.candidates(claim) if f.kind == claim.kind]
    matches = [m for f in known if (m := match_statement(claim, f, published=ledger.published))]
    best = _best([m for m in matches if not (m.turns and m.fact.rejected)])
    if best is None:
        reason = "nobody is known to have said so"
        return _told(of, reason, ledger.mint(claim, of, Change.NEW, reason), ledger.drafts[-1].fact_id)
    fact = best.fact
    if fact.rejected:
        return _rejected(of, fact)
    if best.turns:
        return _turned(ledger, claim, of, fact)
    return _told_again(ledger, claim, of, fact, _restated(ledger, claim, fact))


def _turned(ledger: Ledger, claim: Claim, of: Claim, fact: Fact) -> Disposition:
    """The stance is reversed, unless it is an older one that is told late or again."""
    retold = any(t.stance == claim.stance for t in fact.tellings) and ledger.published is None
    if ledger.late(fact) or retold or ledger.told_here(fact):
        ledger.tell(fact, replace(claim, topic=None))
        return _known(of, fact, "an older stance; a newer one is known")
    reason = f"stance reversed: {fact.stance} before, now {claim.stance}"
    return _told(of, reason, ledger.announce(fact, claim, of, Change.CHANGED, reason), fact.id)


def _restated(ledger: Ledger, claim: Claim, fact: Fact) -> str | None:
    """Return why this is a new occasion on which the same actor says the same, or None for a retelling."""
    if not claim.actors or ledger.told_here(fact) or ledger.late(fact):
        return None
    if claim.event_date and fact.event_date and claim.event_date > fact.event_date + timedelta(days=1):
        return "said again on a later day"
    speaker: Actor = claim.actors[0]
    if not speaker.speaks_for:
        return None
    if fact.actors and not same_person(speaker, fact.actors[0]):
        return f"now also said by {speaker.name} for {speaker.speaks_for}"
    apart = ledger.published and fact.as_of
    if not apart or (ledger.published and fact.as_of and ledger.published - fact.as_of >= _RESTATED_AFTER):
        return f"{speaker.name} says it again"
    return None


# ---- happenings


def _event(ledger: Ledger, claim: Claim) -> Disposition:
    spec = ledger.policy.kinds[claim.kind]
    facts = ledger.candidates(claim)
    matches = [
        m
        for f in facts
        if f.kind == claim.kind
        if (
            m := match_event(
                claim, f, spec, published=ledger.day, here=ledger.bears(f) and not _denies(claim)
            )
        )
    ]
    best = _best(matches)
    if best is not None and best.fact.rejected:
        return _rejected(claim, best.fact)
    if _denies(claim):
        return _denied(ledger, claim, best.fact if best else None)
    if best is None:
        return _first_told(ledger, claim, spec, facts)
    if best.turns:
        return _measure(ledger, claim, best.fact)
    if spec.moves and (phase := _next_phase(ledger, claim, best.fact)):
        return _moved_on(ledger, claim, best.fact, f"{spec.label}: {phase}")
    end = _told_again(ledger, claim, claim, best.fact, None)
    left = _left_over(claim, spec, matches)
    if not left:
        return end
    return _first_told(ledger, replace(claim, recipients=left), spec, facts)


def _first_told(ledger: Ledger, claim: Claim, spec: KindSpec, facts: Sequence[Fact]) -> Disposition:
    """Announce a happening; where an earlier step of its lifecycle is known, the reader is told which."""
    subject = claim.actors if spec.subject == "actor" else claim.recipients
    steps = [
        f
        for f in facts
        if spec.lifecycle and f.id not in ledger.born and f.kind != claim.kind
        if not (f.rejected or f.withdrawn)
        if any(
            same_person(a, b)
            for a in subject
            for b in (f.actors if spec.subject == "actor" else f.recipients)
        )
    ]
    before = max(steps, key=lambda f: (f.as_of or f.first_told_at, f.turn), default=None)
    reason = f"not told before: {spec.label}"
    if before is not None:
        reason += f"; known so far: {about_fact(before, ledger.policy)}"
    made = ledger.mint(claim, claim, Change.NEW, reason, before)
    return _told(claim, reason, made, ledger.drafts[-1].fact_id)


def _measure(ledger: Ledger, claim: Claim, fact: Fact) -> Disposition:
    """A standing measure is told with another day: later it moves, earlier it is its past."""
    known = fact.event_date or next((t.published_at.date() for t in fact.tellings if t.published_at), None)
    if not (claim.event_date and known and claim.event_date > known) or ledger.late(fact):
        ledger.tell(fact, claim)
        return _known(claim, fact, "an earlier state of the measure")
    label = ledger.policy.kinds[claim.kind].label
    return _moved_on(ledger, claim, fact, f"{label} of {known} moved on {claim.event_date}")


def _next_phase(ledger: Ledger, claim: Claim, fact: Fact) -> str | None:
    """Return what has become of a measure by now (lifted, eased, extended), None where that is known."""
    if ledger.told_here(fact) or ledger.late(fact):
        return None
    phase = phase_of(claim.quote, ledger.policy)
    known = {phase_of(t.quote, ledger.policy) for t in fact.tellings}
    return phase if phase not in known else None


def _moved_on(ledger: Ledger, claim: Claim, fact: Fact, reason: str) -> Disposition:
    return _told(claim, reason, ledger.announce(fact, claim, claim, Change.CHANGED, reason), fact.id)


def _denied(ledger: Ledger, claim: Claim, fact: Fact | None) -> Disposition:
    if fact is None:
        return Disposition(claim_id=claim.id, reason="denies what no known fact tells")
    again = denied(fact)
    claim = replace(claim, certainty=Certainty.DENIED)
    if again or fact.id in ledger.born or ledger.served_before(fact):
        ledger.tell(fact, claim)
        return _known(claim, fact, "the denial is known" if again else "told and denied by one document")
    who = ", ".join(a.name for a in claim.claimed_by) or "this document"
    reason = f"{who} denies: {about_fact(fact, ledger.policy)}"
    return _told(claim, reason, ledger.announce(fact, claim, claim, Change.CONTRADICTED, reason), fact.id)


def _left_over(claim: Claim, spec: KindSpec, matches: Sequence[Match]) -> tuple[Actor, ...]:
    """Those named in a claim whom no matching fact knows: arrested with somebody already known to be."""
    known = [a for m in matches for a in m.fact.recipients]
    if spec.subject != "recipient" or not known:
        return ()
    left = tuple(a for a in claim.recipients if not any(same_person(a, k) for k in known))
    return tuple(a for a in left if is_named(a.name)) if len(left) < len(claim.recipients) else ()


def _best(matches: Sequence[Match]) -> Match | None:
    """The best fitting; of equals the one told last, then the one born last."""
    return max(reversed(matches), key=lambda m: (not m.turns, m.score, m.fact.turn), default=None)


# ---- told again: confirmed, or nothing


def _restored(ledger: Ledger, claim: Claim, of: Claim, fact: Fact) -> Disposition:
    why = "told again after it was withdrawn"
    return _told(of, why, ledger.announce(fact, claim, of, Change.CONFIRMED, why), fact.id)


def _told_again(ledger: Ledger, claim: Claim, of: Claim, fact: Fact, occasion: str | None) -> Disposition:
    if fact.withdrawn:
        return _restored(ledger, claim, of, fact)
    why = occasion or _confirming(ledger, claim, fact)
    if why is None:
        ledger.tell(fact, claim)
        return _known(of, fact, "told before, nothing added")
    return _told(of, why, ledger.announce(fact, claim, of, Change.CONFIRMED, why), fact.id)


def _confirming(ledger: Ledger, claim: Claim, fact: Fact) -> str | None:
    """Return the evidence that another voice stands for the fact now, or None. Once per kind of evidence."""
    if fact.id in ledger.born or ledger.served_before(fact):
        return None
    contested = denied(fact)
    voices = [
        v for v in claim.claimed_by if not any(same_voice(v, k) for k in (*fact.claimed_by, *fact.actors))
    ]
    if voices and 1 <= len(fact.claimed_by) <= (_VOICES_IN_A_DISPUTE if contested else 1):
        return f"{voices[0].name} says so too" + (", though it was denied" if contested else "")
    if ledger.told_here(fact):
        return None
    if ledger.stranger(fact):
        count = ledger.independent(fact) + 1
        if count == 2 or count in ledger.policy.confirm_again_at:
            return f"{count} independent sources tell it: {ledger.voice} does too"
    if (
        fact.certainty is Certainty.REPORTED
        and claim.certainty is Certainty.ASSERTED
        and not claim.claimed_by
    ):
        return "so far only reported, now asserted"
    return None
