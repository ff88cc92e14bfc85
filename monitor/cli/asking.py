"""The commands that ask the stored state: developments, state, explain, suggestions."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from monitor.bootstrap.clock import utc_now
from monitor.bootstrap.plan import Plan, plan
from monitor.bootstrap.state import picture_of, reading
from monitor.cli.common import Session, emit, moment, report
from monitor.core.errors import UsageError
from monitor.core.picture_wire import picture_json
from monitor.core.suggestions import suggest, suggestion_json
from monitor.core.wire import development_json
from monitor.receivers.picture import PicturePage
from monitor.receivers.text import plain

MOST_STRAYS = 5_000
"""How many documents, the latest, are looked through for stories."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option("--since", help="Only what was found after this: 2024-08-22, an RFC 3339 time, or 24h.")
@click.option("--until", help="Only what was found up to this.")
@click.option("--as-of", "as_of", help="Only what was known at this time; as --until.")
@click.option("--event", "events", multiple=True, help="Only this event; may be repeated.")
@click.pass_obj
def developments(
    session: Session,
    *,
    as_json: bool,
    since: str | None,
    until: str | None,
    as_of: str | None,
    events: tuple[str, ...],
) -> None:
    """Print the developments that are stored."""
    meaning = plan(session.config())
    now = utc_now()
    _check(events, meaning)
    after = moment(since, now) if since else None
    limits = [moment(text, now) for text in (until, as_of) if text]
    upto = min(limits, default=None)
    with reading(meaning.config) as view:
        found = view.developments(event_ids=events, after=after, until=upto)
    if as_json:
        for development in found:
            emit(development_json(development))
    else:
        report(found, meaning.events, meaning.kinds)


@click.command()
@click.argument("events", nargs=-1, metavar="[EVENT]...")
@click.option("--as-of", "as_of", help="As it was known then: 2024-08-22, an RFC 3339 time, or 24h ago.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object an event.")
@click.pass_obj
def state(session: Session, events: tuple[str, ...], *, as_of: str | None, as_json: bool) -> None:
    """Print the picture of each EVENT (all without one): persons, stances, figures, rulings, timeline."""
    meaning = plan(session.config())
    _check(events, meaning)
    now = utc_now()
    upto = moment(as_of, now) if as_of else now
    wanted = [e for e in meaning.events if not events or e.id in events]
    with reading(meaning.config) as view:
        pictures = [picture_of(view, event, meaning.policy, as_of=upto) for event in wanted]
    page = PicturePage(sys.stdout, meaning.kinds)
    for picture in pictures:
        if as_json:
            emit(picture_json(picture))
        else:
            page.show(picture)


@click.command()
@click.option("--since", default="14d", show_default=True, help="Documents seen after this.")
@click.option("--least", default=3, show_default=True, help="From how many documents on.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def suggestions(session: Session, *, since: str, least: int, as_json: bool) -> None:
    """Show the stories that no event takes: documents grouped by their main actors and place."""
    config = session.config()
    with reading(config) as view:
        strays = view.strays(moment(since, utc_now()), limit=MOST_STRAYS)
    for found in suggest(strays, least=least):
        if as_json:
            emit(suggestion_json(found))
            continue
        who = ", ".join(found.actors) or "nobody in particular"
        place = f" ({found.country})" if found.country else ""
        click.echo(
            f"{len(found.documents)} documents, {len(found.publishers)} sources, not monitored: {plain(who)}{place}"
        )
        for one in found.documents[:3]:
            click.echo(
                f"    {one.seen_at:%Y-%m-%d} {plain(one.publisher, 60)}: {plain(one.title or one.document, 100)}"
            )


def _check(events: Sequence[str], meaning: Plan) -> None:
    known = [event.id for event in meaning.events]
    for event in events:
        if event not in known:
            raise UsageError(
                f'there is no event "{event}"', place="--event", remedy=f"one of {', '.join(known)}"
            )
