"""How far two readers agree: `python -m training.agreement FIRST SECOND`, two files of the same sentences.

Precision is the share of the second reader's facts that the first has too, recall the share of the first's
that the second has. Events of one sentence are paired by kind, the likest in sub, trigger and roles first; what
the pairs have as mark (fact or `!WHY`) and as words of the roles is then compared.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from training.items import KINDS, DataError, Item, Label, read_file

COMPARED = ("a", "r", "v", "s")
_WORD = re.compile(r"\w+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Score:
    """How much two sets share, and how large each is."""

    shared: int
    first: int
    second: int

    @property
    def precision(self) -> float:
        """The share of the second's that the first has."""
        return self.shared / self.second if self.second else 0.0

    @property
    def recall(self) -> float:
        """The share of the first's that the second has."""
        return self.shared / self.first if self.first else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        total = self.first + self.second
        return 2 * self.shared / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Pair:
    """An event that both readers have, and the text of its sentence."""

    text: str
    first: Label
    second: Label


def main(argv: list[str] | None = None) -> int:
    """Print how far the two files named agree; return 1 where they do not hold the same sentences."""
    parser = argparse.ArgumentParser(description="agreement of two readers on the same sentences")
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("--list", action="store_true", help="list the facts that only one of them has")
    options = parser.parse_args(argv)
    try:
        both = both_readings(options.first, options.second)
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    print(report(both))
    if options.list:
        print("\n".join(differences(both)))
    return 0


def both_readings(first: Path, second: Path) -> list[tuple[Item, Item]]:
    """Return each sentence as both files have it; raise `DataError` where the sentences differ."""
    left, right = ([item for story in read_file(path) for item in story.items] for path in (first, second))
    for one, other in zip(left, right, strict=False):
        if one.text != other.text:
            raise DataError(f"{first.name}:{one.line} and {second.name}:{other.line} are different sentences")
    if len(left) != len(right):
        raise DataError(f"{first.name} has {len(left)} sentences, {second.name} has {len(right)}")
    return list(zip(left, right, strict=True))


def facts(item: Item, *, subs: bool = False) -> set[str]:
    """Return the kinds (with `subs`, and their subs) that `item` tells as facts."""
    return {f"{x.kind}.{x.sub}" if subs else x.kind for x in item.labels if not x.why}


def fact_score(both: list[tuple[Item, Item]], *, subs: bool = False) -> Score:
    """Return how far the facts of the sentences agree."""
    sets = [(facts(one, subs=subs), facts(other, subs=subs)) for one, other in both]
    return Score(
        sum(len(one & other) for one, other in sets),
        sum(len(one) for one, _ in sets),
        sum(len(other) for _, other in sets),
    )


def kappa(both: list[tuple[Item, Item]]) -> float:
    """Return Cohen's kappa of "this kind is told as a fact in this sentence", all kinds in one table."""
    score = fact_score(both)
    cells = len(both) * len(KINDS)
    if not cells:
        return 0.0
    seen = 1 - (score.first + score.second - 2 * score.shared) / cells
    one, other = score.first / cells, score.second / cells
    chance = one * other + (1 - one) * (1 - other)
    return (seen - chance) / (1 - chance) if chance < 1 else 1.0


def pairs(one: Item, other: Item) -> list[Pair]:
    """Pair the events of the same kind in a sentence, the likest first; their marks play no part."""
    ranked = sorted(
        (
            (-_likeness(one.text, left, right), n, m)
            for n, left in enumerate(one.labels)
            for m, right in enumerate(other.labels)
            if left.kind == right.kind
        ),
    )
    used_left: set[int] = set()
    used_right: set[int] = set()
    out = []
    for _, n, m in ranked:
        if n not in used_left and m not in used_right:
            used_left.add(n)
            used_right.add(m)
            out.append(Pair(one.text, one.labels[n], other.labels[m]))
    return out


def role_score(found: list[Pair], role: str) -> Score:
    """Return how far the words of one role agree over the pairs."""
    words = [(_words(p.text, p.first, role), _words(p.text, p.second, role)) for p in found]
    return Score(
        sum((one & other).total() for one, other in words),
        sum(one.total() for one, _ in words),
        sum(other.total() for _, other in words),
    )


def _likeness(text: str, one: Label, other: Label) -> float:
    same = sum((_words(text, one, role) & _words(text, other, role)).total() for role in ("t", *COMPARED))
    return same + 2.0 * (one.sub == other.sub)


def _words(text: str, label: Label, role: str) -> Counter[str]:
    return Counter(
        word
        for span in label.spans
        if span.role == role
        for word in _WORD.findall(text[span.start : span.end].lower())
    )


def report(both: list[tuple[Item, Item]]) -> str:
    """Return the agreement as text, a line for each measure."""
    found = [pair for one, other in both for pair in pairs(one, other)]
    total = len(found) or 1
    mark = sum(bool(pair.first.why) == bool(pair.second.why) for pair in found)
    exact = sum(pair.first.why == pair.second.why for pair in found)
    rows = [
        f"{len(both)} sentences",
        _row("facts (sentence, kind)", fact_score(both)),
        _row("facts (sentence, kind, sub)", fact_score(both, subs=True)),
        f"{'kappa of kind told as fact':28} {kappa(both):.3f}",
        f"{'events that both have':28} {len(found)}",
        f"{'  of these, fact or not':28} {mark / total:.3f}",
        f"{'  of these, the same mark':28} {exact / total:.3f}",
    ]
    rows += [_row(f"words of role {role}", role_score(found, role)) for role in COMPARED]
    return "\n".join(rows)


def _row(name: str, score: Score) -> str:
    return (
        f"{name:28} P {score.precision:.3f}  R {score.recall:.3f}  F1 {score.f1:.3f}  "
        f"({score.shared} of {score.first} and {score.second})"
    )


def differences(both: list[tuple[Item, Item]]) -> list[str]:
    """Return, sentence by sentence, the facts that only the first (-) or only the second (+) reader has."""
    out = []
    for one, other in both:
        left, right = facts(one, subs=True), facts(other, subs=True)
        if left != right:
            out.append(f"{one.line}: {one.text}")
            out += [f"  - {fact}" for fact in sorted(left - right)]
            out += [f"  + {fact}" for fact in sorted(right - left)]
    return out


if __name__ == "__main__":
    sys.exit(main())
