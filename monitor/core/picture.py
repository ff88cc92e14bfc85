"""The picture of an event at a moment: persons, stances, figures, rulings, offices, sanctions, timeline.

Drawn from standings alone, so it can be drawn for any moment. Nothing is judged here that the differ has not
judged: rival figures stay side by side, and what is denied or withdrawn says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.core.bearers import class_of
from monitor.core.figures import CUMULATIVE, SHARES, UNCLEAR, occasional, scope_of
from monitor.core.identity import STANDING, described
from monitor.core.model import Actor, Development, EventSpec, Figure
from monitor.core.names import FullNames, fold, is_named, name_words, same_person
from monitor.core.policy import Bodies, Policy
from monitor.core.standings import Standing

_OFFICE_KINDS = ("appointment", "resignation", "election_result")
_PERSONAL = frozenset({"convicts", "sentences", "acquits", "bans", "orders", "suspends"})
_LIFTED = frozenset({"annuls", "suspends"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person's legal status: `steps` of the lifecycle in the order of their days, the last counts now."""

    name: str
    steps: tuple[Standing, ...]

    @property
    def present(self) -> Standing:
        """The step that counts now."""
        return self.steps[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What a country or body says now of a matter, and what it said before (None: nothing else)."""

    body: str
    country: str | None
    standing: Standing
    before: Standing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stance:
    """A stance towards somebody or something, and who takes it; `toward` may be empty."""

    stance: str
    toward: str
    positions: tuple[Position, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One voice's figure over time: values in the order found, the last counts now. No voice: the sources'."""

    voice: str
    points: tuple[Development, ...]
    standing: Standing

    @property
    def figure(self) -> Figure:
        """The value that counts now."""
        figure = self.standing.present.figure
        assert figure is not None
        return figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """What is counted, and all who count it; `low` and `high` span what they say (None: open or a share)."""

    metric: str
    unit: str
    scope: str
    series: tuple[Series, ...]
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A court's ruling; `earlier` is the last one before it on the same person or matter (an appeal's first)."""

    standing: Standing
    earlier: Standing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sanction:
    """A sanction, and whether it is in force as far as is known."""

    standing: Standing
    in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An event as it was known at `as_of`."""

    event: EventSpec
    as_of: datetime
    facts: int
    persons: tuple[Person, ...]
    stances: tuple[Stance, ...]
    voices: tuple[Stance, ...]
    figures: tuple[Metric, ...]
    rulings: tuple[Ruling, ...]
    offices: tuple[Standing, ...]
    sanctions: tuple[Sanction, ...]
    timeline: tuple[Standing, ...]


def draw(event: EventSpec, found: Sequence[Standing], policy: Policy, *, as_of: datetime) -> Picture:
    """Return the picture of `found`; withdrawn facts stay in the timeline only, marked."""
    valid = [s for s in found if not s.withdrawn]
    happenings = [s for s in found if s.present.kind not in {"statement", "figure"}]
    names = _full_names(valid)
    abroad, home = _stances(valid, event, names)
    return Picture(
        event=event,
        as_of=as_of,
        facts=len(found),
        persons=_persons(valid, policy, names),
        stances=abroad,
        voices=home,
        figures=_figures(valid, names),
        rulings=_rulings(valid),
        offices=_by_day(s for s in valid if s.present.kind in _OFFICE_KINDS),
        sanctions=tuple(
            Sanction(standing=s, in_force=s.present.outcome not in _LIFTED)
            for s in _by_day(s for s in valid if s.present.kind == "sanction")
        ),
        timeline=_by_day(happenings),
    )


def _by_day(found: Iterable[Standing]) -> tuple[Standing, ...]:
    return tuple(sorted(found, key=lambda s: s.order))


# ---- persons


def _persons(found: Sequence[Standing], policy: Policy, names: FullNames) -> tuple[Person, ...]:
    """Return everybody named in a lifecycle, most severe status first."""
    kinds = policy.kinds
    steps: dict[str, list[Standing]] = {}
    known: list[Actor] = []
    for standing in found:
        spec = kinds.get(standing.present.kind)
        if spec is None or spec.lifecycle is None or not _is_personal(standing.present):
            continue
        for actor in standing.present.actors if spec.subject == "actor" else standing.present.recipients:
            if _is_person(actor, policy.bodies):
                steps.setdefault(_same(actor, known).name, []).append(standing)

    def rank(standing: Standing) -> tuple[object, ...]:
        day, found_at = standing.order
        return day, kinds[standing.present.kind].step, found_at

    people = [Person(name=names.of(name), steps=_climbed(sorted(s, key=rank))) for name, s in steps.items()]
    return tuple(
        sorted(people, key=lambda p: (-kinds[p.present.present.kind].severity, -len(p.steps), p.name))
    )


def _climbed(steps: Sequence[Standing]) -> tuple[Standing, ...]:
    """Leave out threats where more than a threat is known: who is in exile and threatened is in exile."""
    return tuple(s for s in steps if s.present.kind != "threat") or tuple(steps)


def _is_personal(development: Development) -> bool:
    """A ruling on a result or a law is nobody's legal status."""
    return development.kind != "court_ruling" or development.outcome in _PERSONAL


def _is_person(actor: Actor, bodies: Bodies) -> bool:
    """Whether the actor is named, and is no state or body, which can be investigated as well."""
    words = name_words(actor.name)
    named = is_named(actor.name) and not described((actor,)) and len("".join(words)) > 2
    return named and class_of(actor, bodies) is None


def _same(actor: Actor, known: list[Actor]) -> Actor:
    for one in known:
        if same_person(actor, one):
            return one
    known.append(actor)
    return actor


def _full_names(found: Sequence[Standing]) -> FullNames:
    """Return the names of everybody whom the event tells of."""
    return FullNames(
        a for s in found for a in (*s.present.actors, *s.present.recipients, *s.present.claimed_by)
    )


# ---- stances


def _stances(
    found: Sequence[Standing], event: EventSpec, names: FullNames
) -> tuple[tuple[Stance, ...], tuple[Stance, ...]]:
    """Return the stances of countries and bodies abroad, and those of the other voices."""
    latest: dict[tuple[str, str, bool], Position] = {}
    for standing in _by_day(
        s for s in found if s.present.kind == "statement" and s.present.stance != "other"
    ):
        said = standing.present
        toward = ", ".join(names.of(a.name) for a in said.recipients) or said.topic or ""
        for actor in said.actors:
            body = actor.speaks_for or actor.country_name or names.shown(actor.name)
            # A standing position replaces the one before towards the same; other remarks stand beside it.
            standing_position = toward and said.stance in STANDING
            matter = f"{'position' if standing_position else said.stance} {fold(toward)}"
            key = (fold(body), matter, _is_abroad(actor, event))
            before = latest.get(key)
            turned = _reversed(standing) or (
                before.standing if before and before.standing.present.stance != said.stance else None
            )
            latest[key] = Position(
                body=body,
                country=actor.country,
                standing=standing,
                before=turned or (before.before if before else None),
            )
    sides = [[p for key, p in latest.items() if key[2] is abroad] for abroad in (True, False)]
    return _grouped(sides[0]), _grouped(sides[1])


def _reversed(standing: Standing) -> Standing | None:
    """Return the fact as it stood before its stance was reversed, None where it never was."""
    now = standing.present.stance
    earlier = (d for d in reversed(standing.developments) if d.stance and d.stance != now and not d.withdrawn)
    return next((replace(standing, present=d) for d in earlier), None)


def _is_abroad(actor: Actor, event: EventSpec) -> bool:
    return actor.country is not None and actor.country not in event.countries


def _grouped(positions: Sequence[Position]) -> tuple[Stance, ...]:
    groups: dict[tuple[str, str], list[Position]] = {}
    titles: dict[tuple[str, str], str] = {}
    for one in positions:
        said = one.standing.present
        toward = ", ".join(a.name for a in said.recipients[:2]) or said.topic or ""
        # Where nobody is named, only those who said it together are one.
        key = said.stance or "other", _family(toward, groups) or said.id
        groups.setdefault(key, []).append(one)
        titles[key] = max(titles.get(key, ""), toward, key=len)
    found = [
        Stance(stance=key[0], toward=titles[key], positions=tuple(sorted(group, key=lambda p: p.body)))
        for key, group in groups.items()
    ]
    order = ["recognises", "congratulates", "supports", "rejects", "condemns", "demands", "accuses"]
    return tuple(
        sorted(
            found,
            key=lambda s: (
                order.index(s.stance) if s.stance in order else len(order),
                -len(s.positions),
                s.toward,
            ),
        )
    )


def _family(toward: str, groups: Mapping[tuple[str, str], object]) -> str:
    """Return the group's name for "González" where "Edmundo González Urrutia" is one."""
    me = Actor(name=toward)
    known = (name for _, name in groups)
    return next((name for name in known if toward and same_person(me, Actor(name=name))), toward)


# ---- figures


def _figures(found: Sequence[Standing], names: FullNames) -> tuple[Metric, ...]:
    groups: dict[tuple[str, str, str, str], list[Standing]] = {}
    for standing in found:
        figure = standing.present.figure
        if figure is not None:
            alone = standing.fact_id if occasional(figure) else ""
            groups.setdefault((figure.metric, figure.unit, _scope(figure, names), alone), []).append(standing)
    metrics = [
        _metric(metric, unit, scope, group, names) for (metric, unit, scope, _), group in groups.items()
    ]
    return tuple(sorted(metrics, key=lambda m: (m.metric, m.scope != "", m.scope, m.unit)))


def _scope(figure: Figure, names: FullNames) -> str:
    """Return what is counted as people read it: a candidate by the full name, a part that no text names as one."""
    words = scope_of(figure)
    if figure.metric in SHARES and words - {UNCLEAR}:
        return names.of(" ".join(p for p in figure.scope if p != UNCLEAR))
    return ", ".join(sorted("a part" if w == UNCLEAR else w for w in words))


def _metric(metric: str, unit: str, scope: str, group: Sequence[Standing], names: FullNames) -> Metric:
    series = tuple(
        Series(
            voice=", ".join(names.shown(a.name) for a in s.present.claimed_by),
            points=tuple(d for d in s.developments if d.figure is not None and not d.withdrawn),
            standing=s,
        )
        for s in _by_day(group)
    )
    # A bound says only "not fewer than": the values that were said span the range.
    said = [n for one in series for n in (one.figure.value, one.figure.high) if n is not None]
    ranged = metric in CUMULATIVE and unit == "count"
    return Metric(
        metric=metric,
        unit=unit,
        scope=scope,
        series=series,
        low=min(said) if ranged else None,
        high=max(said) if ranged else None,
    )


# ---- rulings


def _rulings(found: Sequence[Standing]) -> tuple[Ruling, ...]:
    out: list[Ruling] = []
    for standing in _by_day(s for s in found if s.present.kind == "court_ruling"):
        earlier = next((r.standing for r in reversed(out) if _one_matter(standing, r.standing)), None)
        out.append(Ruling(standing=standing, earlier=earlier))
    return tuple(out)


def _one_matter(left: Standing, right: Standing) -> bool:
    return any(same_person(a, b) for a in left.present.recipients for b in right.present.recipients)
