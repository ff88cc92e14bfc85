"""What the learned reader can say of a word: the inventory that training and run time share, in the order of outputs."""

from __future__ import annotations

from dataclasses import dataclass

_PLAIN = (
    "arrest_order arrest release investigation charge protest violence sanction resignation appointment "
    "election_result asylum decree agreement mobilization threat"
)
_SUBS = {
    "statement": "recognises congratulates supports rejects condemns demands concern denies accuses other",
    "court_ruling": "upholds annuls convicts sentences acquits bans orders suspends other",
    "figure": "deaths injured detained vote_share votes turnout tally_coverage margin displaced other",
}


@dataclass(frozen=True, slots=True)
class Type:
    """A kind with its stance, outcome or metric (empty where the kind has none)."""

    kind: str
    sub: str


TYPES: tuple[Type, ...] = (
    *(Type(kind, "") for kind in _PLAIN.split()),
    *(Type(kind, sub) for kind, subs in _SUBS.items() for sub in subs.split()),
)
KINDS = frozenset(t.kind for t in TYPES)
TYPE_INDEX = {(t.kind, t.sub): n for n, t in enumerate(TYPES)}
# Output 2n: type n told as a fact; output 2n + 1: type n spoken of, but not told as a fact.
OUTPUTS = 2 * len(TYPES)
# Why what is spoken of is no fact.
WHYS = ("neg", "threat", "demand", "hyp", "plan", "history", "denied", "other")
# What a word is to an event: nothing, who acts, to whom, the number, whose word, when.
ROLES = ("-", "a", "r", "v", "s", "d")
# Distances of a word from the trigger, in pieces, as the role head sees them.
MAX_DISTANCE = 24
