"""What is known of an id: the story of a fact, or how a claim, a document or an edit ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.bootstrap.plan import Plan
from monitor.core.edits import Edit
from monitor.core.errors import UsageError
from monitor.core.model import Claim, Development, Disposition, Document, Fact
from monitor.core.ports import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A claim, how it ended, and the document in which it stands."""

    claim: Claim
    end: Disposition | None
    document: Document | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What is known of `asked`. A fact's `told` are its tellings; a document's are all its claims."""

    asked: str
    what: str
    event_id: str | None = None
    fact: Fact | None = None
    developments: tuple[Development, ...] = ()
    told: tuple[Told, ...] = ()
    document: Document | None = None
    copy_of: str | None = None
    edits: tuple[Edit, ...] = ()


def find_fact(view: View, plan: Plan, asked: str) -> Fact:
    """Return the fact with this id, or that of a development with it; raises UsageError."""
    development = view.development(asked)
    if development is not None:
        fact = _current(view, development.event_id, development.fact_id)
    else:
        fact = next((f for e in plan.events if (f := _current(view, e.id, asked))), None)
    if fact is None:
        raise UsageError("there is no such fact", place=asked, remedy="see `monitor facts list`")
    return fact


def tell_story(view: View, plan: Plan, asked: str) -> Story:
    """Return the story of a fact, development, claim, document or edit; raises UsageError for an unknown id."""
    for find in (_of_fact, _of_claim, _of_document, _of_edit):
        story = find(view, plan, asked)
        if story is not None:
            return story
    raise UsageError(
        "there is no fact, development, claim, document or edit with this id",
        place=asked,
        remedy="ids are in `monitor developments --json`, `monitor facts list` and `monitor explain DOCUMENT`",
    )


def _of_fact(view: View, plan: Plan, asked: str) -> Story | None:
    try:
        fact = find_fact(view, plan, asked)
    except UsageError:
        return None
    what = "development" if view.development(asked) else "fact"
    return _fact_story(view, fact, asked, what)


def _of_claim(view: View, plan: Plan, asked: str) -> Story | None:
    found = view.find_claim(asked)
    if found is None:
        return None
    claim, end = found
    told = Told(claim=claim, end=end, document=view.document(claim.document_id))
    fact = None
    if end is not None and end.fact_id is not None:
        fact = next((f for e in plan.events if (f := _current(view, e.id, end.fact_id or ""))), None)
    if fact is None:
        return Story(asked=asked, what="claim", told=(told,), document=told.document)
    story = _fact_story(view, fact, asked, "claim")
    return Story(
        asked=asked,
        what="claim",
        event_id=fact.event_id,
        fact=fact,
        developments=story.developments,
        told=(told, *(t for t in story.told if t.claim.id != claim.id)),
        document=told.document,
        edits=story.edits,
    )


def _of_document(view: View, plan: Plan, asked: str) -> Story | None:  # noqa: ARG001  one of a family
    document = view.document(asked)
    if document is None:
        return None
    told = tuple(Told(claim=c, end=end, document=document) for c, end in view.claims(asked))
    return Story(
        asked=asked, what="document", document=document, told=told, copy_of=view.copy_of(document.id)
    )


def _of_edit(view: View, plan: Plan, asked: str) -> Story | None:  # noqa: ARG001  one of a family
    edit = next((e for e in view.edits() if e.id == asked), None)
    return Story(asked=asked, what="edit", event_id=edit.event_id, edits=(edit,)) if edit else None


def _fact_story(view: View, fact: Fact, asked: str, what: str) -> Story:
    ids = dict.fromkeys([fact.development_id, *(t.development_id for t in fact.tellings if t.development_id)])
    edits = tuple(e for e in view.edits(fact.event_id) if _touches(e, fact.id))
    return Story(
        asked=asked,
        what=what,
        event_id=fact.event_id,
        fact=fact,
        developments=view.developments(ids=list(ids)),
        told=_told(view, fact),
        edits=edits,
    )


def _told(view: View, fact: Fact) -> tuple[Told, ...]:
    out = []
    for telling in fact.tellings:
        found = view.find_claim(telling.claim_id)
        if found is not None:
            out.append(Told(claim=found[0], end=found[1], document=view.document(telling.document_id)))
    return tuple(out)


def _touches(edit: Edit, fact_id: str) -> bool:
    return any(f.id == fact_id for f in (*edit.before, *edit.after))


def _current(view: View, event_id: str, fact_id: str) -> Fact | None:
    """Return a fact; one that was merged away leads to the one that holds it."""
    seen: set[str] = set()
    merged = _merged(view.edits(event_id))
    while fact_id in merged and fact_id not in seen:
        if (fact := view.fact(event_id, fact_id)) is not None:
            return fact
        seen.add(fact_id)
        fact_id = merged[fact_id]
    return view.fact(event_id, fact_id)


def _merged(edits: Sequence[Edit]) -> dict[str, str]:
    return {e.facts[1]: e.facts[0] for e in edits if e.action == "merge"}
