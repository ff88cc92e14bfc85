"""What an edited article says no more. In doubt it still says it: silence is not a withdrawal."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.core.model import Claim, Document
from monitor.core.names import content_words, fold

_EXCERPT = 0.5
_STILL_THERE = 0.8


def lost_claims(old: Document, claims: Sequence[Claim], new: Document) -> tuple[Claim, ...]:
    """Return those `claims` of the revision `old` whose words the revision `new` holds no more.

    A text of less than half the length is an excerpt, which withdraws nothing. A sentence of which most telling
    words are still there is reworded, not gone.
    """
    if len(new.text) < len(old.text) * _EXCERPT:
        return ()
    text = fold(new.text)
    words = content_words(new.text)
    return tuple(c for c in claims if fold(c.quote) not in text and not _reworded(c.quote, words))


def _reworded(quote: str, words: frozenset[str]) -> bool:
    mine = content_words(quote)
    return not mine or len(mine & words) / len(mine) >= _STILL_THERE
