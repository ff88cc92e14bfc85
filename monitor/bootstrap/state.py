"""The stored state of a configuration, opened for a question or a chore."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from monitor.config import Config
from monitor.core.ports import Store, Transaction, View
from monitor.scheduler import LAST_TICK
from monitor.store import backup, migrate, open_store
from monitor.store.engine import parse_url, place_of


@contextmanager
def opened(config: Config) -> Iterator[Store]:
    """Open the state; raises StoreError when there is none yet or its schema is another version's."""
    store = open_store(config.database)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def reading(config: Config) -> Iterator[View]:
    """Read the state, also while a daemon runs."""
    with opened(config) as store, store.read() as view:
        yield view


@contextmanager
def writing(config: Config) -> Iterator[Transaction]:
    """Write the state, also while a daemon runs."""
    with opened(config) as store, store.begin() as tx:
        yield tx


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


def last_tick(config: Config) -> datetime | None:
    """Return the daemon's last sign of life."""
    with reading(config) as view:
        tick = view.meta(LAST_TICK)
    return datetime.fromisoformat(tick) if tick else None
