"""Which documents of a batch are copies of older ones: near-duplicates, by the bands that they share."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.core.model import Document
from monitor.core.ports import HOLDERS_A_BAND, Fingerprinter, View

_CANDIDATES = 20
_LATER = 2.0**62


class Copies:
    """The near-duplicates of a batch, among the stored documents and within the batch.

    All that must be read is read at once. A band that `HOLDERS_A_BAND` documents hold is full: it tells
    nothing more, since only its oldest holders are ever looked at.
    """

    def __init__(
        self,
        view: View,
        fingerprinter: Fingerprinter,
        similarity: float,
        batch: Sequence[tuple[Document, Sequence[int], Sequence[int]]],
    ) -> None:
        self._view = view
        self._fingerprinter = fingerprinter
        self._similarity = similarity
        self._documents: dict[str, Document] = {}
        held = view.band_holders(list({band for *_, bands in batch for band in bands}))
        self._holders = {band: list(found) for band, found in held.items()}
        wanted = {name for *_, bands in batch for name in self._candidates(bands)}
        self._signatures = view.signatures(list(wanted))

    def place(
        self, document: Document, signature: tuple[int, ...], bands: Sequence[int]
    ) -> tuple[Document | None, tuple[int, ...]]:
        """Return the oldest document of which this one is a copy, and the bands to store it under.

        Its own revisions are no originals. From now on it is one that later documents are compared with.
        """
        original = self._original(document, signature, bands) if signature else None
        held = (_LATER + len(self._documents), document.id)
        free: list[int] = []
        for band in dict.fromkeys(bands):
            holders = self._holders.setdefault(band, [])
            if len(holders) < HOLDERS_A_BAND:
                holders.append(held)
                free.append(band)
        self._documents[document.id] = document
        self._signatures[document.id] = signature
        return original, tuple(free)

    def _candidates(self, bands: Sequence[int]) -> list[str]:
        """Return the documents that share a band, oldest first."""
        found = {name: place for band in bands for place, name in self._holders.get(band, ())}
        return sorted(found, key=found.__getitem__)[:_CANDIDATES]

    def _original(
        self, document: Document, signature: tuple[int, ...], bands: Sequence[int]
    ) -> Document | None:
        for name in self._candidates(bands):
            theirs = self._signatures.get(name, ())
            if self._fingerprinter.similarity(signature, theirs) < self._similarity:
                continue
            other = self._documents.get(name) or self._view.document(name)
            if other is not None and other.identity != document.identity:
                return other
        return None
