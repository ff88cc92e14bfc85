"""Which of the configured languages a text is in, by its function words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from monitor.extract.language import load_language

_WORD = re.compile(r"[^\W\d_]+")


def detect_language(text: str, codes: Sequence[str]) -> str | None:
    """Return the code whose function words are most frequent in the first 2,000 characters, or None."""
    if len(codes) == 1:
        return codes[0]
    words = _WORD.findall(text[:2000].lower())
    best, most = None, 0
    for code in codes:
        closed = load_language(code).closed
        common = (
            closed.get("det", frozenset()) | closed.get("prep", frozenset()) | closed.get("conj", frozenset())
        )
        score = sum(word in common for word in words)
        if score > most:
            best, most = code, score
    return best
