"""The picture of an event on the terminal, readable in 80 columns, plain when nobody watches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TextIO

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from monitor.core.figures import occasional
from monitor.core.model import Certainty
from monitor.core.picture import Metric, Person, Picture, Position, Series, Stance
from monitor.core.policy import KindSpec
from monitor.core.standings import Standing
from monitor.receivers.text import (
    figure_words,
    headline,
    metric_words,
    names,
    outcome_words,
    plain,
    stance_words,
)

_WIDEST = 110
_SHOWN = 40
_QUOTED = 90


class PicturePage:
    """Prints one picture; `width` in columns, by default the terminal's (80 for a file), at most 110."""

    def __init__(self, file: TextIO, kinds: Mapping[str, KindSpec], width: int | None = None) -> None:
        self._console = Console(file=file, width=width, highlight=False, markup=False, emoji=False)
        if width is None:
            self._console.width = min(self._console.width if self._console.is_terminal else 100, _WIDEST)
        self._kinds = kinds

    def show(self, picture: Picture) -> None:
        """Print all sections that hold something."""
        title = Text(plain(picture.event.name, 200), style="bold")
        title.append(f"  as known on {picture.as_of:%d %B %Y %H:%M} UTC", style="dim")
        self._console.print(title)
        if not picture.facts:
            self._console.print("Nothing is known yet.")
            return
        self._section(
            "Persons", ("Who", "Status", "Since", "Told by"), [self._person(p) for p in picture.persons]
        )
        stances = ("Stance", "Who", "Towards")
        self._section("Countries and bodies", stances, [_stance(s) for s in picture.stances])
        self._figures(picture.figures)
        self._section(
            "Rulings",
            ("Day", "Ruling", "Told by"),
            [self._fact(r.standing, _follows(r.earlier)) for r in picture.rulings],
        )
        self._section(
            "Offices and results", ("Day", "What", "Told by"), [self._fact(s) for s in picture.offices]
        )
        self._section(
            "Sanctions",
            ("Day", "What", "Told by"),
            [self._fact(s.standing, "" if s.in_force else "lifted") for s in picture.sanctions],
        )
        self._section("Other voices", stances, [_stance(s) for s in picture.voices])
        self._timeline(picture.timeline)

    def _section(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        if not rows:
            return
        self._console.print()
        self._console.print(Rule(Text(title, style="bold"), align="left", style="dim"))
        grid = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
        for name in columns:
            grid.add_column(name, no_wrap=name in {"Day", "Since"})
        for row in rows:
            grid.add_row(*(Text(plain(cell, 400)) for cell in row))
        self._console.print(grid)

    def _person(self, person: Person) -> tuple[str, ...]:
        now = person.present
        path = list(dict.fromkeys(self._step(s) for s in person.steps))
        status = " → ".join(path[-4:])
        return person.name, f"{status}{_doubt(now)}", _day(now), _told_by(now)

    def _step(self, standing: Standing) -> str:
        if standing.present.outcome:
            return f"{outcome_words(standing.present.outcome)} by a court"
        spec = self._kinds.get(standing.present.kind)
        return spec.label if spec else standing.present.kind

    def _fact(self, standing: Standing, note: str = "") -> tuple[str, ...]:
        words = headline(standing.present, self._kinds)
        return (
            _day(standing),
            f"{words}{_doubt(standing)}{f' ({note})' if note else ''}",
            _told_by(standing),
        )

    def _figures(self, metrics: Sequence[Metric]) -> None:
        rows = [row for metric in metrics for row in _figure_rows(metric)]
        self._section("Figures", ("What", "Value", "On whose word", "Since", "Told by"), rows)

    def _timeline(self, timeline: Sequence[Standing]) -> None:
        shown = timeline[-_SHOWN:]
        title = (
            "Timeline" if len(shown) == len(timeline) else f"Timeline (the last {_SHOWN} of {len(timeline)})"
        )
        self._section(title, ("Day", "What", "Told by"), [self._fact(s) for s in shown])


def _stance(stance: Stance) -> tuple[str, ...]:
    toward = stance.toward or f"“{plain(stance.positions[0].standing.present.quote, _QUOTED)}”"
    return stance_words(stance.stance), "; ".join(_position(p) for p in stance.positions), toward


def _position(position: Position) -> str:
    before = position.before.present.stance if position.before else None
    was = f", before: {before}" if before else ""
    return f"{position.body} ({_day(position.standing)}{was}{_doubt(position.standing, ', ')})"


def _figure_rows(metric: Metric) -> list[tuple[str, ...]]:
    name = metric_words(metric.metric) + (f" ({metric.scope})" if metric.scope else "")
    if occasional(metric.series[0].figure):
        # A vote or a crowd is one of many: its words say which.
        name += f": “{plain(metric.series[0].standing.present.quote, _QUOTED)}”"
    if len(metric.series) > 1 and metric.low is not None and metric.high is not None:
        name += f": {_number(metric.low)} to {_number(metric.high)}" if metric.low != metric.high else ""
    return [(name if not n else "", *_series(one)) for n, one in enumerate(metric.series)]


def _series(series: Series) -> tuple[str, ...]:
    values = list(dict.fromkeys(figure_words(d.figure) for d in series.points if d.figure))
    now = figure_words(series.figure)
    past = [v for v in values if v != now]
    value = f"{now} (before: {', '.join(past[-3:])})" if past else now
    return (
        value + _doubt(series.standing),
        series.voice,
        _day(series.standing),
        _told_by(series.standing),
    )


def _number(value: float) -> str:
    return f"{value:,.10g}"


def _day(standing: Standing) -> str:
    return standing.day.isoformat() if standing.day else "undated"


def _follows(earlier: Standing | None) -> str:
    return f"after that of {_day(earlier)}" if earlier else ""


def _doubt(standing: Standing, lead: str = " — ") -> str:
    """Return what a reader must know before taking a fact for granted."""
    doubts = []
    if standing.withdrawn:
        doubts.append("withdrawn")
    if standing.disputed_by:
        doubts.append(f"denied by {names(standing.disputed_by)}")
    if standing.certainty is Certainty.REPORTED and standing.present.figure is None:
        voice = names(standing.present.claimed_by)
        doubts.append(f"on the word of {voice}" if voice else "only reported")
    return f"{lead}{', '.join(doubts)}" if doubts else ""


def _told_by(standing: Standing) -> str:
    said = ", ".join(standing.sources[:3])
    more = f" +{len(standing.sources) - 3}" if len(standing.sources) > 3 else ""
    alone = f" ({standing.independent_sources} independent)" if standing.independent_sources > 1 else ""
    return f"{said}{more}{alone}"
