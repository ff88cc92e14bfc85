"""The commands about the queue of messages: deliveries list, show, replay."""

from __future__ import annotations

import json

import click

from monitor.bootstrap.clock import utc_now
from monitor.bootstrap.state import reading, writing
from monitor.cli.common import Session, emit, table
from monitor.core.errors import UsageError
from monitor.core.outgoing import OutboxEntry
from monitor.core.wire import development_json

MOST = 100_000
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")


@click.group()
def deliveries() -> None:
    """See what was told to whom, and send again what was given up."""


@deliveries.command("list")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice(["pending", "leased", "sent", "dead", "dropped"]),
    help="Only these; may be repeated.",
)
@click.option("--receiver", "receivers", multiple=True, help="Only those of this receiver; may be repeated.")
@click.option("--limit", default=50, show_default=True, help="At most so many, newest first.")
@_JSON
@click.pass_obj
def list_deliveries(
    session: Session, *, states: tuple[str, ...], receivers: tuple[str, ...], limit: int, as_json: bool
) -> None:
    """List messages with their state, newest first."""
    with reading(session.config()) as view:
        rows = view.outbox(states=states, receivers=receivers, limit=limit)
    if as_json:
        for row in rows:
            emit(_json(row))
        return
    table(
        ("id", "type", "state", "tries", "receiver", "recipient", "error"),
        [(r.id, r.type, r.state, r.attempts, r.receiver, r.recipient, r.last_error or "") for r in rows],
    )


@deliveries.command("show")
@click.argument("name", metavar="ID")
@_JSON
@click.pass_obj
def show_delivery(session: Session, name: str, *, as_json: bool) -> None:
    """Show one message: what it tells, to whom, and how its delivery went."""
    with reading(session.config()) as view:
        row = next(iter(view.outbox_of(ids=[name])), None)
        if row is None:
            raise UsageError(f'there is no message "{name}"', remedy="see `monitor deliveries list`")
        shared = view.content(str(row.payload.get("content")))
        payload = {**(shared or {}), **row.payload}
        development = view.development(row.development_id) if row.development_id else None
    carried = development_json(development) if development else None
    if as_json:
        emit(_json(row) | {"payload": payload, "data": carried})
        return
    for key, value in _json(row).items():
        click.echo(f"{key:12} {'-' if value is None else value}")
    if payload.get("text"):
        click.echo(f"\n{payload.get('subject')}\n\n{payload['text']}")
    if carried:
        click.echo(f"\n{json.dumps(carried, indent=2, ensure_ascii=False)}")


@deliveries.command("replay")
@click.argument("ids", nargs=-1)
@click.option("--dead", is_flag=True, help="All that were given up, instead of IDS.")
@click.option("--receiver", "receivers", multiple=True, help="With --dead: only those of this receiver.")
@click.pass_obj
def replay_deliveries(
    session: Session, ids: tuple[str, ...], *, dead: bool, receivers: tuple[str, ...]
) -> None:
    """Make the messages IDS due again, whether they were sent, given up or dropped."""
    if dead == bool(ids):
        raise UsageError("needs either IDS or --dead", place="deliveries replay")
    with writing(session.config()) as tx:
        if dead:
            ids = tuple(r.id for r in tx.outbox(states=("dead",), receivers=receivers, limit=MOST))
        count = tx.replay(ids, utc_now())
    if not count:
        raise UsageError(
            "none of these messages is dead, dropped or sent",
            place="deliveries replay",
            remedy="see `monitor deliveries list`",
        )
    click.echo(f"{count} messages are due again")


def _json(row: OutboxEntry) -> dict[str, object]:
    return {
        "id": row.id,
        "type": row.type,
        "state": row.state,
        "attempts": row.attempts,
        "receiver": row.receiver,
        "recipient": row.recipient,
        "route": row.group_key,
        "development": row.development_id,
        "not_before": row.not_before.isoformat(),
        "sent_at": row.sent_at.isoformat() if row.sent_at else None,
        "error": row.last_error,
    }
