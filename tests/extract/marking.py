"""A network that sees what a test tells it to, and a document for it to read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from monitor.core.model import Document
from monitor.extract.learned.calibration import Calibration
from monitor.extract.learned.mentions import Marked, Mention, Part
from monitor.extract.learned.voice import LearnedVoice


def document(text: str, *, dated: bool = True) -> Document:
    when = datetime(2024, 5, 3, tzinfo=UTC)
    return Document(
        id="d",
        identity="d",
        name="d.txt",
        source="s",
        text=text,
        retrieved_at=when,
        content_hash="0",
        published_at=when if dated else None,
        dated=dated,
    )


class Marking(LearnedVoice):
    """Sees in the sentence of its trigger one event of a kind, with roles given as the words that fill them."""

    def __init__(self, kind: str, sub: str, trigger: str, *roles: tuple[str, str]) -> None:
        super().__init__(mode="learned", calibration=Calibration({}))
        self._seen = kind, sub, trigger, roles

    def look(self, sentences: Sequence[str], language: str) -> Sequence[Marked | None]:
        return [self._mark(text) if self._seen[2] in text else Marked() for text in sentences]

    def _mark(self, text: str) -> Marked:
        kind, sub, trigger, roles = self._seen
        at = text.index(trigger)
        parts = [Part(role, text.index(words), text.index(words) + len(words)) for role, words in roles]
        event = (at, at + len(trigger))
        return Marked([Mention(kind, sub, 0.95, 0.0, "other", 0, event, (0, 1), parts)])
