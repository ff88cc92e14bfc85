"""The commands about telling: digest, notify, deliveries."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from monitor.bootstrap.clock import utc_now
from monitor.bootstrap.plan import plan
from monitor.bootstrap.state import reading, writing
from monitor.bootstrap.telling import preview_digest, send_sample
from monitor.cli.common import Session, emit, moment, table
from monitor.core.errors import UsageError
from monitor.core.model import OutboxEntry

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")


@click.group()
def digest() -> None:
    """See the digests that are sent once a day."""


@digest.command("list")
@_JSON
@click.pass_obj
def list_digests(session: Session, *, as_json: bool) -> None:
    """List the digests with their times and the last period that was sent."""
    meaning = plan(session.config())
    with reading(meaning.config) as view:
        last = view.last_digests()
    rows = [
        {
            "digest": s.id,
            "receiver": s.receiver,
            "recipients": list(s.recipients),
            "when": s.cron or s.at,
            "zone": s.zone,
            "last": last[s.id].until.isoformat() if s.id in last else None,
        }
        for s in meaning.subscriptions
    ]
    if as_json:
        for row in rows:
            emit(row)
        return
    columns = ("digest", "receiver", "when", "zone", "last")
    table(columns, [[row[c] or "-" for c in columns] for row in rows])


@digest.command()
@click.argument("name", required=False)
@click.option("--at", help="As of this time: 2024-08-22T07:00:00Z, or 24h ago.  [default: now]")
@click.option("--html", "as_html", is_flag=True, help="Print the HTML instead of the text.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write both into this folder.")
@click.pass_obj
def preview(session: Session, name: str | None, *, at: str | None, as_html: bool, out: Path | None) -> None:
    """Show the digest NAME as it would be sent now; nothing is sent or recorded."""
    meaning = plan(session.config())
    now = utc_now()
    with reading(meaning.config) as view:
        mail = preview_digest(meaning, view, name, at=moment(at, now) if at else now)
    if out is None:
        click.echo(mail["html"] if as_html else mail["text"])
        return
    for path in write_digest(out, mail):
        click.echo(path)


def write_digest(folder: Path, mail: dict[str, str]) -> tuple[Path, Path]:
    """Write a digest as HTML and as text into `folder`; return both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    page, text = folder / "digest.html", folder / "digest.txt"
    page.write_text(mail["html"], "utf-8")
    text.write_text(mail["text"], "utf-8")
    return page, text


@click.group()
def notify() -> None:
    """Try the receivers."""


@notify.command("test")
@click.argument("receiver")
@click.pass_obj
def test_receiver(session: Session, receiver: str) -> None:
    """Send a sample to RECEIVER, to see that it arrives."""
    meaning = plan(session.config())
    count = asyncio.run(send_sample(meaning, receiver, utc_now))
    click.echo(f"{receiver}: a sample was sent to {count} recipients")


@click.group()
def deliveries() -> None:
    """See what was told to whom, and send again what was given up."""


@deliveries.command("list")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice(["pending", "leased", "sent", "dead"]),
    help="Only these; may be repeated.",
)
@click.option("--limit", default=50, show_default=True, help="At most so many, newest first.")
@_JSON
@click.pass_obj
def list_deliveries(session: Session, *, states: tuple[str, ...], limit: int, as_json: bool) -> None:
    """List messages with their state, newest first."""
    with reading(session.config()) as view:
        rows = view.outbox(states=states, limit=limit)
    if as_json:
        for row in rows:
            emit(_json(row))
        return
    table(
        ("id", "type", "state", "tries", "receiver", "recipient", "error"),
        [(r.id, r.type, r.state, r.attempts, r.receiver, r.recipient, r.last_error or "") for r in rows],
    )


@deliveries.command("replay")
@click.argument("ids", nargs=-1, required=True)
@click.pass_obj
def replay_deliveries(session: Session, ids: tuple[str, ...]) -> None:
    """Make the messages IDS due again, dead or sent."""
    with writing(session.config()) as tx:
        count = tx.replay(ids, utc_now())
    if not count:
        raise UsageError(
            "none of these messages is dead or sent",
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
        "development": row.development_id,
        "not_before": row.not_before.isoformat(),
        "sent_at": row.sent_at.isoformat() if row.sent_at else None,
        "error": row.last_error,
    }
