"""The commands about who is told: notify, silence."""

from __future__ import annotations

import asyncio
import getpass
from dataclasses import replace

import click

from monitor.bootstrap.clock import utc_now
from monitor.bootstrap.plan import make_silence, plan
from monitor.bootstrap.state import reading, writing
from monitor.bootstrap.telling import send_sample
from monitor.cli.common import Session, ahead, emit, table
from monitor.core.errors import UsageError
from monitor.core.matching import label_of
from monitor.core.outgoing import OutboxEntry, Silence
from monitor.notifier import Explanation, explain_development
from monitor.receivers.text import headline

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")


@click.group()
def notify() -> None:
    """See and try the receivers, and ask why something was told or not."""


@notify.command("test")
@click.argument("receiver")
@click.pass_obj
def test_receiver(session: Session, receiver: str) -> None:
    """Send a sample to RECEIVER, to see that it arrives."""
    meaning = plan(session.config())
    count = asyncio.run(send_sample(meaning, receiver, utc_now))
    click.echo(f"{receiver}: a sample was sent to {count} recipients")


@notify.command("list")
@_JSON
@click.pass_obj
def list_receivers(session: Session, *, as_json: bool) -> None:
    """List the receivers with what waits for them, what was given up, and whether they rest."""
    meaning = plan(session.config())
    now = utc_now()
    with reading(meaning.config) as view:
        counts = view.outbox_counts()
        rests = {r.name: view.paused_until(r.name) for r in meaning.config.receivers}
    rows = []
    for receiver in meaning.config.receivers:
        until = rests[receiver.name]
        waiting = sum(counts.get((receiver.name, state), 0) for state in ("pending", "leased"))
        rows.append(
            {
                "receiver": receiver.name,
                "recipients": len(meaning.recipients[receiver.name]),
                "waiting": waiting,
                **{state: counts.get((receiver.name, state), 0) for state in ("sent", "dead", "dropped")},
                "rests_until": until.isoformat(timespec="seconds") if until and until > now else None,
            }
        )
    if as_json:
        for row in rows:
            emit(row)
        return
    columns = ("receiver", "recipients", "waiting", "sent", "dead", "dropped", "rests_until")
    table(columns, [["-" if row[c] is None else row[c] for c in columns] for row in rows])


@notify.command("resume")
@click.argument("receiver")
@click.pass_obj
def resume_receiver(session: Session, receiver: str) -> None:
    """End the rest of RECEIVER, which was disabled or asked for a pause; what waits is sent."""
    meaning = plan(session.config())
    if receiver not in meaning.recipients:
        known = ", ".join(meaning.recipients) or "none is configured"
        raise UsageError(f'there is no receiver "{receiver}"', place="notify resume", remedy=known)
    with writing(meaning.config) as tx:
        tx.pause(receiver, utc_now())
    click.echo(f"{receiver}: is delivered to again")


@notify.command("unsubscribed")
@_JSON
@click.pass_obj
def list_unsubscribed(session: Session, *, as_json: bool) -> None:
    """List who wants no more of which list (alerts:RECEIVER, digest:NAME)."""
    with reading(session.config()) as view:
        rows = sorted(view.unsubscribed().items())
    if as_json:
        for (name, who), at in rows:
            emit({"list": name, "recipient": who, "since": at.isoformat()})
        return
    table(("list", "recipient", "since"), [(n, who, f"{at:%Y-%m-%d %H:%M}") for (n, who), at in rows])


@notify.command("resubscribe")
@click.argument("name", metavar="LIST")
@click.argument("recipient")
@click.pass_obj
def resubscribe(session: Session, name: str, recipient: str) -> None:
    """Take back that RECIPIENT wants no more of LIST; ask them first."""
    with writing(session.config()) as tx:
        if not tx.resubscribe(name, recipient):
            raise UsageError(f"{recipient} is not unsubscribed from {name}", place="notify resubscribe")
    click.echo(f"{recipient} gets {name} again")


@notify.command("explain")
@click.argument("name", metavar="DEVELOPMENT")
@_JSON
@click.pass_obj
def explain(session: Session, name: str, *, as_json: bool) -> None:
    """Say who was told DEVELOPMENT, when and through which route, or why not."""
    meaning = plan(session.config())
    with reading(meaning.config) as view:
        development = view.development(name)
        if development is None:
            raise UsageError(f'there is no development "{name}"', remedy="see `monitor developments --json`")
        found = explain_development(view, meaning.rules, meaning.subscriptions, development, now=utc_now())
    if as_json:
        emit(_explanation(found))
        return
    click.echo(f"{development.change.value.upper()}  {headline(development, meaning.kinds)}")
    click.echo(f"  found {development.found_at:%Y-%m-%d %H:%M:%S} UTC: {development.reason}")
    for row in found.rows:
        click.echo(f"  {row.receiver} {row.recipient}: {_fate(row)}, by the route {row.group_key}")
    if not found.rows:
        click.echo("  no message was queued for it")
    click.echo("  by the present configuration:" if found.verdicts else "  no route is configured")
    for verdict in found.verdicts:
        click.echo(f"    {verdict.path} -> {verdict.receiver or '-'}: {verdict.reason}")
    for path, why in found.unmatched:
        click.echo(f"    {path}: {why}")
    for subscription, words in found.digests:
        click.echo(f"  digest {subscription}: {words}")


@click.group()
def silence() -> None:
    """Keep developments from being told for a while; digests tell them all the same."""


@silence.command("add")
@click.argument("conditions", nargs=-1, required=True)
@click.option("--until", required=True, help="Its end: 2h from now, 2024-08-22, or an RFC 3339 time.")
@click.option("--comment", required=True, help="Why; shown wherever the silence is.")
@click.option("--by", "author", help="Who made it.  [default: the user of this machine]")
@click.pass_obj
def add_silence(
    session: Session, conditions: tuple[str, ...], *, until: str, comment: str, author: str | None
) -> None:
    """Silence what fulfils all CONDITIONS, such as "kind = protest" "country = VEN"."""
    now = utc_now()
    made = make_silence(
        conditions, now=now, ends_at=ahead(until, now), comment=comment, author=author or getpass.getuser()
    )
    with writing(session.config()) as tx:
        tx.add_silence(made)
    click.echo(f"{made.id}: silent until {made.ends_at:%Y-%m-%d %H:%M} UTC")


@silence.command("list")
@_JSON
@click.pass_obj
def list_silences(session: Session, *, as_json: bool) -> None:
    """List the silences that are in force."""
    with reading(session.config()) as view:
        found = view.silences(utc_now())
    if as_json:
        for one in found:
            emit(_silence(one))
        return
    columns = ("id", "ends_at", "created_by", "comment", "matchers")
    table(columns, [[_silence(one)[c] for c in columns] for one in found])


@silence.command("expire")
@click.argument("ids", nargs=-1, required=True)
@click.pass_obj
def expire_silence(session: Session, ids: tuple[str, ...]) -> None:
    """End the silences IDS now."""
    now = utc_now()
    with writing(session.config()) as tx:
        known = {one.id: one for one in tx.silences(now)}
        for name in ids:
            if name not in known:
                raise UsageError(
                    f'there is no silence "{name}" in force', remedy="see `monitor silence list`"
                )
            tx.add_silence(replace(known[name], ends_at=now))
    click.echo(f"{len(ids)} silences ended")


def _silence(one: Silence) -> dict[str, str]:
    return {
        "id": one.id,
        "matchers": ", ".join(label_of(m) for m in one.matchers),
        "starts_at": one.starts_at.isoformat(timespec="seconds"),
        "ends_at": one.ends_at.isoformat(timespec="seconds"),
        "comment": one.comment,
        "created_by": one.created_by,
    }


def _fate(row: OutboxEntry) -> str:
    """Return what became of a message, in words."""
    if row.sent_at is not None:
        return f"told {row.sent_at:%Y-%m-%d %H:%M:%S} UTC"
    if row.state in {"dead", "dropped"}:
        return f"not told ({row.state}): {row.last_error}"
    held = (
        f"waits until {row.not_before:%Y-%m-%d %H:%M:%S} UTC" if row.state == "pending" else "is being sent"
    )
    return f"{held}, tried {row.attempts} times, last: {row.last_error}" if row.attempts else held


def _explanation(found: Explanation) -> dict[str, object]:
    return {
        "development": found.development.id,
        "messages": [_message(row) for row in found.rows],
        "routes": [{"route": v.path, "receiver": v.receiver, "reason": v.reason} for v in found.verdicts],
        "not_matched": [{"route": path, "reason": why} for path, why in found.unmatched],
        "digests": [{"digest": name, "reason": why} for name, why in found.digests],
    }


def _message(row: OutboxEntry) -> dict[str, object]:
    return {
        "id": row.id,
        "receiver": row.receiver,
        "recipient": row.recipient,
        "state": row.state,
        "route": row.group_key,
        "sent_at": row.sent_at.isoformat() if row.sent_at else None,
        "reason": _fate(row),
    }
