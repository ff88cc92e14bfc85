"""Which event takes which document, and in which claims it is interested."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from monitor.core.model import Claim, EventSpec


def fold(text: str) -> str:
    """Return `text` without case and accents, for matching words."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    if plain.isascii():
        return plain
    return "".join(c for c in plain if not unicodedata.combining(c))


class EventMatcher:
    """Says whether an event takes a document. `names` are further words: its countries' names."""

    def __init__(self, event: EventSpec, names: Sequence[str] = ()) -> None:
        self.event = event
        self.takes_all = not (event.countries or event.actors or event.words)
        self._countries = frozenset(event.countries)
        self._actors = frozenset(map(fold, event.actors))
        words = sorted({fold(w).strip() for w in (*event.words, *event.actors, *names)} - {""})
        joined = "|".join(re.escape(word) for word in words)
        self._words = re.compile(rf"(?<!\w)(?:{joined})(?!\w)") if words else None

    def takes(self, folded: str, claims: Sequence[Claim]) -> bool:
        """Say whether the document with this folded text and these claims belongs to the event."""
        if self.takes_all or (self._words is not None and self._words.search(folded)):
            return True
        people = [
            actor for claim in claims for actor in (*claim.actors, *claim.recipients, *claim.claimed_by)
        ]
        return any(a.country in self._countries or fold(a.name) in self._actors for a in people)

    def refusal(self, claim: Claim) -> str | None:
        """Return why the event does not want a claim of a document that it takes; None where it does."""
        if self.event.kinds and claim.kind not in self.event.kinds:
            return f"the event {self.event.id} is not interested in its kind"
        if claim.setting in self._countries or not (claim.setting if self._countries else claim.elsewhere):
            return None
        return f"told in a part of the document on another country ({claim.setting})"
