"""In memory: what people changed by hand, and documents that no event takes."""

from __future__ import annotations

from datetime import datetime

from monitor.core.edits import Edit
from monitor.core.model import Document, Fact
from monitor.core.suggestions import Stray
from monitor.store.codec import clean


class MemoryHand:
    """The values, and the questions to them."""

    _documents: dict[str, Document]
    _facts: dict[str, dict[str, Fact]]

    def __init__(self) -> None:
        self._edits: dict[str, Edit] = {}
        self._strays: dict[str, Stray] = {}

    def edits(self, event_id: str | None = None) -> tuple[Edit, ...]:
        """Return what people changed in an event (in all without one), oldest first."""
        return tuple(e for e in self._edits.values() if event_id is None or e.event_id == event_id)

    def strays(self, since: datetime, *, limit: int) -> tuple[Stray, ...]:
        """Return documents seen after `since` that no event takes, newest first, at most `limit`."""
        found = sorted(
            (s for s in self._strays.values() if s.seen_at > since), key=lambda s: s.seen_at, reverse=True
        )
        return tuple(found[:limit])

    def fact(self, event_id: str, fact_id: str) -> Fact | None:
        """Return one fact as it is now."""
        return self._facts.get(event_id, {}).get(fact_id)

    def last_document(self) -> str | None:
        """Return the id of the document that was ingested last."""
        return next(reversed(self._documents), None)

    def revisions(self, identity: str) -> tuple[str, ...]:
        """Return the ids of the stored revisions of a document, oldest first."""
        mine = [d for d in self._documents.values() if d.identity == clean(identity)]
        return tuple(d.id for d in sorted(mine, key=lambda d: d.revision))
