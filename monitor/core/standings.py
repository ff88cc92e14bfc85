"""Facts as they stood at a moment: their developments up to then, put together, with the edits of then.

Developments never change once they are found, so the picture of any moment can be drawn from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from monitor.core.edits import Edit, EditAction
from monitor.core.model import Actor, Certainty, Change, Development
from monitor.core.names import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One fact at a moment: its developments in the order found; `present` holds what counts now.

    `disputed_by` are those who deny it, `rivals` developments that say otherwise of the same fact.
    """

    fact_id: str
    developments: tuple[Development, ...]
    present: Development
    sources: tuple[str, ...]
    independent_sources: int
    disputed_by: tuple[Actor, ...] = ()
    rivals: tuple[Development, ...] = ()
    withdrawn: bool = False

    @property
    def day(self) -> date | None:
        """The day on which it happened, as any telling knew it; where none did, on which it was published."""
        dated = (d.event_date for d in self.developments if d.kind == self.present.kind and d.event_date)
        return self.present.event_date or next(dated, self.present.published)

    @property
    def order(self) -> tuple[date, datetime]:
        """What standings are put in the order of their days by; undated ones stand where they were found."""
        return self.day or self.present.found_at.date(), self.present.found_at

    @property
    def certainty(self) -> Certainty:
        """How sure it is: asserted once anybody has asserted it."""
        told = {d.certainty for d in self.developments}
        return Certainty.ASSERTED if Certainty.ASSERTED in told else self.present.certainty


def in_force(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Return the edits that no later one has undone, without the undoing ones (an undoing is not undone)."""
    undone = {e.undoes for e in edits if e.action is EditAction.UNDO}
    return tuple(e for e in edits if e.action is not EditAction.UNDO and e.id not in undone)


def standings(developments: Iterable[Development], edits: Sequence[Edit] = ()) -> tuple[Standing, ...]:
    """Return the facts that stand after `developments` (in the order found) and `edits`, oldest first.

    Facts that a person has rejected are left out; merged ones are one, split ones two.
    """
    valid = in_force(edits)
    moved = {claim: e.after[-1].id for e in valid if e.action is EditAction.SPLIT for claim in e.claims}
    merged = {e.facts[1]: e.facts[0] for e in valid if e.action is EditAction.MERGE}
    rejected = {e.facts[0] for e in valid if e.action is EditAction.REJECT}
    named = corrections(valid)
    groups: dict[str, list[Development]] = {}
    for one in developments:
        fact_id = moved.get(one.claim_id, one.fact_id)
        while fact_id in merged:
            fact_id = merged[fact_id]
        if fact_id not in rejected:
            groups.setdefault(fact_id, []).append(_corrected(one, named))
    return tuple(_standing(fact_id, group) for fact_id, group in groups.items())


def corrections(edits: Sequence[Edit]) -> dict[str, Actor]:
    """Return folded name -> actor, of the corrections among `edits` (those in force)."""
    return {fold(e.name): e.actor for e in edits if e.action is EditAction.CORRECT and e.name and e.actor}


def corrected_actors(actors: tuple[Actor, ...], named: Mapping[str, Actor]) -> tuple[Actor, ...]:
    """Return `actors` with those that somebody has corrected replaced, each once."""
    return tuple(dict.fromkeys(named.get(fold(a.name), a) for a in actors))


def _corrected(one: Development, named: Mapping[str, Actor]) -> Development:
    if not named:
        return one
    return replace(
        one,
        actors=corrected_actors(one.actors, named),
        recipients=corrected_actors(one.recipients, named),
        claimed_by=corrected_actors(one.claimed_by, named),
    )


def _standing(fact_id: str, group: Sequence[Development]) -> Standing:
    first = group[0]
    moves = [d for d in group if d.change in {Change.NEW, Change.CHANGED} and not d.withdrawn]
    against = [d for d in group[1:] if d.change is Change.CONTRADICTED]
    denials = [d for d in against if d.certainty is Certainty.DENIED]
    return Standing(
        fact_id=fact_id,
        developments=tuple(group),
        present=moves[-1] if moves else first,
        sources=tuple(dict.fromkeys(s for d in group for s in d.sources)),
        independent_sources=max(d.independent_sources for d in group),
        disputed_by=tuple(dict.fromkeys(a for d in denials for a in d.claimed_by or d.actors)),
        rivals=tuple(d for d in against if d.certainty is not Certainty.DENIED),
        withdrawn=group[-1].withdrawn,
    )
