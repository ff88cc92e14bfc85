"""Numbers: which ones belong to one series, which agree, and what a further value does to a series.

A series is (metric, unit, scope, whose word). Whose word it is decides between `changed` (the same voice says
something else) and `contradicted` (another voice says something else about the same moment).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.core.model import Actor, Change, Fact, Figure, Operator
from monitor.core.names import fold, near_word, same_voice

CUMULATIVE = frozenset({"deaths", "injured", "detained", "displaced", "tally_coverage"})
SHARES = frozenset({"vote_share", "votes", "turnout", "margin"})
UNCLEAR = "unclear"
_WHOLE = frozenset(
    "people person persons civilian civilians victim victims protester protesters demonstrator demonstrators "
    "citizens total overall all national nationwide dead killed".split()
)
_DAY = re.compile(r"\d{4}(-\d\d){0,2}$")
_ABOUT = 0.1


def scope_of(figure: Figure) -> frozenset[str]:
    """Return the words that tell a series apart from its neighbours; empty for the whole."""
    words: set[str] = set()
    for part in figure.scope:
        words.update([part] if _DAY.match(part) else fold(part).split())
    return frozenset(word for word in words if word not in _WHOLE)


def same_scope(left: Figure, right: Figure) -> bool:
    """Return whether two figures count the same thing."""
    if (left.metric, left.unit) != (right.metric, right.unit):
        return False
    a, b = scope_of(left), scope_of(right)
    if a == b:
        return True
    if left.metric not in SHARES or not a or not b:
        return False
    days = [{w for w in s if _DAY.match(w)} for s in (a, b)]
    short, long = sorted((a - days[0], b - days[1]), key=len)
    agree = not days[0] or not days[1] or days[0] == days[1]
    return agree and bool(short) and all(any(near_word(x, y) for y in long) for x in short)


def bounds(figure: Figure) -> tuple[float, float]:
    """Return the lowest and highest number that the figure allows, both included."""
    value = figure.value
    if figure.high is not None:
        return value, max(value, figure.high)
    match figure.operator:
        case Operator.GE | Operator.GT:
            return value, math.inf
        case Operator.LE | Operator.LT:
            return -math.inf, value
        case Operator.ABOUT:
            return value - abs(value) * _ABOUT, value + abs(value) * _ABOUT
        case _:
            return value, value


def same_value(left: Figure, right: Figure) -> bool:
    """Return whether both name the same number; 51.2 and 51 percent do, one is the other rounded."""
    if left.value == right.value:
        return left.high is None or right.high is None or left.high == right.high
    if left.unit != "percent" or left.high is not None or right.high is not None:
        return False
    rough, fine = sorted((left.value, right.value), key=lambda v: not float(v).is_integer())
    return float(rough).is_integer() and not float(fine).is_integer() and abs(rough - fine) <= 0.5


def compatible(left: Figure, right: Figure) -> bool:
    """Return whether one number can satisfy both: "at least 11" and 20 agree."""
    if same_value(left, right):
        return True
    a, b = bounds(left), bounds(right)
    return a[0] <= b[1] and b[0] <= a[1]


def has_told(fact: Fact, figure: Figure) -> bool:
    """Return whether the fact has told this very number of the same scope."""
    return any(same_scope(figure, v) and same_value(figure, v) for v in _values(fact))


def figure_blocks(figure: Figure) -> tuple[str, ...]:
    """Return the keys that find the facts of a figure's series, and those that told its value."""
    head = f"figure|{figure.metric}|{figure.unit}"
    value = f"{head}|={figure.value:g}"
    scope = scope_of(figure)
    if figure.metric in SHARES:
        return (*(f"{head}|{w}" for w in sorted(scope) if not _DAY.match(w)), f"{head}|", value)
    return f"{head}|{' '.join(sorted(scope))}", value


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a figure is judged against besides the series.

    `late`: facts that a newer document has moved already. `born`: facts that this document made. `moved`:
    facts to which it gave a new value, the present line. `dated`: whether the document says when it was
    published. `here`: facts that it tells already. `stranger`: facts that no document of its publisher told.
    """

    late: frozenset[str] = frozenset()
    born: frozenset[str] = frozenset()
    moved: frozenset[str] = frozenset()
    here: frozenset[str] = frozenset()
    dated: bool = True
    stranger: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a figure does: the change (None: nothing new), the fact it belongs to (None: a series of its own),
    the fact whose value it moves, and why."""

    change: Change | None
    fact: Fact | None = None
    against: Fact | None = None
    why: str
    unclear: bool = False


def judge(
    figure: Figure, voice: Sequence[Actor], facts: Sequence[Fact], told: Sequence[Fact], setting: Setting
) -> Verdict:
    """Return what `figure` on the word of `voice` does to the series `facts` (same scope, oldest first).

    `told` are facts of any scope that have told this very value. An empty voice is the document's own word.
    """
    mine = next((f for f in facts if _one_voice(voice, f.claimed_by)), None)
    retold = next((f for f in told if f not in facts and _retold(figure, voice, f)), None)
    if retold is not None and (mine is None or UNCLEAR in scope_of(_now(retold))):
        return Verdict(change=None, fact=retold, why="the same number on the same word is known")
    if mine is not None:
        return _own(figure, mine, facts, setting)
    if not facts:
        return Verdict(change=Change.NEW, why="no known figure counts this")
    elders = [f for f in facts if f.id not in setting.born]
    if not elders:
        return _beside(figure, facts)
    return _rival(figure, voice, facts, elders, setting)


def _one_voice(left: Sequence[Actor], right: Sequence[Actor]) -> bool:
    if not left or not right:
        return not left and not right
    return any(same_voice(a, b) for a in left for b in right)


def _retold(figure: Figure, voice: Sequence[Actor], fact: Fact) -> bool:
    """The scope was read otherwise, yet it is the same voice's same number (or nobody's in particular)."""
    assert fact.figure is not None
    a, b = scope_of(figure), scope_of(fact.figure)
    loose = UNCLEAR in b or not a or not b or a <= b or b <= a
    return loose and (not voice or _one_voice(voice, fact.claimed_by))


def _values(fact: Fact) -> list[Figure]:
    found = [t.figure for t in fact.tellings if t.figure is not None]
    return found + ([fact.figure] if fact.figure is not None else [])


def _now(fact: Fact) -> Figure:
    assert fact.figure is not None
    return fact.figure


def _weaker(figure: Figure, present: Figure) -> bool:
    """Whether `figure` is only a lower bound that the present value satisfies anyway."""
    return figure.operator in {Operator.GE, Operator.GT} and figure.value <= present.value


def _own(figure: Figure, mine: Fact, facts: Sequence[Fact], setting: Setting) -> Verdict:
    present = _now(mine)
    if same_value(figure, present):
        other = mine.id in setting.stranger or figure.operator is not present.operator
        if other and not mine.claimed_by and mine.id not in setting.here and not _agreed(mine, figure):
            why = "another document counts the same"
            return Verdict(change=Change.CONFIRMED, fact=mine, against=mine, why=why)
        return Verdict(change=None, fact=mine, why="this value is known")
    if mine.id in setting.late:
        return Verdict(change=None, fact=mine, why="an older document; a newer one has moved this figure on")
    others = facts if not mine.claimed_by else [mine]
    if any(same_value(figure, v) for f in others for v in _values(f)):
        return Verdict(change=None, fact=mine, why="an earlier value is told again")
    if mine.id in setting.moved or mine.id in setting.born:
        return Verdict(change=Change.NEW, why="the same voice counts something else beside it", unclear=True)
    if _weaker(figure, present):
        return Verdict(change=None, fact=mine, why="a lower bound that the known value satisfies")
    if figure.metric in SHARES and not setting.dated:
        return Verdict(
            change=Change.CONTRADICTED, against=mine, fact=mine, why="the same count, another number"
        )
    falls = figure.value < present.value and figure.metric in CUMULATIVE
    if falls and mine.id in setting.stranger and not mine.claimed_by:
        return Verdict(change=Change.CONTRADICTED, fact=mine, against=mine, why="another source counts fewer")
    why = "corrected downwards" if falls else "the same voice gives a new value"
    return Verdict(change=Change.CHANGED, fact=mine, against=mine, why=why)


def _beside(figure: Figure, facts: Sequence[Fact]) -> Verdict:
    """All known values are from this very document: rivals stand side by side, agreement is one figure."""
    twin = next((f for f in facts if compatible(figure, _now(f))), None)
    if twin is not None:
        return Verdict(change=None, fact=twin, why="the document tells this number already")
    return Verdict(change=Change.NEW, why="a rival count, side by side in one document")


def _rival(
    figure: Figure, voice: Sequence[Actor], facts: Sequence[Fact], elders: Sequence[Fact], setting: Setting
) -> Verdict:
    equal = [f for f in elders if any(same_value(figure, v) for v in _values(f))]
    if equal:
        fact = equal[-1]
        independent = bool(voice) or fact.id in setting.stranger
        if independent and fact.id not in setting.here and not _agreed(fact, figure):
            return Verdict(
                change=Change.CONFIRMED, fact=fact, against=fact, why="another voice counts the same"
            )
        return Verdict(change=None, fact=fact, why="this value is known")
    top = max(elders, key=lambda f: (_now(f).value, f.turn))
    line = next((f for f in facts if f.id in setting.moved and not compatible(figure, _now(f))), None)
    rises = figure.metric in CUMULATIVE and figure.value > _now(top).value
    if rises and line is None and top.id not in setting.late:
        return Verdict(change=Change.CHANGED, against=top, why="a later count is higher")
    agreeing = next((f for f in reversed(elders) if compatible(figure, _now(f))), None)
    if agreeing is not None:
        close = figure.value >= _now(agreeing).value * (1 - _ABOUT)
        if voice and close and agreeing.id not in setting.here and not _agreed(agreeing, figure):
            return Verdict(
                change=Change.CONFIRMED, fact=agreeing, against=agreeing, why="another voice agrees"
            )
        return Verdict(change=None, fact=agreeing, why="agrees with a known value")
    newest = elders[-1]
    if newest.id in setting.late and figure.value < _now(top).value and figure.metric in CUMULATIVE:
        return Verdict(change=None, fact=newest, why="an older document; the count has moved on since")
    return Verdict(change=Change.CONTRADICTED, against=line or top, why="another voice counts otherwise")


def _agreed(fact: Fact, figure: Figure) -> bool:
    """Whether two developments told this value already; one confirmation is enough."""
    told = [t for t in fact.tellings if t.development_id and t.figure and same_value(t.figure, figure)]
    return len(told) > 1
