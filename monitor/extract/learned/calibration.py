"""How far to trust a claim, from what the lexicon and the network say: fitted on labelled streams, not set by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log
from pathlib import Path
from typing import Any

from monitor.extract.drafts import Votes
from monitor.extract.learned.surroundings import NAMES

_EDGE = 0.02
HEARD = 0.25
ALONE = "alone"


@dataclass(frozen=True, slots=True)
class Vote:
    """What is known of a claim when it is weighed.

    `sub`: stance, outcome or metric. `votes`: what both readers say. Whether somebody acts, and to somebody. `aside`:
    told in a relative or shortened clause, as what somebody is known for often is.
    """

    kind: str
    sub: str
    votes: Votes
    actor: bool
    recipient: bool
    aside: bool

    def note(self) -> str:
        """Return the vote as `--explain` shows it."""
        v = self.votes
        sure = f" roles {v.cast:.2f}, no fact {v.spoken:.2f}" if v.learned or v.spoken else ""
        return f"voted {v.lexical:.3f} / {v.learned:.3f}{sure}{', aside' * self.aside}"


@dataclass(frozen=True, slots=True)
class Curve:
    """Log-odds of being right: `weights` of what `features` returns, and offsets for each kind and finer type."""

    weights: tuple[float, ...]
    kinds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Calibration:
    """A curve for each way of voting: both, the lexicon alone, the network alone; and the weights of `surroundings`.

    Where the lexicon is silent, the network is weighed as if it read alone: on news that the lexicon was not written
    beside, its silence says little.
    """

    curves: Mapping[str, Curve]
    document: tuple[float, ...] = ()

    def chance(self, vote: Vote) -> float:
        """Return the chance (0 … 1) that a claim is right."""
        curve = self.curves.get(pattern(vote))
        if curve is None:
            return max(vote.votes.lexical, vote.votes.learned)
        line = sum(w * x for w, x in zip(curve.weights, features(vote), strict=True))
        return 1 / (1 + exp(-(line + sum(curve.kinds.get(name, 0.0) for name in offsets(vote)))))

    def data(self) -> dict[str, Any]:
        """Return what `load` reads."""
        curves = {n: {"weights": list(c.weights), "kinds": dict(c.kinds)} for n, c in self.curves.items()}
        return {"curves": curves, "document": dict(zip(NAMES, self.document, strict=False))}

    @classmethod
    def load(cls, path: Path) -> Calibration:
        """Load the curves of a file that `data` wrote; none where there is no such file yet."""
        if not path.exists():
            return cls({})
        data = json.loads(path.read_text(encoding="utf-8"))
        curves = {n: Curve(tuple(c["weights"]), c["kinds"]) for n, c in data["curves"].items()}
        return cls(curves, tuple(data["document"][name] for name in NAMES if data["document"]))


def pattern(vote: Vote) -> str:
    """Return who told the claim; the network counts as silent below `HEARD`."""
    if vote.votes.lexical and vote.votes.learned >= HEARD:
        return "both"
    return "lexical" if vote.votes.lexical else ALONE


def offsets(vote: Vote) -> tuple[str, ...]:
    """Return the names under which a curve keeps offsets for such a claim."""
    return (vote.kind, f"{vote.kind}.{vote.sub}") if vote.sub else (vote.kind,)


def features(vote: Vote) -> tuple[float, ...]:
    """Return what a curve weighs: 1, the log-odds of the readers' votes, and which roles are filled, asides."""
    return (
        1.0,
        _odds(vote.votes.lexical),
        _odds(vote.votes.learned),
        _odds(vote.votes.spoken),
        _odds(vote.votes.cast),
        float(vote.actor),
        float(vote.recipient),
        float(vote.aside),
    )


def _odds(chance: float) -> float:
    inside = min(1 - _EDGE, max(_EDGE, chance))
    return log(inside / (1 - inside))
