"""When a digest is due and what it says.

Exactly one is due per local day, through daylight saving, clock jumps and downtime.
A subscription names a local time; this room turns it into one instant per local date. A time that does not
exist that day (the clock jumps over it) is taken just after the jump, one that comes twice at its first
coming, and a date that a zone skips altogether has no digest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.core.errors import ConfigError
from monitor.core.figures import SHARES, UNCLEAR, occasional, same_scope
from monitor.core.matching import matches
from monitor.core.model import (
    Actor,
    Certainty,
    Change,
    Development,
    EventSpec,
    Figure,
)
from monitor.core.names import FullNames
from monitor.core.outgoing import DigestPeriod, Subscription
from monitor.core.policy import KindSpec
from monitor.core.times import local_instant, zone_named

CronTime = Callable[[str, date], time | None]
"""Returns the first local time at which a cron line fires on a date, or None. An edge gives it."""

_CORRECTIONS = frozenset({Change.CHANGED, Change.CONTRADICTED})
_LOOK_BACK_DAYS = 400
_CLOCK_WAS_WRONG = timedelta(hours=36)


def due_digests(
    subscriptions: Iterable[Subscription],
    *,
    last: Mapping[str, DigestPeriod],
    now: datetime,
    cron_time: CronTime | None = None,
) -> tuple[DigestPeriod, ...]:
    """Return the periods whose digest is due at `now`, at most one per subscription.

    After downtime it is one catch-up over (last cutoff, newest cutoff]. A first digest has no `after`. `last`
    is the latest period of each subscription. Raises ConfigError for an unknown zone or a wrong time.
    """
    periods = (_due(one, last.get(one.id), now, cron_time) for one in subscriptions)
    return tuple(period for period in periods if period is not None)


def preview_period(
    subscription: Subscription, *, last: Mapping[str, DigestPeriod], at: datetime
) -> DigestPeriod:
    """Return the period that a digest made at `at` would cover, due or not; record nothing of it."""
    before = last.get(subscription.id)
    after = before.until if before is not None and before.until < at else None
    return DigestPeriod(
        subscription_id=subscription.id,
        local_date=at.astimezone(zone_of(subscription)).date(),
        after=after,
        until=at,
    )


def zone_of(subscription: Subscription) -> ZoneInfo:
    """Return the subscription's time zone; raise ConfigError when the tz database has none of that name."""
    return zone_named(subscription.zone, place=f"digest {subscription.id}")


def belongs(
    subscription: Subscription,
    development: Development,
    kinds: Mapping[str, KindSpec],
    told: Collection[tuple[str, str]],
) -> bool:
    """Say whether a digest tells a development: by its events and matchers, or as a correction.

    `told` are (subscription id, development id) of earlier digests: who was told what a development moves is
    told the development, whatever the matchers say.
    """
    before = development.previous if development.change in _CORRECTIONS else None
    if before is not None and (subscription.id, before.id) in told:
        return True
    of_interest = not subscription.events or development.event_id in subscription.events
    return of_interest and matches(subscription.matchers, development, kinds=kinds)


def _due(
    subscription: Subscription, last: DigestPeriod | None, now: datetime, cron_time: CronTime | None
) -> DigestPeriod | None:
    zone = zone_of(subscription)
    astray = last is not None and last.until - now > _CLOCK_WAS_WRONG
    known = None if astray else last
    for day, cutoff in _cutoffs(subscription, zone, now, cron_time):
        if known is not None and (day <= known.local_date or cutoff <= known.until):
            return None
        after = known.until if known else None
        if astray:
            # The last period was cut while the clock ran ahead: the day before stands in for it.
            after = cutoff - timedelta(days=1)
        return DigestPeriod(subscription_id=subscription.id, local_date=day, after=after, until=cutoff)
    return None


def _cutoffs(
    subscription: Subscription, zone: ZoneInfo, now: datetime, cron_time: CronTime | None
) -> Iterator[tuple[date, datetime]]:
    """Yield the passed (local date, cutoff) pairs, newest first."""
    day = now.astimezone(zone).date()
    for _ in range(_LOOK_BACK_DAYS):
        at = _time_on(subscription, day, cron_time)
        cutoff = None if at is None else local_instant(day, at, zone)
        if cutoff is not None and cutoff <= now:
            yield day, cutoff
        day -= timedelta(days=1)


def _time_on(subscription: Subscription, day: date, cron_time: CronTime | None) -> time | None:
    place = f"digest {subscription.id}"
    if subscription.cron is not None:
        if cron_time is None:
            raise ConfigError("nothing here reads cron lines", place=place, remedy="use `at`")
        return cron_time(subscription.cron, day)
    try:
        return time.fromisoformat(subscription.at)
    except ValueError as error:
        message = f'"{subscription.at}" is no time'
        raise ConfigError(message, place=place, remedy='write it as "07:30"') from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One happening in a digest: the development that matters most of it, and the others of the period."""

    development: Development
    change: Change
    severity: int
    also: tuple[Development, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureCell:
    """A value by one voice: `figure` is its latest, `before` the one it replaced."""

    voice: str
    figure: Figure
    before: Figure | None
    development: Development


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """One series (metric and scope) with the values of each voice side by side, in the order of telling."""

    metric: str
    scope: tuple[str, ...]
    about: str
    cells: tuple[FigureCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Who takes a stance; `before` is the stance that was given up for it."""

    actor: Actor
    before: str | None
    development: Development


@dataclass(frozen=True, slots=True, kw_only=True)
class StandRow:
    """All who take one stance on one topic."""

    stance: str
    topic: str | None
    stands: tuple[Stand, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One event of a digest: what is asserted and what is only reported, each with what matters first."""

    event_id: str
    name: str
    items: tuple[Item, ...]
    reported: tuple[Item, ...]
    figures: tuple[FigureRow, ...]
    stands: tuple[StandRow, ...]
    documents: tuple[Development, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestContent:
    """What a digest says. `counts` are the happenings by change; no sections means that nothing happened."""

    period: DigestPeriod
    sections: tuple[Section, ...]
    counts: Mapping[Change, int]


def digest_content(
    period: DigestPeriod,
    developments: Sequence[Development],
    events: Sequence[EventSpec],
    kinds: Mapping[str, KindSpec],
) -> DigestContent:
    """Return what a period's digest says; the developments come in the order in which they were found."""
    names = {event.id: event.name for event in events}
    groups: dict[str, list[Development]] = {}
    for development in developments:
        groups.setdefault(development.event_id, []).append(development)
    sections = [_section(key, names.get(key, key), group, kinds) for key, group in groups.items()]
    sections.sort(key=lambda s: min(_weight(item) for item in (*s.items, *s.reported)))
    items = [item for s in sections for item in (*s.items, *s.reported)]
    counts = {change: sum(item.change is change for item in items) for change in Change}
    return DigestContent(period=period, sections=tuple(sections), counts=counts)


def voice_of(development: Development, names: FullNames) -> str:
    """Return whose word a development is: those it is claimed by, under their full names, else its source."""
    return ", ".join(names.shown(a.name) for a in development.claimed_by) or development.source


def _section(
    event_id: str, name: str, developments: Sequence[Development], kinds: Mapping[str, KindSpec]
) -> Section:
    facts: dict[str, list[Development]] = {}
    for development in developments:
        facts.setdefault(development.fact_id, []).append(development)
    items = sorted((_item(tellings, kinds) for tellings in facts.values()), key=_weight)
    documents = {d.document_id: d for d in developments}
    names = FullNames(a for d in developments for a in (*d.actors, *d.recipients, *d.claimed_by))
    return Section(
        event_id=event_id,
        name=name,
        items=tuple(i for i in items if not _hearsay(i.development)),
        reported=tuple(i for i in items if _hearsay(i.development)),
        figures=_figures(developments, names),
        stands=_stands(developments, names),
        documents=tuple(documents.values()),
    )


def _hearsay(development: Development) -> bool:
    """Whether something is only reported; a count always is somebody's, and its voice stands beside it."""
    return development.certainty is Certainty.REPORTED and development.figure is None


_MATTERS = {Change.CONTRADICTED: 0, Change.CHANGED: 1, Change.NEW: 2, Change.CONFIRMED: 3}


def _item(tellings: Sequence[Development], kinds: Mapping[str, KindSpec]) -> Item:
    """Fold the tellings of one fact: the strongest change speaks, in its latest telling."""
    rank = min(_MATTERS[d.change] for d in tellings)
    chosen = [d for d in tellings if _MATTERS[d.change] == rank][-1]
    spec = kinds.get(chosen.kind)
    return Item(
        development=chosen,
        change=chosen.change,
        severity=spec.severity if spec else 1,
        also=tuple(d for d in tellings if d is not chosen),
    )


def _weight(item: Item) -> tuple[int, int, float]:
    return (-item.severity, _MATTERS[item.change], -item.development.confidence)


class _Series:
    """The rows of a digest's figures: a further value finds the row of its metric and scope."""

    def __init__(self) -> None:
        self.rows: list[tuple[Figure, dict[str, FigureCell]]] = []
        self._of_metric: dict[tuple[str, str], list[tuple[Figure, dict[str, FigureCell]]]] = {}
        self._by_scope: dict[tuple[str, str, tuple[str, ...]], dict[str, FigureCell]] = {}

    def cells(self, d: Development, figure: Figure) -> dict[str, FigureCell]:
        """Return the cells of the row that the figure belongs to, a new one where none fits."""
        metric = figure.metric, figure.unit
        # Votes in a chamber, and parts that no text names, stand beside nothing but themselves.
        alone = occasional(figure) or UNCLEAR in figure.scope
        exact = (*metric, (d.fact_id,) if alone else figure.scope)
        if exact not in self._by_scope:
            like = () if alone else self._of_metric.get(metric, ())
            cells = next((cells for known, cells in like if same_scope(known, figure)), None)
            self._by_scope[exact] = self._new(metric, figure, alone=alone) if cells is None else cells
        return self._by_scope[exact]

    def _new(self, metric: tuple[str, str], figure: Figure, *, alone: bool) -> dict[str, FigureCell]:
        cells: dict[str, FigureCell] = {}
        self.rows.append((figure, cells))
        if not alone:
            self._of_metric.setdefault(metric, []).append((figure, cells))
        return cells


def _figures(developments: Sequence[Development], names: FullNames) -> tuple[FigureRow, ...]:
    """Return the series, each with the values of its voices; what a voice says anew takes the place of the old."""
    series = _Series()
    for d in developments:
        if d.figure is None:
            continue
        cells, voice = series.cells(d, d.figure), voice_of(d, names)
        beside = f"{d.fact_id} {voice}"
        if d.withdrawn:
            # Its voice says it no more: what it said before does not stand either.
            cells.pop(beside if beside in cells else d.fact_id, None)
            continue
        known = cells.get(d.fact_id)
        rival = known is not None and d.change is Change.CONTRADICTED and known.voice != voice
        cells[beside if rival else d.fact_id] = _cell(d, voice, None if rival else known)
    return tuple(_row(figure, tuple(cells.values())) for figure, cells in series.rows if cells)


def _cell(d: Development, voice: str, known: FigureCell | None) -> FigureCell:
    """Return a fact's value after `d`; who confirms it is named beside the first."""
    assert d.figure is not None
    if known is not None and d.change is Change.CONFIRMED:
        return known if voice in known.voice else replace(known, voice=f"{known.voice}, {voice}")
    before = d.previous.figure if d.previous and d.change is Change.CHANGED else None
    voices = [voice, *([known.voice] if known else [])]
    return FigureCell(
        voice=max(voices, key=len),
        figure=d.figure,
        before=before or (known.before if known else None),
        development=d,
    )


def _row(figure: Figure, cells: tuple[FigureCell, ...]) -> FigureRow:
    """Return a series under the name that tells most: a candidate's full one."""
    said = [c.figure.about for c in cells if c.figure.about]
    about = max(said, key=len, default="") if figure.metric in SHARES else next(iter(said), "")
    return FigureRow(metric=figure.metric, scope=figure.scope, about=about, cells=cells)


def _stands(developments: Sequence[Development], names: FullNames) -> tuple[StandRow, ...]:
    latest: dict[tuple[str, str | None], tuple[str, Stand]] = {}
    for d in developments:
        if d.stance is None or d.stance == "other":
            continue
        before = d.previous.stance if d.previous and d.previous.stance != d.stance else None
        for actor in (replace(a, name=names.shown(a.name)) for a in d.actors):
            if d.withdrawn:
                latest.pop((actor.name, d.topic), None)
                continue
            latest[actor.name, d.topic] = (d.stance, Stand(actor=actor, before=before, development=d))
    rows: dict[tuple[str, str | None], list[Stand]] = {}
    for (_, topic), (stance, stand) in latest.items():
        rows.setdefault((stance, topic), []).append(stand)
    return tuple(
        StandRow(stance=stance, topic=topic, stands=tuple(stands)) for (stance, topic), stands in rows.items()
    )
