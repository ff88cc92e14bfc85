"""How far a claim is to be trusted for the text around it, once all sentences are read.

`calibration` weighs the readers' votes on a sentence by itself. Here the document speaks: an event that it tells in
another sentence too is surer, and so is one told by name, at length, near others, with somebody's word for a number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from heapq import nlargest
from math import exp, log
from operator import itemgetter

from monitor.core.model import Modality
from monitor.core.names import is_named
from monitor.extract.drafts import Draft
from monitor.extract.learned.labels import KINDS
from monitor.extract.places import fold

NAMES = (
    "one",
    "votes",
    "actor named",
    "recipient named",
    "on somebody's word",
    "a number on somebody's word",
    "a number in digits",
    "length",
    "place",
    "first sentences",
    "told elsewhere too",
    "others near",
    "denied",
)
"""What `features` returns, in its order; `votes` are the log-odds of what `calibration` says."""

_FIRST = 2
_EDGE = 0.02


def weigh(drafts: Sequence[Draft], starts: Sequence[int], text: str, weights: Sequence[float]) -> None:
    """Give the drafts of a document the chance (0 … 1) that they are right in it.

    `starts` are the characters of `text` at which its sentences begin, in order; `weights` one for each of `NAMES`
    (none: nothing is weighed anew). What a reader only guesses stays a guess.
    """
    told = list(weighable(drafts))
    if not weights:
        return
    for draft, row in zip(told, features(told, starts, text), strict=True):
        if not draft.guessed:
            line = sum(w * x for w, x in zip(weights, row, strict=True))
            alone, draft.confidence = draft.confidence, round(1 / (1 + exp(-line)), 3)
            draft.notes.append(f"by itself {alone:.2f}, in its text {draft.confidence:.2f}")


def weighable(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """Yield the drafts on which the readers have voted and that may be told."""
    for draft in drafts:
        voted = draft.votes.lexical or draft.votes.learned
        if voted and draft.kind in KINDS and draft.modality in {Modality.FACT, Modality.DENIAL}:
            yield draft


def features(told: Sequence[Draft], starts: Sequence[int], text: str) -> list[tuple[float, ...]]:
    """Return what the text around says of each draft, as `NAMES` lists it."""
    number = {start: n for n, start in enumerate(starts)}
    places = [number.get(draft.sentence[0], 0) for draft in told]
    surest: dict[int, float] = defaultdict(float)
    tellings: dict[tuple[str, ...], dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for draft, place in zip(told, places, strict=True):
        surest[place] = max(surest[place], draft.confidence)
        for key in _keys(draft):
            tellings[key][place] = max(tellings[key][place], draft.confidence)
    best = {key: nlargest(2, found.items(), key=itemgetter(1)) for key, found in tellings.items()}
    out = []
    for draft, place in zip(told, places, strict=True):
        others = (chance for key in _keys(draft) for where, chance in best[key] if where != place)
        near = max(surest.get(place - 1, 0.0), surest.get(place + 1, 0.0))
        digits = any(c.isdigit() for c in text[draft.start : draft.end])
        share = draft.start / max(1, len(text))
        out.append(_row(draft, place, share, max(others, default=0.0), near, digits=digits))
    return out


def _row(
    draft: Draft, place: int, share: float, elsewhere: float, near: float, *, digits: bool
) -> tuple[float, ...]:
    inside = min(1 - _EDGE, max(_EDGE, draft.confidence))
    counts = draft.figure is not None
    return (
        1.0,
        log(inside / (1 - inside)),
        float(any(is_named(a.name) for a in draft.actors)),
        float(any(is_named(a.name) for a in draft.recipients)),
        float(bool(draft.claimed_by)),
        float(counts and bool(draft.claimed_by)),
        float(counts and digits),
        log(draft.end - draft.start + 1),
        share,
        float(place < _FIRST),
        elsewhere,
        near,
        float(draft.modality is Modality.DENIAL),
    )


def _keys(draft: Draft) -> Iterator[tuple[str, ...]]:
    """Yield by what another telling of the same is known: its kind, and somebody who acts or to whom it is done."""
    kind = draft.kind, draft.stance or ""
    for side, actors in (("a", draft.actors), ("r", draft.recipients)):
        for actor in actors:
            yield (*kind, side, fold(actor.name))
