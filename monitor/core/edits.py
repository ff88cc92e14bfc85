"""The user's hand: facts merged, split or rejected, actors corrected, and all of it undone again.

An edit records what it changed, so that undoing is exact where nothing has happened since, and by the inverse
where the fact has moved on. It also records after which document it was made: a replay makes it there again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.core.model import Actor, Fact


class EditAction(StrEnum):
    """What a person can do to the state."""

    MERGE = "merge"
    SPLIT = "split"
    REJECT = "reject"
    CORRECT = "correct"
    UNDO = "undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change by hand: who made it, when, why, and after which document.

    `facts` are those it speaks of (the one that is kept first), `claims` those that a split takes away, `name`
    and `actor` what a correction replaces by what, `undoes` the edit that an undo takes back. `before` and
    `after` are the facts that it changed: in `before` only, they went; in `after` only, they were made.
    """

    id: str
    event_id: str
    action: EditAction
    who: str
    made_at: datetime
    why: str = ""
    facts: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    name: str | None = None
    actor: Actor | None = None
    undoes: str | None = None
    after_document: str | None = None
    before: tuple[Fact, ...] = ()
    after: tuple[Fact, ...] = ()
