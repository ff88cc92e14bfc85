"""What the network says of a sentence: which events it speaks of, as fact or not, and who plays in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

_SHARES = frozenset({"vote_share", "votes"})


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


def one_number_each(mentions: Sequence[Mention]) -> Iterator[Mention]:
    """Yield the mentions, one that joins several shares of a vote ("58 per cent, Lind 37") as one for each of them.

    Each number keeps whom it is about: theirs in turn where there are as many, else who stands nearest. Of people a
    second number counts a part of the first sooner than others.
    """
    for mention in mentions:
        values = [p for p in mention.parts if p.role == "v"] if mention.sub in _SHARES else []
        if len(values) < 2:
            yield mention
            continue
        about = [p for p in mention.parts if p.role == "r"]
        rest = [p for p in mention.parts if p.role not in {"v", "r"}]
        for n, value in enumerate(values):
            nearest = sorted(about, key=lambda part: _apart(part, value))
            own = about[n : n + 1] if len(about) == len(values) else nearest[:1]
            yield replace(mention, parts=[*rest, *own, value])


def _apart(one: Part, other: Part) -> int:
    return max(one.start - other.end, other.start - one.end)
