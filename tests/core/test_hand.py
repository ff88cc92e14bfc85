"""Edits by hand: what they do to facts, and what undoes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from monitor.core.differ import diff
from monitor.core.edits import Edit, EditAction
from monitor.core.errors import UsageError
from monitor.core.hand import correct, merge, reject, split, undo
from monitor.core.model import Actor, Claim, DiffResult, Document, EventState, Fact
from tests.core.helpers import NOW, POLICY, changes, claim, doc, tell

ARREST = claim("arrest", recipients=("Jane Roe",), event_date=date(2024, 8, 1))
OTHER = claim("arrest", recipients=("Janet Rowe",), event_date=date(2024, 8, 20))


def two_facts() -> tuple[Fact, Fact]:
    results = tell((doc("a"), [ARREST]), (doc("b", "2024-08-21", "herald"), [OTHER]))
    first, second = results[-1].state.facts.values()
    return first, second


def go_on(facts: list[Fact], document: Document, *claims: Claim) -> DiffResult:
    state = EventState(event_id="e", version=9, facts={f.id: f for f in facts})
    return diff(state, claims, document=document, now=NOW + timedelta(days=1), policy=POLICY)


def edit(action: EditAction, before: list[Fact], after: list[Fact], **fields: object) -> Edit:
    return Edit(
        id="x",
        event_id="e",
        action=action,
        who="ana",
        made_at=NOW,
        before=tuple(before),
        after=tuple(after),
        **fields,  # type: ignore[arg-type]
    )


def test_the_like_of_a_rejected_fact_stays_suppressed_until_that_is_undone() -> None:
    fact, _ = two_facts()
    (false,) = reject(fact).values()
    assert false is not None
    again = go_on([false], doc("c", publisher="herald"), claim("arrest", recipients=("Roe",)))
    assert again.developments == ()
    assert "rejected" in again.dispositions[0].reason
    assert again.dispositions[0].fact_id == fact.id
    done = edit(EditAction.REJECT, [fact], [false], facts=(fact.id,))
    (back,) = undo(done, {fact.id: false}).values()
    assert back == replace(fact, version=false.version + 1)
    with pytest.raises(UsageError, match="already"):
        reject(false)


def test_a_merged_fact_is_found_under_both_and_knows_all_that_told_it() -> None:
    kept, gone = two_facts()
    changed = merge(kept, gone)
    whole = changed[kept.id]
    assert whole is not None
    assert changed[gone.id] is None
    assert [a.name for a in whole.recipients] == ["Jane Roe", "Janet Rowe"]
    assert whole.voices == ("gazette", "herald")
    assert len(whole.tellings) == 2
    for name in ("Jane Roe", "Janet Rowe"):
        told = go_on([whole], doc("c"), claim("arrest", recipients=(name,)))
        assert told.dispositions[0].fact_id == kept.id
        assert told.developments == ()


@pytest.mark.parametrize("kind", ["release", "same"])
def test_what_cannot_be_one_is_not_merged(kind: str) -> None:
    kept, gone = two_facts()
    with pytest.raises(UsageError):
        merge(kept, kept if kind == "same" else replace(gone, kind=kind))


def test_a_merge_that_moved_on_is_undone_without_losing_what_came_since() -> None:
    kept, gone = two_facts()
    whole = merge(kept, gone)[kept.id]
    assert whole is not None
    moved = go_on([whole], doc("c", publisher="courier"), claim("arrest", recipients=("Jane Roe",)))
    now = moved.state.facts[kept.id]
    assert now != whole
    done = edit(EditAction.MERGE, [kept, gone], [whole], facts=(kept.id, gone.id))
    back = undo(done, {kept.id: now, gone.id: None})
    rest, restored = back[kept.id], back[gone.id]
    assert rest is not None
    assert restored is not None
    assert [a.name for a in rest.recipients] == ["Jane Roe"]
    assert [t.document for t in rest.tellings] == ["a", "c"]
    assert rest.voices == ("gazette", "courier")
    assert replace(restored, version=gone.version) == gone


def test_a_split_gives_each_part_what_its_own_claims_said() -> None:
    second = claim("arrest", recipients=("Roe",), event_date=date(2024, 8, 2), actors=("police",))
    results = tell((doc("a"), [ARREST]), (doc("b", "2024-08-06", "herald"), [second]))
    (fact,) = results[-1].state.facts.values()
    claims = {ARREST.id: ARREST, second.id: second}
    parts = split(fact, [second.id], claims, "e1")
    rest, new = parts.values()
    assert rest is not None
    assert new is not None
    assert (rest.id, rest.voices, rest.event_date, rest.actors) == (
        fact.id,
        ("gazette",),
        date(2024, 8, 1),
        (),
    )
    assert (new.voices, new.event_date, new.recipients[0].name) == (("herald",), date(2024, 8, 2), "Roe")
    assert new.id != fact.id
    done = edit(EditAction.SPLIT, [fact], [rest, new], facts=(fact.id,), claims=(second.id,))
    assert undo(done, {rest.id: rest, new.id: new}) == {
        fact.id: replace(fact, version=rest.version + 1),
        new.id: None,
    }
    later = replace(new, topic="moved on")
    joined = undo(done, {rest.id: rest, new.id: later})[fact.id]
    assert joined is not None
    assert joined.voices == fact.voices
    for wrong in ([], [ARREST.id, second.id]):
        with pytest.raises(UsageError, match="must stay"):
            split(fact, wrong, claims, "e1")


def test_a_correction_is_found_under_both_names_and_goes_back() -> None:
    fact, other = two_facts()
    right = Actor(name="Juana Ruiz", country="PER")
    changed = correct([fact, other], "JANE róe", right)
    assert list(changed) == [fact.id]
    better = changed[fact.id]
    assert better is not None
    assert better.recipients == (right,)
    assert set(fact.blocks) < set(better.blocks)
    told = go_on([better], doc("c"), claim("arrest", recipients=("Juana Ruiz",)))
    assert changes(told) == []
    done = edit(EditAction.CORRECT, [fact], [better], name="Jane Roe", actor=right)
    moved = told.state.facts[fact.id]
    (back,) = undo(done, {fact.id: moved}).values()
    assert back is not None
    assert back.recipients == fact.recipients
    assert back.tellings == moved.tellings
