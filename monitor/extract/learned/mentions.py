"""What the network says of a sentence: which events it speaks of, as fact or not, and who plays in them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a sentence (characters) that plays the role `role` (see `labels.ROLES`); `chance`: how surely."""

    role: str
    start: int
    end: int
    chance: float = 1.0


@dataclass(slots=True)
class Mention:
    """An event that a sentence speaks of.

    `fact`: chance that the text tells it as a fact. `spoken`: chance that it is spoken of but no fact, `why` the
    likeliest reason. `trigger`: the characters that show it. `pieces`: the same in word pieces.
    """

    kind: str
    sub: str
    fact: float
    spoken: float
    why: str
    output: int
    trigger: tuple[int, int]
    pieces: tuple[int, int]
    parts: list[Part] = field(default_factory=list)


@dataclass(slots=True)
class Marked:
    """A sentence as the network sees it: its events, and the chance that it tells one of a kind as a fact.

    `kinds`: by kind, and by kind with its stance, outcome or metric ("figure.deaths").
    """

    mentions: list[Mention] = field(default_factory=list)
    kinds: dict[str, float] = field(default_factory=dict)
