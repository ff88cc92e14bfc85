"""From the network's numbers to mentions: which words stand out, and which stretches play a role."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from monitor.extract.learned.labels import TYPES, WHYS
from monitor.extract.learned.mentions import Marked, Mention, Part

# A type is looked at where any word reaches this chance; what is told is decided later, on calibrated confidence.
LEAST_CHANCE = 0.15
# Words belong to a trigger while they reach this share of its strongest word.
SHARE = 0.4
_UNSURE = 0.7


def find_mentions(
    chances: NDArray[np.float32], whys: NDArray[np.float32], offsets: Sequence[tuple[int, int]]
) -> Marked:
    """Return the events of a sentence from its words' chances (T, OUTPUTS) and reasons (T, WHYS)."""
    kinds: dict[str, float] = {}
    for type_, chance in zip(TYPES, chances[:, 0::2].max(axis=0), strict=True):
        for name in [type_.kind, *([f"{type_.kind}.{type_.sub}"] if type_.sub else [])]:
            kinds[name] = min(0.99, kinds.get(name, 0.0) + float(chance))
    either = np.maximum(chances[:, 0::2], chances[:, 1::2])
    found: list[Mention] = []
    for number in np.flatnonzero(either.max(axis=0) > LEAST_CHANCE):
        for start, end in _runs(either[:, number]):
            fact = float(chances[start:end, 2 * number].max())
            spoken = float(chances[start:end, 2 * number + 1].max())
            kind = TYPES[number]
            found.append(
                Mention(
                    kind.kind,
                    kind.sub,
                    fact,
                    spoken,
                    WHYS[int(whys[start:end].mean(axis=0).argmax())],
                    2 * int(number) + (spoken > fact),
                    (offsets[start][0], offsets[end - 1][1]),
                    (start, end),
                )
            )
    return Marked(_one_of_a_kind(found), kinds)


def _runs(column: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Return the stretches of words that stand out, single weak words between them bridged."""
    out: list[tuple[int, int]] = []
    for place in np.flatnonzero(column > max(LEAST_CHANCE, SHARE * float(column.max()))):
        if out and place - out[-1][1] <= 1:
            out[-1] = (out[-1][0], int(place) + 1)
        else:
            out.append((int(place), int(place) + 1))
    return out


def _one_of_a_kind(found: Sequence[Mention]) -> list[Mention]:
    """Of several stances (outcomes, metrics) on the same words keep the likeliest, with the chance of them all."""
    out: list[Mention] = []
    for mention in sorted(found, key=lambda m: -max(m.fact, m.spoken)):
        twin = next((m for m in out if m.kind == mention.kind and _crossing(m.pieces, mention.pieces)), None)
        if twin is None:
            out.append(mention)
        else:
            twin.fact = min(0.99, twin.fact + mention.fact)
            twin.spoken = min(0.99, twin.spoken + mention.spoken)
    return sorted(out, key=lambda m: m.pieces)


def _crossing(left: tuple[int, int], right: tuple[int, int]) -> bool:
    return left[0] < right[1] and right[0] < left[1]


def find_parts(
    roles: NDArray[np.float32], offsets: Sequence[tuple[int, int]], names: Sequence[str], text: str
) -> list[Part]:
    """Return the stretches of like roles of a sentence, in whole words, from the pieces' chances (T, ROLES).

    A stretch is as sure as its likeliest word.
    """
    out: list[Part] = []
    before = 0
    for role, chance, start, end in _smooth(_words(roles, offsets, text)):
        if role and role == before and start - out[-1].end <= 1:
            out[-1] = Part(out[-1].role, out[-1].start, end, max(out[-1].chance, chance))
        elif role:
            out.append(Part(names[role], start, end, chance))
        before = role
    return out


def _smooth(
    words: list[tuple[int, float, int, int]],
) -> list[tuple[int, float, int, int]]:
    """Give a word that is not sure of its role that of both its neighbours, where these agree."""
    out = list(words)
    for n in range(1, len(words) - 1):
        role, chance, start, end = words[n]
        around = words[n - 1][0]
        if role and role != around == words[n + 1][0] != 0 and chance < _UNSURE:
            out[n] = (around, chance, start, end)
    return out


def _words(
    roles: NDArray[np.float32], offsets: Sequence[tuple[int, int]], text: str
) -> list[tuple[int, float, int, int]]:
    """Return (role, chance, start, end) of each word of `text`: any of its pieces' roles is the word's."""
    out: list[tuple[int, float, int, int]] = []
    for row, (start, end) in zip(roles, offsets, strict=False):
        if start == end:  # a space that is a piece of its own
            continue
        role = int(row.argmax())
        chance = float(row[role])
        if out and start == out[-1][3] and text[start - 1 : start + 1].isalnum():
            first, sure, begin, _ = out[-1]
            out[-1] = (first, sure, begin, end) if first else (role, chance, begin, end)
        else:
            out.append((role, chance, start, end))
    return out
