"""What the differ is told: the kinds, how bodies and measures are known, and what counts as certain enough.

All of it is data beside the lexicon or configuration; nothing of it depends on what was read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.core.plover import Plover


@dataclass(frozen=True, slots=True, kw_only=True)
class KindSpec:
    """What the differ must know of a kind. Data: built in ones live beside the lexicon, users add theirs.

    `lifecycle` names a ladder that a person's or thing's status climbs (kinds with the same lifecycle and the
    same subject are one moving fact), `step` is this kind's place on it. `window_days` is how far apart two
    dated tellings may lie and still be one happening (None: a standing position without a date).
    `subject` says whose fact it is: "recipient", "actor" or "both". `moves` marks standing measures (a curfew, a
    ban): a later dated telling on the same topic changes the fact, where it would be another happening else.
    `min_confidence` is asked of its claims where it is more than what is asked of all, `min_confidence_of` of those of
    a stance, outcome or metric: a mere remark must be surer than a rejection. `refuses` names the classes
    ("country", "body") of those whom it cannot happen to: a state is not arrested. `by_courts` is the kind that
    it is where a court does it: a court's decree is a ruling. `of_itself` marks what one does oneself (to resign, to
    flee) or is done to one: where no other person is named, it happens to the actor.
    """

    id: str
    label: str
    plover: Plover
    subject: str = "both"
    window_days: int | None = 7
    lifecycle: str | None = None
    step: int = 0
    severity: int = 1
    moves: bool = False
    min_confidence: float = 0.0
    min_confidence_of: Mapping[str, float] = field(default_factory=dict)
    refuses: frozenset[str] = frozenset()
    by_courts: str | None = None
    of_itself: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bodies:
    """How states and institutions are told from people by their names, all words folded.

    `countries` are whole names. `last` are words that end the name of a body ("Supreme Audit Office"),
    `first` those that begin one in languages that put the noun first ("Oficina Suprema de Control"). `courts` are
    nouns of courts and judges.
    """

    countries: frozenset[str] = frozenset()
    last: frozenset[str] = frozenset()
    first: frozenset[str] = frozenset()
    courts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """How standing measures are known in any language: folded words -> what is regulated, and what becomes of it."""

    matters: Mapping[str, str] = field(default_factory=dict)
    phases: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The settings of one diff: the kinds, the confidence below which a claim is not told, publisher families."""

    kinds: Mapping[str, KindSpec]
    min_confidence: float = 0.6
    families: Mapping[str, str] = field(default_factory=dict)
    bodies: Bodies = field(default_factory=Bodies)
    measures: Measures = field(default_factory=Measures)
    confirm_again_at: tuple[int, ...] = ()
