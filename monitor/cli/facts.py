"""The user's hand: monitor facts list, merge, split, reject, correct, undo, edits; and monitor explain."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from typing import Any

import click

from monitor.bootstrap.clock import utc_now
from monitor.bootstrap.plan import Plan, plan
from monitor.bootstrap.state import reading, writing
from monitor.bootstrap.story import Story, Told, find_fact, tell_story
from monitor.cli.common import Session, emit, table
from monitor.core.edits import Edit, EditAction
from monitor.core.errors import UsageError
from monitor.core.model import Actor, Fact
from monitor.core.reasons import about_fact, figure_name, figure_words
from monitor.core.wire import actor_json, claim_json, development_json, figure_json
from monitor.editing import new_edit
from monitor.receivers.text import plain

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
_WHO = click.option("--by", "who", help="Who does it.  [default: your user name]")
_WHY = click.option("--why", default="", help="Why, for those who read it later.")


@click.group()
def facts() -> None:
    """Correct by hand what the state knows; everything is recorded and can be undone."""


@facts.command("list")
@click.option("--event", "event", help="Only this event.")
@click.option("--limit", default=50, show_default=True, help="How many, the latest.")
@_JSON
@click.pass_obj
def list_(session: Session, *, event: str | None, limit: int, as_json: bool) -> None:
    """List the facts, those told last at the end."""
    meaning = plan(session.config())
    events = [e.id for e in meaning.events if event in {None, e.id}]
    if not events:
        raise UsageError(f'there is no event "{event}"', place="--event")
    with reading(meaning.config) as view:
        found = [f for name in events for part in view.facts(name) for f in part.facts.values()]
    found = sorted(found, key=lambda f: (f.last_told_at, f.turn))[-limit:] if limit > 0 else []
    if as_json:
        for fact in found:
            emit(_fact_json(fact))
        return
    rows = [(f.id, f.event_id, _about(f, meaning), len(f.voices), _marks(f)) for f in found]
    table(("Fact", "Event", "What", "Voices", ""), rows)


@facts.command()
@click.argument("kept")
@click.argument("other")
@_WHO
@_WHY
@click.pass_obj
def merge(session: Session, kept: str, other: str, *, who: str | None, why: str) -> None:
    """Make the facts KEPT and OTHER one, under the id of KEPT."""
    _edit(session, EditAction.MERGE, [kept, other], who=who, why=why)


@facts.command()
@click.argument("fact")
@click.argument("parts", nargs=-1, required=True)
@_WHO
@_WHY
@click.pass_obj
def split(session: Session, fact: str, parts: tuple[str, ...], *, who: str | None, why: str) -> None:
    """Take out of FACT what PARTS told (claims, developments or documents) and make another fact of it."""
    _edit(session, EditAction.SPLIT, [fact], who=who, why=why, parts=parts)


@facts.command()
@click.argument("fact")
@_WHO
@_WHY
@click.pass_obj
def reject(session: Session, fact: str, *, who: str | None, why: str) -> None:
    """Call FACT false: it leaves the picture, and its like is told no more."""
    _edit(session, EditAction.REJECT, [fact], who=who, why=why)


@facts.command()
@click.argument("event")
@click.argument("name")
@click.argument("right")
@click.option("--country", help="ISO 3166 alpha-3 code of the right one.")
@click.option("--wikidata", help="Its Wikidata id.")
@_WHO
@_WHY
@click.pass_obj
def correct(
    session: Session,
    event: str,
    name: str,
    right: str,
    *,
    country: str | None,
    wikidata: str | None,
    who: str | None,
    why: str,
) -> None:
    """Read the actor NAME as RIGHT in all facts of EVENT, and in all that is still to come."""
    meaning = plan(session.config())
    if event not in {e.id for e in meaning.events}:
        raise UsageError(f'there is no event "{event}"', place="facts correct")
    actor = Actor(name=right, country=country, wikidata=wikidata)
    asked = _asked(EditAction.CORRECT, event, who, why, name=name, actor=actor)
    with writing(meaning.config) as tx:
        _report(new_edit(tx, asked, now=utc_now()))


@facts.command()
@click.argument("edit")
@_WHO
@_WHY
@click.pass_obj
def undo(session: Session, edit: str, *, who: str | None, why: str) -> None:
    """Take EDIT back; what came since stays."""
    meaning = plan(session.config())
    with writing(meaning.config) as tx:
        target = next((e for e in tx.edits() if e.id == edit), None)
        if target is None:
            raise UsageError("there is no such edit", place=edit, remedy="see `monitor facts edits`")
        asked = _asked(EditAction.UNDO, target.event_id, who, why, undoes=edit)
        _report(new_edit(tx, asked, now=utc_now()))


@facts.command()
@_JSON
@click.pass_obj
def edits(session: Session, *, as_json: bool) -> None:
    """List what was changed by hand: who, when, why."""
    meaning = plan(session.config())
    with reading(meaning.config) as view:
        found = view.edits()
    if as_json:
        for one in found:
            emit(_edit_json(one))
        return
    rows = [(e.id, f"{e.made_at:%Y-%m-%d %H:%M}", e.who, e.action, _what(e), plain(e.why)) for e in found]
    table(("Edit", "When", "Who", "Did", "What", "Why"), rows)


@click.command()
@click.argument("asked", metavar="ID")
@_JSON
@click.pass_obj
def explain(session: Session, asked: str, *, as_json: bool) -> None:
    """Tell the story of ID (a fact, development, claim, document or edit): quotes, sources, and why or why not."""
    meaning = plan(session.config())
    with reading(meaning.config) as view:
        story = tell_story(view, meaning, asked)
    if as_json:
        emit(_story_json(story))
    else:
        _show(story, meaning)


def _edit(
    session: Session,
    action: EditAction,
    ids: Sequence[str],
    *,
    who: str | None,
    why: str,
    parts: Sequence[str] = (),
) -> None:
    meaning = plan(session.config())
    with writing(meaning.config) as tx:
        found = [find_fact(tx, meaning, name) for name in ids]
        if len({f.event_id for f in found}) > 1:
            raise UsageError("they belong to different events", place=", ".join(ids))
        claims = tuple(
            t.claim_id
            for t in found[0].tellings
            if {t.claim_id, t.development_id, t.document_id, t.document} & set(parts)
        )
        asked = _asked(action, found[0].event_id, who, why, facts=tuple(f.id for f in found), claims=claims)
        _report(new_edit(tx, asked, now=utc_now()))


def _asked(action: EditAction, event: str, who: str | None, why: str, **more: Any) -> Edit:
    return Edit(id="", event_id=event, action=action, who=who or _user(), why=why, made_at=utc_now(), **more)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _report(edit: Edit) -> None:
    back = "" if edit.action is EditAction.UNDO else f"; take it back with `monitor facts undo {edit.id}`"
    click.echo(f"{edit.id}: {edit.action} {_what(edit)}{back}")


def _what(edit: Edit) -> str:
    if edit.action is EditAction.CORRECT and edit.actor is not None:
        return f'"{plain(edit.name or "")}" is {plain(edit.actor.name)} in {len(edit.after)} facts'
    if edit.action is EditAction.UNDO:
        return edit.undoes or ""
    return " ".join(dict.fromkeys((*edit.facts, *(f.id for f in edit.after))))


def _about(fact: Fact, meaning: Plan) -> str:
    if fact.figure is not None:
        return plain(f"{figure_name(fact)}: {figure_words(fact.figure)}", 200)
    return plain(" ".join(p for p in (about_fact(fact, meaning.policy), fact.stance, fact.outcome) if p), 200)


def _marks(fact: Fact) -> str:
    return ", ".join(word for word in ("rejected", "withdrawn") if getattr(fact, word))


# ---- a story in words


def _show(story: Story, meaning: Plan) -> None:
    if story.what == "claim" or story.document is not None:
        _show_document(story)
    if story.fact is not None:
        fact, marks = story.fact, _marks(story.fact)
        click.echo(
            f"Fact {fact.id} of {fact.event_id}: {_about(fact, meaning)}{f' [{marks}]' if marks else ''}"
        )
        click.echo(
            f"  {fact.certainty}; first told {fact.first_told_at:%Y-%m-%d %H:%M}, last {fact.last_told_at:%Y-%m-%d %H:%M}"
            f" UTC; voices: {plain(', '.join(fact.voices))}"
        )
    if story.developments:
        click.echo("Developments:")
    for d in story.developments:
        click.echo(f"  {d.found_at:%Y-%m-%d %H:%M} {d.change} ({d.id}): {plain(d.reason)}")
        click.echo(f"      {plain(d.document, 120)}: “{plain(d.quote)}”")
    if story.told:
        click.echo("Told by:" if story.fact is not None else "Claims:")
    for one in story.told:
        _show_told(one)
    if story.edits:
        click.echo("By hand:")
    for edit in story.edits:
        why = f" ({plain(edit.why)})" if edit.why else ""
        click.echo(
            f"  {edit.made_at:%Y-%m-%d %H:%M} {plain(edit.who)}: {edit.action} {_what(edit)}{why} [{edit.id}]"
        )


def _show_document(story: Story) -> None:
    document = story.document
    if document is None:
        return
    click.echo(f"Document {document.id}: {plain(document.title or document.name)}")
    click.echo(
        f"  from {plain(document.source, 80)}, revision {document.revision}, read {document.retrieved_at:%Y-%m-%d %H:%M} UTC"
        + (f", a copy of {story.copy_of}" if story.copy_of else "")
    )


def _show_told(one: Told) -> None:
    claim = one.claim
    where = plain(one.document.name, 120) if one.document else claim.document_id
    why = one.end.reason if one.end else "not judged"
    verdict = "told" if one.end and one.end.development_id else "not told"
    click.echo(f"  {claim.kind} in {where} ({claim.id}): {verdict}: {plain(why)}")
    click.echo(f"      “{plain(claim.quote)}”")


# ---- as JSON


def _fact_json(fact: Fact) -> dict[str, Any]:
    return {
        "fact": fact.id,
        "event": fact.event_id,
        "kind": fact.kind,
        "actors": [actor_json(a) for a in fact.actors],
        "recipients": [actor_json(a) for a in fact.recipients],
        "stance": fact.stance,
        "outcome": fact.outcome,
        "figure": figure_json(fact.figure),
        "claimed_by": [actor_json(a) for a in fact.claimed_by],
        "certainty": str(fact.certainty),
        "event_date": fact.event_date.isoformat() if fact.event_date else None,
        "voices": list(fact.voices),
        "rejected": fact.rejected,
        "withdrawn": fact.withdrawn,
        "first_told_at": fact.first_told_at.isoformat(),
        "last_told_at": fact.last_told_at.isoformat(),
        "development": fact.development_id,
    }


def _edit_json(edit: Edit) -> dict[str, Any]:
    return {
        "edit": edit.id,
        "event": edit.event_id,
        "action": str(edit.action),
        "who": edit.who,
        "made_at": edit.made_at.isoformat(),
        "why": edit.why,
        "facts": list(edit.facts),
        "claims": list(edit.claims),
        "name": edit.name,
        "actor": actor_json(edit.actor) if edit.actor else None,
        "undoes": edit.undoes,
        "made": [f.id for f in edit.after],
    }


def _story_json(story: Story) -> dict[str, Any]:
    return {
        "id": story.asked,
        "what": story.what,
        "event": story.event_id,
        "fact": _fact_json(story.fact) if story.fact else None,
        "developments": [development_json(d) for d in story.developments],
        "claims": [
            claim_json(
                t.claim,
                document=t.document.name if t.document else t.claim.document_id,
                published=None,
            )
            | {
                "told": bool(t.end and t.end.development_id),
                "why": t.end.reason if t.end else None,
                "fact": t.end.fact_id if t.end else None,
                "development": t.end.development_id if t.end else None,
            }
            for t in story.told
        ],
        "document": story.document.id if story.document else None,
        "copy_of": story.copy_of,
        "edits": [_edit_json(e) for e in story.edits],
    }
