"""A network that sees what a test tells it to, and a document for it to read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from monitor.core.model import Document
from monitor.extract.learned.calibration import Calibration
from monitor.extract.learned.mentions import Marked, Mention, Part
from monitor.extract.learned.voice import LearnedVoice
from tests.extract import helpers


def document(text: str, *, dated: bool = True) -> Document:
    """Return a document of 3 May 2024, or of no day."""
    return helpers.document(text, day=datetime(2024, 5, 3, tzinfo=UTC), dated=dated)


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


class History(Marking):
    """Takes what it sees for history: the network does not know what day it is read on."""

    def _mark(self, text: str) -> Marked:
        marked = super()._mark(text)
        for mention in marked.mentions:
            mention.fact, mention.spoken, mention.why = 0.1, 0.9, "history"
        return marked
