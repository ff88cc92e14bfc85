"""The commands that read the configured sources and keep state: run, once, demo."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import click

from monitor.bootstrap import loop
from monitor.bootstrap.clock import utc_now
from monitor.bootstrap.plan import Plan, plan
from monitor.bootstrap.telling import demo_digest
from monitor.bootstrap.wiring import App, running, serving
from monitor.cli.common import PlainLog, Session, emit, note, report
from monitor.cli.telling import write_digest
from monitor.core.model import Development
from monitor.core.wire import development_json

_UNSHOWN = "report_since"
"""Since when findings were perhaps not shown: set before a round, emptied after its report."""


@click.command()
@click.option("--migrate", is_flag=True, help="Bring the database up to date first.")
@click.pass_obj
def run(session: Session, *, migrate: bool) -> None:
    """Run the daemon: read sources when due, tell at once, send digests at their time.

    SIGTERM and SIGINT let what is being stored or sent finish; then it ends with exit code 0.
    """
    meaning = plan(session.config())
    if migrate:
        _upgrade(meaning)
    loop.run(_run(meaning, debug=session.debug))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one development a line instead of the report.")
@click.pass_obj
def once(session: Session, *, as_json: bool) -> None:
    """Do one round: read every source, deliver what is due, and report what is new."""
    meaning = plan(session.config())

    def show(found: Sequence[Development]) -> None:
        if as_json:
            for development in found:
                emit(development_json(development))
        else:
            report(found, meaning.events, meaning.kinds)

    loop.run(_once(meaning, show))


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default="var",
    show_default=True,
    help="Folder for the digest.",
)
@click.pass_obj
def demo(session: Session, *, out: Path) -> None:
    """Do one round and write what it found as a digest, in HTML and in text."""
    meaning = plan(session.config())
    _upgrade(meaning)

    def show(found: Sequence[Development]) -> None:
        report(found, meaning.events, meaning.kinds)
        if found:
            page, text = write_digest(out, demo_digest(meaning, found, now=utc_now()))
            click.echo(f"\nThe same as a digest: {page} and {text}")

    loop.run(_once(meaning, show))


def _upgrade(meaning: Plan) -> None:
    from monitor.bootstrap.upkeep import upgrade  # noqa: PLC0415  Alembic takes half a second to load

    upgrade(meaning.config)


async def _once(meaning: Plan, show: Callable[[Sequence[Development]], None]) -> None:
    """Do a round and show its developments, with those of a round that was cut off before they were shown."""
    async with running(meaning, log=PlainLog()) as app:
        since = _start_round(app)
        await app.rounds.once()
        with app.store.read() as view:
            found = view.developments(after=since)
        show(found)
        sys.stdout.flush()
        with app.store.begin() as tx:
            tx.set_meta(_UNSHOWN, "")


def _start_round(app: App) -> datetime:
    with app.store.begin() as tx:
        unshown = tx.meta(_UNSHOWN)
        if unshown:
            return datetime.fromisoformat(unshown)
        now = app.clock()
        tx.set_meta(_UNSHOWN, now.isoformat())
        return now


async def _run(meaning: Plan, *, debug: bool) -> None:
    from monitor.cli.log import start_log  # noqa: PLC0415  only the daemon logs

    log = start_log(debug=debug)
    stop = asyncio.Event()
    running_loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        running_loop.add_signal_handler(number, stop.set)
    async with running(meaning, log=log) as app, serving(app):
        log.info("running", action="start", pid=os.getpid(), sources=len(meaning.sources))
        tell_systemd("READY=1")
        await app.rounds.run(stop)
        tell_systemd("STOPPING=1")
    log.info("stopped", action="stop")


def tell_systemd(state: str) -> None:
    """Send a line to the service manager, where one listens (sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
            sock.sendto(state.encode(), f"\0{address[1:]}" if address[0] == "@" else address)
    except OSError as error:
        note(f"warning: NOTIFY_SOCKET: the service manager was not told: {error.strerror}")
