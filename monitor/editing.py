"""The use case: a person changes the state by hand. One transaction; recorded with who, when and why.

A replay makes the same edits again at the same places, so `perform` depends on the state and the edit only.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from monitor.core.edits import Edit, EditAction
from monitor.core.errors import UsageError
from monitor.core.hand import Changes, correct, merge, reject, split, undo
from monitor.core.model import Claim, EventState, Fact, stable_id
from monitor.core.ports import Transaction
from monitor.core.standings import in_force


def new_edit(tx: Transaction, asked: Edit, *, now: datetime) -> Edit:
    """Make the edit that `asked` describes (its id, time and place are set here); return it as recorded."""
    what = (
        asked.event_id,
        asked.action,
        *asked.facts,
        *asked.claims,
        asked.name,
        asked.undoes,
        now.isoformat(),
    )
    edit = replace(
        asked, id=stable_id("e", *what), made_at=now, after_document=tx.last_document(), before=(), after=()
    )
    return perform(tx, edit)


def perform(tx: Transaction, edit: Edit) -> Edit:
    """Make an edit and record it with what it changed; raises UsageError for what cannot be done."""
    changes = _changes(tx, edit)
    now = {fact_id: tx.fact(edit.event_id, fact_id) for fact_id in changes}
    before = {i: f for i, f in now.items() if f is not None}
    after = {i: f for i, f in changes.items() if f is not None}
    version = tx.state(edit.event_id, ()).version
    tx.save_state(
        edit.event_id,
        EventState(event_id=edit.event_id, version=version, facts=before),
        EventState(event_id=edit.event_id, version=version + 1, facts=after),
    )
    done = replace(edit, before=tuple(before.values()), after=tuple(after.values()))
    tx.add_edit(done)
    return done


def _changes(tx: Transaction, edit: Edit) -> Changes:
    match edit.action:
        case EditAction.REJECT:
            return reject(_fact(tx, edit, 0))
        case EditAction.MERGE:
            return merge(_fact(tx, edit, 0), _fact(tx, edit, 1))
        case EditAction.SPLIT:
            fact = _fact(tx, edit, 0)
            return split(fact, edit.claims, _claims(tx, fact), edit.id)
        case EditAction.CORRECT:
            return _correct(tx, edit)
        case EditAction.UNDO:
            return _undo(tx, edit)


def _fact(tx: Transaction, edit: Edit, index: int) -> Fact:
    fact = tx.fact(edit.event_id, edit.facts[index])
    if fact is None:
        raise UsageError("there is no such fact", place=edit.facts[index], remedy="see `monitor facts list`")
    return fact


def _claims(tx: Transaction, fact: Fact) -> dict[str, Claim]:
    found = {t.claim_id: tx.find_claim(t.claim_id) for t in fact.tellings}
    return {claim_id: pair[0] for claim_id, pair in found.items() if pair is not None}


def _correct(tx: Transaction, edit: Edit) -> Changes:
    assert edit.name is not None
    assert edit.actor is not None
    changes: Changes = {}
    for part in tx.facts(edit.event_id):
        changes |= correct(list(part.facts.values()), edit.name, edit.actor)
    if not changes:
        raise UsageError(
            f'nobody is named "{edit.name}"', place=edit.event_id, remedy="see `monitor facts list`"
        )
    return changes


def _undo(tx: Transaction, edit: Edit) -> Changes:
    earlier = tx.edits(edit.event_id)
    target = next((e for e in earlier if e.id == edit.undoes), None)
    if target is None or target.action is EditAction.UNDO or target not in in_force(earlier):
        message = "there is no such edit" if target is None else "is undone already, or an undoing itself"
        raise UsageError(message, place=edit.undoes or "undo", remedy="see `monitor facts edits`")
    touched = {f.id for f in (*target.before, *target.after)}
    return undo(target, {fact_id: tx.fact(edit.event_id, fact_id) for fact_id in sorted(touched)})
