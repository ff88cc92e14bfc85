"""The commands that ask the stored state: developments."""

from __future__ import annotations

import click

from monitor.bootstrap.clock import utc_now
from monitor.bootstrap.plan import plan
from monitor.bootstrap.state import reading
from monitor.cli.common import Session, emit, moment, report
from monitor.core.errors import UsageError
from monitor.core.wire import development_json


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option("--since", help="Only what was found after this: 2024-08-22, an RFC 3339 time, or 24h.")
@click.option("--until", help="Only what was found up to this.")
@click.option("--event", "events", multiple=True, help="Only this event; may be repeated.")
@click.pass_obj
def developments(
    session: Session, *, as_json: bool, since: str | None, until: str | None, events: tuple[str, ...]
) -> None:
    """Print the developments that are stored."""
    meaning = plan(session.config())
    now = utc_now()
    known = [event.id for event in meaning.events]
    for event in events:
        if event not in known:
            raise UsageError(
                f'there is no event "{event}"', place="--event", remedy=f"one of {', '.join(known)}"
            )
    after = moment(since, now) if since else None
    upto = moment(until, now) if until else None
    with reading(meaning.config) as view:
        found = view.developments(event_ids=events, after=after, until=upto)
    if as_json:
        for development in found:
            emit(development_json(development))
    else:
        report(found, meaning.events, meaning.kinds)
