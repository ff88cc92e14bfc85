"""Chores of the stored state: making it, migrating, checking, copying."""

from __future__ import annotations

from pathlib import Path

from monitor.bootstrap.state import reading
from monitor.config import Config
from monitor.store import backup, migrate
from monitor.store.engine import parse_url, place_of


def upgrade(config: Config) -> str:
    """Make the state or bring it up to date; return what was done, in words."""
    done = migrate.upgrade(config.database)
    place = place_of(parse_url(config.database))
    if done.before == done.after:
        return f"{place}: up to date at {done.after}"
    kept = f"; the state before is kept in {done.backup}" if done.backup else ""
    return (
        f"{place}: {'made' if done.before is None else f'brought from {done.before}'} at {done.after}{kept}"
    )


def check_state(config: Config) -> str:
    """Look through the state and return what it holds, in words; raises StoreError for what is wrong."""
    place = place_of(parse_url(config.database))
    with reading(config) as view:
        waiting = len(view.outbox(states=("pending", "leased"), limit=10_000))
    if not config.database.startswith("sqlite:///"):
        return f"{place}: up to date; {waiting} messages wait"
    found = backup.verify(Path(config.database.removeprefix("sqlite:///")))
    return (
        f"{place}: whole, at {found.revision}; {found.documents} documents, "
        f"{found.developments} developments; {waiting} messages wait"
    )


def backup_state(config: Config, target: Path) -> str:
    """Copy the state to `target` and check the copy; return what it holds, in words."""
    found = backup.backup(config.database, target)
    return f"{target}: {found.documents} documents, {found.developments} developments"
