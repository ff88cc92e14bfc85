"""The commands about digests."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

import click

from monitor.bootstrap.clock import utc_now
from monitor.bootstrap.plan import plan
from monitor.bootstrap.state import opened, reading, writing
from monitor.bootstrap.telling import find_subscription, preview_digest, queue_digests
from monitor.cli.common import Session, emit, moment, table
from monitor.core.errors import UsageError
from monitor.notifier import due_now, resend_digest
from monitor.receivers.cron import cron_time

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
@click.option("--open", "show", is_flag=True, help="Open the HTML in the browser.")
@click.pass_obj
def preview(
    session: Session, name: str | None, *, at: str | None, as_html: bool, out: Path | None, show: bool
) -> None:
    """Show the digest NAME as it would be sent now; nothing is sent or recorded."""
    meaning = plan(session.config())
    now = utc_now()
    with reading(meaning.config) as view:
        mail = preview_digest(meaning, view, name, at=moment(at, now) if at else now)
    if show:
        page, _ = write_digest(out or Path(tempfile.mkdtemp(prefix="digest-")), mail)
        click.echo(page)
        if click.launch(page.absolute().as_uri()):
            raise UsageError("no browser could be opened", place=str(page), remedy="open this file yourself")
        return
    if out is None:
        click.echo(mail["html"] if as_html else mail["text"])
        return
    for path in write_digest(out, mail):
        click.echo(path)


@digest.command("run")
@click.option("--dry-run", is_flag=True, help="Only say which digests are due, with what and to whom.")
@click.pass_obj
def run_digests(session: Session, *, dry_run: bool) -> None:
    """Queue the digests that are due, as the daemon does; it or `monitor once` delivers them."""
    meaning = plan(session.config())
    now = utc_now()
    if dry_run:
        with reading(meaning.config) as view:
            due = due_now(view, meaning.subscriptions, meaning.kinds, now=now, cron_time=cron_time)
        for one in due:
            what = "nothing, so it is not sent" if one.silent else f"{len(one.developments)} developments"
            click.echo(
                f"{one.subscription.id} of {one.period.local_date}, until {one.period.until:%Y-%m-%d %H:%M} UTC: "
                f"{what}, to {', '.join(one.recipients) or 'nobody'}"
            )
        if not due:
            click.echo("No digest is due.")
        return
    with opened(meaning.config) as store:
        click.echo(f"{queue_digests(meaning, store, now)} digests are queued")


@digest.command()
@click.argument("name")
@click.option(
    "--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Its local date.  [default: the last one]"
)
@click.option("--to", "recipients", multiple=True, help="Only to this recipient; may be repeated.")
@click.pass_obj
def resend(session: Session, name: str, *, day: datetime | None, recipients: tuple[str, ...]) -> None:
    """Queue a digest that was sent once more, as it was rendered."""
    meaning = plan(session.config())
    subscription = find_subscription(meaning, name)
    unknown = [who for who in recipients if who not in subscription.recipients]
    if unknown:
        known = ", ".join(subscription.recipients)
        raise UsageError(f"{unknown[0]} is no recipient of {name}", place="--to", remedy=f"one of {known}")
    with writing(meaning.config) as tx:
        last = tx.last_digests().get(name)
        if day is None and last is None:
            raise UsageError(
                f"{name} was never sent", place="digest resend", remedy="see `monitor digest preview`"
            )
        date = day.date() if day else last.local_date if last else utc_now().date()
        chosen = recipients or subscription.recipients
        count = resend_digest(tx, subscription, date, recipients=chosen, now=utc_now())
    click.echo(f"{name} of {date} is queued again for {count} recipients")


def write_digest(folder: Path, mail: dict[str, str]) -> tuple[Path, Path]:
    """Write a digest as HTML and as text into `folder`; return both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    page, text = folder / "digest.html", folder / "digest.txt"
    page.write_text(mail["html"], "utf-8")
    text.write_text(mail["text"], "utf-8")
    return page, text
