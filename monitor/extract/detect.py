"""Which of the configured languages a text is in, by its function words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from monitor.extract.language import Language

_WORD = re.compile(r"[^\W\d_]+")


def detect_language(text: str, languages: Sequence[Language]) -> str | None:
    """Return the code whose function words are most frequent in the first 2,000 characters, or None."""
    if len(languages) == 1:
        return languages[0].code
    words = _WORD.findall(text[:2000].lower())
    best, most = None, 0
    for language in languages:
        closed = language.closed
        common = (
            closed.get("det", frozenset()) | closed.get("prep", frozenset()) | closed.get("conj", frozenset())
        )
        score = sum(map(common.__contains__, words))
        if score > most:
            best, most = language.code, score
    return best
