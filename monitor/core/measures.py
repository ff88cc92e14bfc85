"""Standing measures: what they regulate, and what becomes of them.

"Toque de queda" and "curfew" are one matter, whoever announces it and whatever else the sentence names; that it was
lifted is news also where no day is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from monitor.core.model import Claim
from monitor.core.names import fold
from monitor.core.policy import Policy


def on_its_matter(claim: Claim, policy: Policy) -> Claim:
    """Return a claim of a standing measure with what it regulates at the head of its topic.

    What it is laid upon says so best; the whole sentence may name another measure besides.
    """
    spec = policy.kinds.get(claim.kind)
    if spec is None or not spec.moves or not policy.measures.matters:
        return claim
    told = " ".join((claim.topic or "", *(a.name for a in claim.recipients)))
    matters = _found(told, policy.measures.matters) or _found(claim.quote, policy.measures.matters)
    known = (claim.topic or "").split()
    topic = " ".join(dict.fromkeys((*matters, *known)))
    return replace(claim, topic=topic or None)


def phase_of(words: str, policy: Policy) -> str | None:
    """Return what becomes of a measure: lifted, eased, extended; None where it is only told."""
    return next(iter(_found(words, policy.measures.phases)), None)


def _found(words: str, table: Mapping[str, str]) -> dict[str, None]:
    """Return the ids whose words stand in `words`, each once, in the order of the table."""
    text = f" {fold(words)} "
    return dict.fromkeys(one for word, one in table.items() if f" {word} " in text)
