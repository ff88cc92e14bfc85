"""Chores of the stored state: making it, migrating, checking, copying."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from monitor.bootstrap.plan import Plan
from monitor.bootstrap.state import opened, reading
from monitor.bootstrap.wiring import make_ingest
from monitor.config import Config
from monitor.core.edits import Edit
from monitor.core.errors import StoreError
from monitor.core.model import Document
from monitor.core.ports import Store
from monitor.editing import perform
from monitor.store import backup, migrate, open_store
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
        waiting = sum(n for (_, state), n in view.outbox_counts().items() if state in {"pending", "leased"})
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


def verify_state(plan: Plan) -> str:
    """Replay the stored documents, in their order, and compare; return what was compared, in words.

    Raises StoreError where the state is not what this configuration and this version make of its documents.
    """
    again = open_store("memory:")
    ingest = make_ingest(plan, again)
    with opened(plan.config) as store:
        with store.read() as view:
            edits = list(view.edits())
            _edit_again(again, edits, after=None)
            for document in view.documents():
                ingest.ingest([document], clock=partial(_when, document))
                _edit_again(again, edits, after=document.id)
        for what, stored, replayed in zip(
            ("developments", "facts"), _contents(store, plan), _contents(again, plan), strict=True
        ):
            if stored != replayed:
                missing, added = len(stored - replayed), len(replayed - stored)
                raise StoreError(
                    f"a replay brings other {what}: {missing} are not made again, {added} are made anew",
                    place=place_of(parse_url(plan.config.database)),
                    remedy="events, kinds or the program changed since, or the database was written by another program",
                )
    return f"a replay of the stored documents brings the same {len(stored)} facts and their developments"


def _when(document: Document) -> datetime:
    return document.retrieved_at


def _edit_again(store: Store, edits: Sequence[Edit], *, after: str | None) -> None:
    """Make the edits again that were made after the document with the id `after`."""
    for edit in (e for e in edits if e.after_document == after):
        with store.begin() as tx:
            perform(tx, edit)


def _contents(store: Store, plan: Plan) -> tuple[set[object], set[object]]:
    """Return what must be the same: all of the developments and facts."""
    with store.read() as view:
        developments: set[object] = set(view.developments())
        facts: set[object] = {
            fact for event in plan.events for part in view.facts(event.id) for fact in part.facts.values()
        }
    return developments, facts
