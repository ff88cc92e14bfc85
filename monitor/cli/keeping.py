"""The commands that keep the house: db, check-config, doctor."""

from __future__ import annotations

import platform
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import click

from monitor import __version__
from monitor.bootstrap.clock import utc_now
from monitor.bootstrap.plan import plan
from monitor.bootstrap.state import last_tick, reading
from monitor.bootstrap.upkeep import backup_state, check_state, upgrade, verify_state
from monitor.cli.common import Session, emit, source_state
from monitor.config import Config, schema
from monitor.core.errors import MonitorError, StoreError

TICK_AGE = timedelta(seconds=90)
"""A daemon leaves a sign of life every 15 s; after six missed ones it is not well."""


@click.group()
def db() -> None:
    """Look after the stored state."""


@db.command()
@click.pass_obj
def migrate(session: Session) -> None:
    """Make the database, or bring it up to date; a SQLite file is copied first."""
    click.echo(upgrade(session.config()))


@db.command()
@click.pass_obj
def check(session: Session) -> None:
    """Check that the database is whole and up to date."""
    click.echo(check_state(session.config()))


@db.command()
@click.pass_obj
def verify(session: Session) -> None:
    """Replay all stored documents and check that the same state comes out; changes nothing."""
    click.echo(verify_state(plan(session.config())))


@db.command()
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def backup(session: Session, target: Path) -> None:
    """Copy the database to TARGET, also while the daemon runs, and check the copy."""
    click.echo(backup_state(session.config(), target))


@click.command("check-config")
@click.option("--schema", "show_schema", is_flag=True, help="Print the JSON Schema instead.")
@click.pass_obj
def check_config(session: Session, *, show_schema: bool) -> None:
    """Check the configuration; errors name file, line, column and key."""
    if show_schema:
        emit(schema())
        return
    meaning = plan(session.config())
    click.echo(
        f"{session.config_path()}: ok: {len(meaning.config.events)} events, {len(meaning.sources)} sources, "
        f"{len(meaning.config.receivers)} receivers, {len(meaning.subscriptions)} digests"
    )


@click.command()
@click.option("--health", is_flag=True, help="Only ask whether the daemon is alive and its state is usable.")
@click.pass_obj
def doctor(session: Session, *, health: bool) -> None:
    """Examine this installation; exit code 1 when something needs care."""
    config = session.config()
    if health:
        _health(config)
        return
    lines = [f"ok    monitor {__version__}, Python {platform.python_version()}"]
    lines.append(_line("configuration", lambda: f"{session.config_path()} is valid: {_meaning(config)}"))
    lines.append(_line("state", lambda: check_state(config)))
    lines += _sources(config)
    click.echo("\n".join(lines))
    if any(line.startswith("wrong") for line in lines):
        click.get_current_context().exit(1)


def _health(config: Config) -> None:
    found = last_tick(config)
    if found is None or utc_now() - found > TICK_AGE:
        when = found.isoformat(timespec="seconds") if isinstance(found, datetime) else "never"
        raise StoreError(f"the daemon's last sign of life: {when}", place="health", remedy="look at its log")
    click.echo("healthy")


def _meaning(config: Config) -> str:
    meaning = plan(config)
    return f"{len(meaning.events)} events, {len(meaning.sources)} sources"


def _line(name: str, ask: Callable[[], str]) -> str:
    try:
        return f"ok    {name}: {ask()}"
    except MonitorError as error:
        return f"wrong {name}: {error}"


def _sources(config: Config) -> list[str]:
    try:
        with reading(config) as view:
            return [
                f"{'wrong' if c.errors or c.gone else 'ok   '} source {c.source_id}: {source_state(c)}"
                for c in view.cursors()
            ]
    except MonitorError:
        return []
