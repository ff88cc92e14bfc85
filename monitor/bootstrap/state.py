"""The stored state of a configuration, opened for a question or a chore."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from monitor.config import Config
from monitor.core.model import EventSpec
from monitor.core.picture import Picture, draw
from monitor.core.policy import Policy
from monitor.core.ports import LAST_TICK, Store, Transaction, View
from monitor.core.standings import standings
from monitor.store import open_store


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


def last_tick(config: Config) -> datetime | None:
    """Return the daemon's last sign of life."""
    with reading(config) as view:
        tick = view.meta(LAST_TICK)
    return datetime.fromisoformat(tick) if tick else None


def picture_of(view: View, event: EventSpec, policy: Policy, *, as_of: datetime) -> Picture:
    """Return the picture of an event as it was known at `as_of`."""
    found = view.developments(event_ids=[event.id], until=as_of)
    edits = [e for e in view.edits(event.id) if e.made_at <= as_of]
    return draw(event, standings(found, edits), policy, as_of=as_of)
