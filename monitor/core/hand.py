"""What an edit does to facts, and what undoes it. Pure: facts in, facts out.

Every function returns fact id -> the fact after it, or None where the fact goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from monitor.core.edits import Edit, EditAction
from monitor.core.errors import UsageError
from monitor.core.facts import as_claim, completed, kept_blocks
from monitor.core.keys import fact_blocks
from monitor.core.model import MAX_TELLINGS, Actor, Claim, Fact, Telling, stable_id
from monitor.core.names import fold

Changes = dict[str, Fact | None]


def reject(fact: Fact) -> Changes:
    """Call a fact false: it stays, so that its like is known and stays suppressed."""
    if fact.rejected:
        raise UsageError("has been rejected already", place=fact.id, remedy="undo that edit to take it back")
    return {fact.id: replace(fact, rejected=True, version=fact.version + 1)}


def merge(kept: Fact, gone: Fact) -> Changes:
    """Make two facts of one kind one: the first keeps its id and takes what the other knows."""
    if kept.id == gone.id or kept.kind != gone.kind or (kept.figure is None) != (gone.figure is None):
        raise UsageError(
            f"{kept.kind} and {gone.kind} cannot be one fact"
            if kept.id != gone.id
            else "is one fact already",
            place=f"{kept.id}, {gone.id}",
            remedy="name two facts of one kind",
        )
    return {kept.id: _joined(kept, gone), gone.id: None}


def _joined(kept: Fact, gone: Fact) -> Fact:
    told = sorted((*kept.tellings, *gone.tellings), key=lambda t: t.told_at)
    later = max((kept, gone), key=lambda f: f.turn)
    return replace(
        kept,
        blocks=tuple(dict.fromkeys((*kept.blocks, *gone.blocks))),
        actors=_united(kept.actors, gone.actors),
        recipients=_united(kept.recipients, gone.recipients),
        figure=later.figure,
        stance=later.stance,
        outcome=kept.outcome or gone.outcome,
        claimed_by=_united(kept.claimed_by, gone.claimed_by)[:MAX_TELLINGS],
        event_date=kept.event_date or gone.event_date,
        event_date_precision=kept.event_date_precision if kept.event_date else gone.event_date_precision,
        topic=kept.topic or gone.topic,
        first_told_at=min(kept.first_told_at, gone.first_told_at),
        last_told_at=max(kept.last_told_at, gone.last_told_at),
        as_of=max(filter(None, (kept.as_of, gone.as_of)), default=None),
        tellings=_bounded(told),
        voices=tuple(dict.fromkeys((*kept.voices, *gone.voices))),
        version=max(kept.version, gone.version) + 1,
        turn=later.turn,
        withdrawn=kept.withdrawn and gone.withdrawn,
    )


def _united(left: tuple[Actor, ...], right: tuple[Actor, ...]) -> tuple[Actor, ...]:
    known = {fold(a.name) for a in left}
    return (*left, *(a for a in right if fold(a.name) not in known))


def _bounded(told: Sequence[Telling]) -> tuple[Telling, ...]:
    return (*told[:1], *told[1:][-(MAX_TELLINGS - 1) :])


def split(fact: Fact, apart: Sequence[str], claims: Mapping[str, Claim], edit_id: str) -> Changes:
    """Take the tellings of the claims `apart` out of a fact and make a fact of them; `claims` are all of them."""
    moved = [t for t in fact.tellings if t.claim_id in apart]
    rest = [t for t in fact.tellings if t.claim_id not in apart]
    if not moved or not rest:
        raise UsageError(
            "a part of its tellings must go and a part must stay",
            place=fact.id,
            remedy="see them with `monitor explain`",
        )
    new_id = stable_id("f", edit_id)
    return {fact.id: _rebuilt(fact, rest, claims), new_id: replace(_rebuilt(fact, moved, claims), id=new_id)}


def _rebuilt(fact: Fact, told: Sequence[Telling], claims: Mapping[str, Claim]) -> Fact:
    """Return what the fact would be, had only `told` told it."""
    first = claims[told[0].claim_id]
    joint = fact.kind == "statement"
    last = next((t for t in reversed(told) if t.development_id), told[-1])
    blank = replace(
        fact,
        blocks=fact_blocks(replace(first, actors=fact.actors) if joint else first, told[0].told_at),
        actors=fact.actors if joint else first.actors,
        recipients=first.recipients,
        claimed_by=first.claimed_by,
        certainty=first.certainty,
        event_date=first.event_date,
        event_date_precision=first.event_date_precision,
        topic=first.topic,
        stance=last.stance,
        figure=last.figure,
        outcome=last.outcome,
        first_told_at=told[0].told_at,
        last_told_at=told[-1].told_at,
        as_of=max((t.published_at for t in told if t.published_at), default=None),
        tellings=tuple(told),
        voices=tuple(dict.fromkeys(t.publisher for t in told)),
        development_id=told[0].development_id or fact.development_id,
        version=fact.version + 1,
    )
    for telling in told[1:]:
        claim = claims[telling.claim_id]
        blank = completed(blank, replace(claim, actors=fact.actors) if joint else claim)
        blank = replace(blank, blocks=kept_blocks(blank, claim, telling.told_at))
    return blank


def correct(facts: Sequence[Fact], name: str, actor: Actor) -> Changes:
    """Put `actor` where facts name `name` (in any case and accents); they are found under both names."""
    out: Changes = {}
    for fact in facts:
        after = _renamed(fact, {fold(name): actor})
        if after != fact:
            out[fact.id] = after
    return out


def _renamed(fact: Fact, named: Mapping[str, Actor]) -> Fact:
    def swapped(actors: tuple[Actor, ...]) -> tuple[Actor, ...]:
        return tuple(dict.fromkeys(named.get(fold(a.name), a) for a in actors))

    after = replace(
        fact,
        actors=swapped(fact.actors),
        recipients=swapped(fact.recipients),
        claimed_by=swapped(fact.claimed_by),
    )
    if after == fact:
        return fact
    blocks = dict.fromkeys((*fact.blocks, *fact_blocks(as_claim(after), fact.last_told_at)))
    return replace(after, blocks=tuple(blocks), version=fact.version + 1)


def undo(edit: Edit, now: Mapping[str, Fact | None]) -> Changes:
    """Take an edit back. `now` holds what stands today of the facts that it changed.

    Where nothing has happened since, they are as before; a fact that has moved on keeps what came since.
    """
    before = {f.id: f for f in edit.before}
    after = {f.id: f for f in edit.after}
    touched = list(dict.fromkeys((*before, *after)))
    if all(_same(now.get(i), after.get(i)) for i in touched):
        return {i: _restored(before.get(i), now.get(i)) for i in touched}
    match edit.action:
        case EditAction.MERGE:
            return _unmerged(edit, before, now)
        case EditAction.SPLIT:
            return _unsplit(edit, now)
        case EditAction.CORRECT:
            return _uncorrected(edit, before, now)
        case EditAction.REJECT:
            fact = now.get(edit.facts[0])
            if fact is not None:
                return {fact.id: replace(fact, rejected=False, version=fact.version + 1)}
    raise UsageError(
        "the facts have moved on since", place=edit.id, remedy="make the opposite edit instead of undoing"
    )


def _same(left: Fact | None, right: Fact | None) -> bool:
    return left == right


def _restored(before: Fact | None, now: Fact | None) -> Fact | None:
    """Versions only count up, also when the rest is as before."""
    return replace(before, version=(now or before).version + 1) if before else None


def _unmerged(edit: Edit, before: Mapping[str, Fact], now: Mapping[str, Fact | None]) -> Changes:
    kept, gone = before[edit.facts[0]], before[edit.facts[1]]
    present = now.get(kept.id)
    if present is None:
        return {kept.id: kept, gone.id: gone}
    theirs = {t.claim_id for t in gone.tellings}
    told = tuple(t for t in present.tellings if t.claim_id not in theirs)
    still = {*kept.voices, *(t.publisher for t in told)}
    rest = replace(
        present,
        tellings=told or kept.tellings,
        voices=tuple(v for v in present.voices if v in still),
        actors=_without(present.actors, gone.actors, kept.actors),
        recipients=_without(present.recipients, gone.recipients, kept.recipients),
        version=present.version + 1,
    )
    return {kept.id: rest, gone.id: replace(gone, version=present.version + 1)}


def _without(
    present: tuple[Actor, ...], gone: tuple[Actor, ...], kept: tuple[Actor, ...]
) -> tuple[Actor, ...]:
    return tuple(a for a in present if a in kept or a not in gone)


def _unsplit(edit: Edit, now: Mapping[str, Fact | None]) -> Changes:
    rest, made = (now.get(f.id) for f in edit.after)
    if rest is None or made is None:
        raise UsageError(
            "one of the two facts is gone", place=edit.id, remedy="undo what came after it first"
        )
    return {rest.id: _joined(rest, made), made.id: None}


def _uncorrected(edit: Edit, before: Mapping[str, Fact], now: Mapping[str, Fact | None]) -> Changes:
    assert edit.actor is not None
    out: Changes = {}
    for fact_id, old in before.items():
        fact = now.get(fact_id)
        was = next((a for a in (*old.actors, *old.recipients, *old.claimed_by) if _is(a, edit.name)), None)
        if fact is not None and was is not None:
            out[fact_id] = _renamed(fact, {fold(edit.actor.name): was})
    return out


def _is(actor: Actor, name: str | None) -> bool:
    return name is not None and fold(actor.name) == fold(name)
