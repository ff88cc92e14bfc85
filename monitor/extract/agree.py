"""Two readings of one document joined: what both tell is surer, what only the weaker one tells is kept, not told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from monitor.core.model import Claim

_SUREST = 0.99
ALONE = 0.45
"""Below the usual `min_confidence`: kept in the state, not told."""


def joined(strong: Sequence[Claim], weak: Sequence[Claim], *, by: str) -> tuple[Claim, ...]:
    """Return the claims of `strong`, surer where `weak` agrees, and the rest of `weak` with less confidence.

    Two readers that err independently are both wrong as often as the product of their doubts. `by` names the
    strong reader, for the notes. The weak claim's actors, with their countries, stand for the same names.
    """
    used: set[str] = set()
    out: list[Claim] = []
    for claim in strong:
        twin = next((w for w in weak if w.id not in used and same(claim, w)), None)
        if twin is None:
            out.append(claim)
            continue
        used.add(twin.id)
        out.append(
            replace(
                claim,
                actors=twin.actors or claim.actors,
                recipients=twin.recipients or claim.recipients,
                claimed_by=twin.claimed_by or claim.claimed_by,
                figure=twin.figure,
                event_date=claim.event_date or twin.event_date,
                event_date_precision=claim.event_date_precision or twin.event_date_precision,
                topic=claim.topic or twin.topic,
                plover=twin.plover,
                confidence=min(_SUREST, 1 - (1 - claim.confidence) * (1 - twin.confidence)),
                notes=(*twin.notes, f"{by} agrees"),
            )
        )
    for claim in weak:
        if claim.id not in used:
            note = f"{by} does not tell it"
            out.append(replace(claim, confidence=min(claim.confidence, ALONE), notes=(*claim.notes, note)))
    return tuple(sorted(out, key=lambda c: (c.start, c.end, c.kind, c.id)))


def same(left: Claim, right: Claim) -> bool:
    """Whether two readers tell one thing: same kind and sense, in words that overlap."""
    if left.kind != right.kind or left.start >= right.end or right.start >= left.end:
        return False
    if left.modality != right.modality or left.stance != right.stance or left.outcome != right.outcome:
        return False
    if left.figure is None or right.figure is None:
        return left.figure is right.figure
    return (left.figure.metric, left.figure.value) == (right.figure.metric, right.figure.value)
