"""What a source held at its earlier readings, as five 64-bit marks an item: enough to know what is new.

The bytes' mark saves the parsing, the document's mark tells an edit from a repeat, the identity's mark tells a
revision from a new item, and the marks of title and link know an item again whose identifier was changed.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Self

from monitor.core.model import Document
from monitor.sources.delta import mark_of
from monitor.sources.html import canonical_link

KEPT = 500
"""Items that are remembered after they left the feed, so that they are not new when they come back."""

_BURST = 0.8
_BURST_LEAST = 5


class Record(NamedTuple):
    """One item's marks; 0 where the item has no title or link."""

    raw: int
    document: int
    identity: int
    title: int
    link: int


@dataclass(frozen=True, slots=True)
class Memory:
    """The records of a source, what it holds now first."""

    records: tuple[Record, ...] = ()

    @classmethod
    def load(cls, data: bytes | None) -> Self:
        """Return what `dump` wrote; whatever else is there counts as nothing."""
        if not data or len(data) % (8 * len(Record._fields)):
            return cls()
        numbers = iter(array("Q", data))
        return cls(tuple(Record(*row) for row in zip(*[numbers] * len(Record._fields), strict=True)))

    def dump(self) -> bytes:
        """Return the records as bytes."""
        return array("Q", (mark for record in self.records for mark in record)).tobytes()

    def known(self) -> dict[int, Record]:
        """Return the records by the mark of their bytes."""
        return {record.raw: record for record in self.records}

    def after(self, here: Iterable[Record]) -> Memory:
        """Return the memory after a reading that found `here`, in order."""
        now = {record.raw: record for record in here}
        before = [record for record in self.records if record.raw not in now]
        return Memory((*now.values(), *before[: max(0, KEPT - len(now))]))

    def is_burst(self, new: Iterable[Record], here: int) -> bool:
        """Return whether more than 80 % of the `here` items bear identifiers that were never seen.

        That is how a changed content system looks, and also how a feed looks that was not read for long.
        """
        known = {record.identity for record in self.records}
        strange = sum(record.identity not in known for record in new)
        return min(here, len(known)) >= _BURST_LEAST and strange > _BURST * here

    def faces(self) -> frozenset[int]:
        """Return the marks of all titles and links."""
        return frozenset(mark for r in self.records for mark in (r.title, r.link) if mark)


def record_of(document: Document, raw: int) -> Record:
    """Return the marks of an item's document; `raw` is the mark of its bytes."""
    title = " ".join(document.title.casefold().split())
    return Record(
        raw=raw,
        document=mark_of(document.id.encode()),
        identity=mark_of(document.identity.encode()),
        title=mark_of(f"title {title}".encode("utf-8", "replace")) if title else 0,
        link=mark_of(f"link {canonical_link(document.url)}".encode("utf-8", "replace"))
        if document.url
        else 0,
    )
