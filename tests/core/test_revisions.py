"""An edited article: what it adds is news, what it drops is withdrawn, and in doubt nothing is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from monitor.core.differ import Retraction, diff
from monitor.core.model import Change, Claim, DiffResult, Document, EventState, Figure, Operator
from monitor.core.revisions import lost_claims
from tests.core.helpers import NOW, POLICY, changes, claim, doc, tell


def revised(
    before: EventState, old: Document, lost: list[Claim], told: list[Claim], *, hours: int = 5
) -> DiffResult:
    """Tell `old` again in a new revision, which tells `told` and no more `lost`."""
    new = replace(old, id=f"{old.id}+", revision=2)
    return diff(
        before,
        told,
        document=new,
        now=NOW + timedelta(hours=hours),
        policy=POLICY,
        retraction=Retraction(claims=tuple(lost), document=old, revisions=frozenset({old.id})),
    )


ARREST = claim("arrest", recipients=("Jane Roe",), quote="Police arrested Jane Roe.")


def test_what_only_this_article_told_is_withdrawn_once_with_its_words() -> None:
    old = doc("a")
    (told,) = tell((old, [ARREST]))
    after = revised(told.state, old, [ARREST], [])
    (gone,) = after.developments
    assert (gone.change, gone.withdrawn, gone.kind) == (Change.CHANGED, True, "arrest")
    assert (gone.quote, gone.document_id) == ("Police arrested Jane Roe.", old.id)
    assert gone.previous is not None
    assert gone.previous.id == told.developments[0].id
    assert after.state.facts[gone.fact_id].withdrawn
    assert revised(after.state, old, [ARREST], [], hours=6).developments == ()


def test_what_somebody_else_tells_too_is_not_withdrawn() -> None:
    old = doc("a")
    told = tell((old, [ARREST]), (doc("b", "2024-08-06", "herald"), [claim("arrest", recipients=("Roe",))]))
    assert revised(told[-1].state, old, [ARREST], []).developments == ()


def test_what_the_revision_tells_in_other_words_is_not_withdrawn() -> None:
    old = doc("a")
    (told,) = tell((old, [ARREST]))
    again = revised(told.state, old, [ARREST], [claim("arrest", recipients=("Jane Roe",))])
    assert again.developments == ()
    assert not any(f.withdrawn for f in again.state.facts.values())


def test_a_number_that_is_corrected_is_changed_and_not_withdrawn() -> None:
    def deaths(value: float) -> Claim:
        return claim("figure", figure=Figure(metric="deaths", operator=Operator.EQ, value=value))

    old, first = doc("a"), deaths(11)
    (told,) = tell((old, [first]))
    after = revised(told.state, old, [first], [deaths(9)])
    assert [(d.change, d.withdrawn) for d in after.developments] == [(Change.CHANGED, False)]


def test_what_was_withdrawn_and_is_told_again_is_confirmed() -> None:
    old = doc("a")
    (told,) = tell((old, [ARREST]))
    gone = revised(told.state, old, [ARREST], [])
    back = diff(
        gone.state,
        [claim("arrest", recipients=("Jane Roe",))],
        document=doc("b", "2024-08-07", "herald"),
        now=NOW + timedelta(hours=9),
        policy=POLICY,
    )
    assert changes(back) == ["confirmed"]
    assert not any(f.withdrawn for f in back.state.facts.values())


def test_a_number_that_was_withdrawn_contradicts_nobody() -> None:
    def deaths(value: float, by: str) -> Claim:
        figure = Figure(metric="deaths", operator=Operator.EQ, value=value)
        return claim("figure", figure=figure, claimed_by=(by,))

    old, first = doc("a"), deaths(90, "a clerk")
    (told,) = tell((old, [first]))
    gone = revised(told.state, old, [first], [])
    other = diff(
        gone.state, [deaths(11, "police")], document=doc("b"), now=NOW + timedelta(hours=9), policy=POLICY
    )
    assert changes(other) == ["new"]


def test_which_claims_a_revision_has_lost() -> None:
    text = "Police arrested Jane Roe on Tuesday. The market closed early because of heavy rain."
    old = replace(doc("a"), text=text)
    kept = claim("arrest", quote="Police arrested Jane Roe on Tuesday.")
    lost = claim("decree", quote="The market closed early because of heavy rain.")
    both = [kept, lost]
    assert lost_claims(
        old, both, replace(old, text="POLICE arrested Jane Roe on Tuesday. Nothing else was said.")
    ) == (lost,)
    assert lost_claims(old, both, replace(old, text=f"{text} And more.")) == ()
    reworded = "On Tuesday Jane Roe was arrested by police. Heavy rain had the market closed early, because it poured."
    assert lost_claims(old, both, replace(old, text=reworded)) == ()
    assert lost_claims(old, both, replace(old, text="An excerpt.")) == ()
