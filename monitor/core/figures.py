"""Numbers: which ones belong to one series, which agree, and what a further value does to a series.

A series is (metric, unit, scope, whose word). Whose word it is decides between `changed` (the same voice says
something else) and `contradicted` (another voice says something else about the same moment). Texts often leave out
what tells two counts apart, so the numbers themselves must speak: a toll that falls by a third counts something else,
and a vote in a chamber is another vote whenever its number is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from monitor.core.model import Actor, Change, Fact, Figure, Operator
from monitor.core.names import fold, is_named, near_word, same_voice

CUMULATIVE = frozenset({"deaths", "injured", "detained", "displaced", "tally_coverage"})
SHARES = frozenset({"vote_share", "votes", "turnout", "margin"})
UNCLEAR = "unclear"
_ALL, _ANY = "*", "+"
_WHOLE = frozenset(
    "people person persons civilian civilians victim victims protester protesters demonstrator demonstrators "
    "citizens total overall all national nationwide dead killed".split()
)
_DAY = re.compile(r"\d{4}(-\d\d){0,2}$")
_ABOUT = 0.1
_NEAR = 0.8
_TELLING = 10  # smaller numbers come again by chance
_PART = 2 / 3
_HALF = 0.5
_ROUNDS = 2.0
_ROUNDS_OF_ONE = 1.0
_OF_ONE_DAY = frozenset({"injured"})  # counted by incident; nobody keeps a sum of the hurt as of the dead
_ONE_INCIDENT = timedelta(days=7)
_ONE_DISPUTE = timedelta(days=14)
_LEAPS_TO = 200.0  # a toll of ten may be one of two thousand next, and not of twenty
_LEAP = "too many to be the next count: another one"
_GROWS_TO = 2.2  # what one incident's first count is at most multiplied by
_EXACT = frozenset({Operator.EQ, Operator.ABOUT})
_OCCASIONS = frozenset({"votes", "margin", "other"})


def scope_of(figure: Figure) -> frozenset[str]:
    """Return the words that tell a series apart from its neighbours; empty for the whole."""
    return _scope_words(figure.scope)


@lru_cache(maxsize=16_384)
def _scope_words(scope: tuple[str, ...]) -> frozenset[str]:
    words: set[str] = set()
    for part in scope:
        words.update([part] if _DAY.match(part) else fold(part).split())
    return frozenset(word for word in words if word not in _WHOLE)


def told_scope(figure: Figure) -> tuple[str, ...]:
    """Return the scope as people read it; what no text names is "a part"."""
    return tuple("a part" if part == UNCLEAR else part for part in figure.scope)


def same_scope(left: Figure, right: Figure) -> bool:
    """Return whether two figures count the same thing.

    A share of which one text does not say whose it is, or only "the president's", is the candidate's who has about
    as much.
    """
    if (left.metric, left.unit) != (right.metric, right.unit):
        return False
    a, b = scope_of(left), scope_of(right)
    if a == b:
        return True
    if left.metric == "vote_share" and not (a and b):
        return abs(left.value - right.value) <= _ROUNDS
    if left.metric not in SHARES or not a or not b:
        return False
    if left.metric == "vote_share" and _described(left) is not _described(right):
        return abs(left.value - right.value) < _ROUNDS_OF_ONE
    days = [{w for w in s if _DAY.match(w)} for s in (a, b)]
    short, long = sorted((a - days[0], b - days[1]), key=len)
    agree = not days[0] or not days[1] or days[0] == days[1]
    return agree and bool(short) and all(any(near_word(x, y) for y in long) for x in short)


def _described(figure: Figure) -> bool:
    """Whether the bearer of a share is described and not named: "the incumbent"."""
    return bool(figure.about) and not is_named(figure.about)


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


def occasional(figure: Figure) -> bool:
    """Return whether the number belongs to one occasion (a vote, a crowd): another one is never its next value."""
    return figure.metric in _OCCASIONS and not scope_of(figure)


def _near(left: Figure, right: Figure) -> bool:
    """Whether two numbers that can both be true are also of one size: "at least 11" hardly confirms 20."""
    low, high = sorted((left.value, right.value))
    return compatible(left, right) and low >= high * _NEAR


def _counts_a_part(figure: Figure, present: Figure) -> bool:
    """Whether the number is so far below a growing one that it must count a day, a place or a group of it."""
    return figure.metric in CUMULATIVE and figure.value < present.value * _PART


def _leaps(figure: Figure, present: Figure) -> bool:
    """Whether a number is so far above a growing one that it hardly is its next value, and would make all others parts."""
    return figure.metric in CUMULATIVE and 0 < present.value * _LEAPS_TO < figure.value


def _another_incident(figure: Figure, fact: Fact, setting: Setting) -> bool:
    """Whether a number of people hurt is of another incident than the fact's: weeks later, or many times as high."""
    if figure.metric not in _OF_ONE_DAY:
        return False
    return figure.value > _now(fact).value * _GROWS_TO or _apart(fact, setting, _ONE_INCIDENT)


def _apart(fact: Fact, setting: Setting, longest: timedelta) -> bool:
    """Whether the document was published longer than that after the last one that told the fact."""
    return bool(setting.published and fact.as_of and setting.published - fact.as_of > longest)


def has_told(fact: Fact, figure: Figure) -> bool:
    """Return whether the fact has told this very number of the same scope."""
    return any(same_scope(figure, v) and same_value(figure, v) for v in _values(fact))


def figure_blocks(figure: Figure, month: str) -> tuple[str, ...]:
    """Return the keys under which a figure told in `month` is kept: those of its series, and of its value there.

    Small numbers come again and again: whoever tells one anew long after, or of another place, means another.
    """
    value, scope = f"{_head(figure)}|={figure.value:g}|{month}", _told_of(figure)
    return (*_series(figure), *(f"{value}|{w}" for w in scope), f"{value}|{_ANY if scope else _ALL}")


def figure_lookups(figure: Figure, months: Sequence[str]) -> tuple[str, ...]:
    """Return the keys that find the facts of a figure's series, and those that may have told its value otherwise."""
    scope = _told_of(figure)
    wanted = (*scope, _ALL) if scope else (_ANY, _ALL)
    values = (f"{_head(figure)}|={figure.value:g}|{month}|{w}" for month in months for w in wanted)
    return (*_series(figure), *values)


def _head(figure: Figure) -> str:
    return f"figure|{figure.metric}|{figure.unit}"


def _told_of(figure: Figure) -> list[str]:
    """Return the words that say of whom a value is told; none where that is everybody or unclear."""
    scope = scope_of(figure)
    return [] if UNCLEAR in scope else sorted(scope)


def _series(figure: Figure) -> list[str]:
    head, scope = _head(figure), scope_of(figure)
    if figure.metric in SHARES:
        return [*(f"{head}|{w}" for w in sorted(scope) if not _DAY.match(w)), f"{head}|"]
    return [f"{head}|{' '.join(sorted(scope))}"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a figure is judged against besides the series.

    `late`: facts that a newer document has moved already. `born`: facts that this document made. `moved`:
    facts to which it gave a new value, the present line. `published`: when the document was, where it says so.
    `here`: facts that it tells already. `stranger`: facts that no document of its publisher told.
    `echoed`: on whose word it told a known number of a fact.
    """

    late: frozenset[str] = frozenset()
    born: frozenset[str] = frozenset()
    moved: frozenset[str] = frozenset()
    here: frozenset[str] = frozenset()
    stranger: frozenset[str] = frozenset()
    published: datetime | None = None
    echoed: Mapping[str, tuple[Actor, ...]] = field(default_factory=dict)


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
    mine = next((f for f in facts if _one_voice(voice, f.claimed_by) or _echoes(voice, f, setting)), None)
    told = [f for f in told if f not in facts]
    retold = next((f for f in told if _retold(figure, voice, f)), None)
    if retold is not None and (mine is None or UNCLEAR in scope_of(_now(retold))):
        return Verdict(change=None, fact=retold, why="the same number on the same word is known")
    if mine is not None:
        plain = next((f for f in facts if not f.claimed_by and same_value(figure, _now(f))), None)
        if plain is not None and not same_value(figure, _now(mine)):
            return Verdict(change=None, fact=plain, why="this value is known, on nobody's word in particular")
        return _own(figure, voice, mine, facts, setting)
    if not facts:
        return Verdict(change=Change.NEW, why="no known figure counts this")
    elders = [f for f in facts if f.id not in setting.born]
    if not elders:
        return _beside(figure, voice, facts)
    return _rival(_Case(figure, voice, facts, elders, told, setting))


def _one_voice(left: Sequence[Actor], right: Sequence[Actor]) -> bool:
    if not left or not right:
        return not left and not right
    return any(same_voice(a, b) for a in left for b in right)


def _echoes(voice: Sequence[Actor], fact: Fact, setting: Setting) -> bool:
    """Whether this document gave the fact's number as the voice's own: "the police, who had spoken of 50"."""
    return bool(voice) and fact.id in setting.echoed and _one_voice(voice, setting.echoed[fact.id])


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


def _own(
    figure: Figure, voice: Sequence[Actor], mine: Fact, facts: Sequence[Fact], setting: Setting
) -> Verdict:
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
        return _twice(figure, voice, mine, facts)
    if _weaker(figure, present):
        return Verdict(change=None, fact=mine, why="a lower bound that the known value satisfies")
    return _next(figure, mine, setting)


def _twice(figure: Figure, voice: Sequence[Actor], mine: Fact, facts: Sequence[Fact]) -> Verdict:
    """One voice gives two numbers in one document: "who began with 25, later put it at 28"."""
    present = _now(mine).value
    again = next((f for f in facts if any(same_value(figure, v) for v in _values(f))), None)
    if again is not None and figure.value >= _TELLING:
        return Verdict(change=None, fact=again, why="a number that is known, told beside another")
    alone = all(_one_voice((one,), mine.claimed_by) for one in voice)
    if alone and figure.metric in CUMULATIVE and present * _NEAR <= figure.value < present:
        return Verdict(change=None, fact=mine, why="an earlier count, told beside the later one")
    return Verdict(change=Change.NEW, why="the same voice counts something else beside it", unclear=True)


def _next(figure: Figure, mine: Fact, setting: Setting) -> Verdict:
    """The voice has said another number in an older document."""
    present = _now(mine)
    if figure.metric in SHARES and setting.published is None:
        why = "the same count, another number"
        return Verdict(change=Change.CONTRADICTED, against=mine, fact=mine, why=why)
    if _counts_a_part(figure, present):
        why = "far fewer than the same voice counted: a part of it"
        return Verdict(change=Change.NEW, why=why, unclear=True)
    if _another_incident(figure, mine, setting):
        return Verdict(change=Change.NEW, why="the same voice counts another incident", unclear=True)
    if _leaps(figure, present):
        return Verdict(change=Change.NEW, why=_LEAP, unclear=True)
    falls = figure.value < present.value and figure.metric in CUMULATIVE
    if falls and not (setting.published and mine.as_of):
        return Verdict(change=None, fact=mine, why="of unknown day; a growing count has passed it")
    if falls and mine.id in setting.stranger and not mine.claimed_by:
        return Verdict(change=Change.CONTRADICTED, fact=mine, against=mine, why="another source counts fewer")
    why = "corrected downwards" if falls else "the same voice gives a new value"
    return Verdict(change=Change.CHANGED, fact=mine, against=mine, why=why)


def _beside(figure: Figure, voice: Sequence[Actor], facts: Sequence[Fact]) -> Verdict:
    """All known values are from this very document: rivals stand side by side, agreement is one figure."""
    twin = next(
        (f for f in facts if (_near if voice and f.claimed_by else compatible)(figure, _now(f))),
        None,
    )
    if twin is not None:
        return Verdict(change=None, fact=twin, why="the document tells this number already")
    return Verdict(change=Change.NEW, why="a rival count, side by side in one document")


@dataclass(frozen=True, slots=True)
class _Case:
    """A figure against the series of other voices: `elders` were known before this document, `told` is elsewhere."""

    figure: Figure
    voice: Sequence[Actor]
    facts: Sequence[Fact]
    elders: Sequence[Fact]
    told: Sequence[Fact]
    setting: Setting

    @property
    def top(self) -> Fact:
        """The series with the highest value."""
        return max(self.elders, key=lambda f: (_now(f).value, f.turn))

    @property
    def line(self) -> Fact | None:
        """The series that this very document has moved on, where the figure does not agree with it."""
        moved = (f for f in self.facts if f.id in self.setting.moved)
        return next((f for f in moved if not compatible(self.figure, _now(f))), None)

    def news(self, fact: Fact) -> bool:
        """Whether agreeing with `fact` is news: not told here already, and not confirmed before."""
        return fact.id not in self.setting.here and not _agreed(fact, self.figure)


def _rival(case: _Case) -> Verdict:
    figure, elders = case.figure, case.elders
    equal = [f for f in elders if any(same_value(figure, v) for v in _values(f))]
    if equal:
        return _equal(case, equal[-1])
    rises = figure.metric in CUMULATIVE and figure.value > _now(case.top).value
    if _leaps(figure, _now(case.top)):
        return Verdict(change=Change.NEW, why=_LEAP, unclear=True)
    if rises and case.line is None and case.top.id not in case.setting.late:
        if _another_incident(figure, case.top, case.setting):
            return Verdict(change=Change.NEW, why="another voice counts another incident")
        return Verdict(change=Change.CHANGED, against=case.top, why="a later count is higher")
    agreeing = next((f for f in reversed(elders) if compatible(figure, _now(f))), None)
    return _agreement(case, agreeing) if agreeing is not None else _disagreement(case)


def _equal(case: _Case, fact: Fact) -> Verdict:
    independent = bool(case.voice) or fact.id in case.setting.stranger
    if independent and case.news(fact):
        return Verdict(change=Change.CONFIRMED, fact=fact, against=fact, why="another voice counts the same")
    return Verdict(change=None, fact=fact, why="this value is known")


def _agreement(case: _Case, fact: Fact) -> Verdict:
    """Both can be true; a number far from a mere bound is still a count of its own."""
    close = _near(case.figure, _now(fact))
    exact = case.figure.operator in _EXACT and _now(fact).operator not in _EXACT
    if case.voice and not close and exact and not case.told:
        return Verdict(change=Change.NEW, why="another voice gives a count of its own")
    if case.voice and close and case.news(fact):
        return Verdict(change=Change.CONFIRMED, fact=fact, against=fact, why="another voice agrees")
    return Verdict(change=None, fact=fact, why="agrees with a known value")


def _disagreement(case: _Case) -> Verdict:
    figure, newest, top = case.figure, case.elders[-1], case.top
    if newest.id in case.setting.late and figure.value < _now(top).value and figure.metric in CUMULATIVE:
        return Verdict(change=None, fact=newest, why="an older document; the count has moved on since")
    if all(_counts_a_part(figure, _now(f)) for f in case.elders):
        if case.told:
            return Verdict(change=None, fact=case.told[-1], why="this number is known of a part")
        return Verdict(change=Change.NEW, why="far fewer than all others count: a part of it", unclear=True)
    if figure.value < _now(top).value * _HALF and figure.metric in CUMULATIVE:
        return Verdict(change=Change.NEW, why="far fewer than the highest count: a part of it", unclear=True)
    if _apart(top, case.setting, _ONE_DISPUTE):
        return Verdict(
            change=Change.NEW, why="another voice counts something else, weeks later", unclear=True
        )
    why = "another voice counts otherwise"
    return Verdict(change=Change.CONTRADICTED, against=case.line or top, why=why)


def _agreed(fact: Fact, figure: Figure) -> bool:
    """Whether two developments told this value already; one confirmation is enough."""
    told = [t for t in fact.tellings if t.development_id and t.figure and same_value(t.figure, figure)]
    return len(told) > 1
