"""The picture of an event as plain JSON values; part of the output contract, schema version 1."""

from __future__ import annotations

from typing import Any

from monitor.core.picture import Metric, Person, Picture, Stance
from monitor.core.standings import Standing
from monitor.core.wire import SCHEMA, actor_json, development_json, figure_json, number


def picture_json(picture: Picture) -> dict[str, Any]:
    """Return a picture's form in the contract."""
    return {
        "schema": SCHEMA,
        "event": picture.event.id,
        "name": picture.event.name,
        "as_of": picture.as_of.isoformat(),
        "facts": picture.facts,
        "persons": [_person(p) for p in picture.persons],
        "stances": [_stance(s) for s in picture.stances],
        "voices": [_stance(s) for s in picture.voices],
        "figures": [_metric(m) for m in picture.figures],
        "rulings": [
            standing_json(r.standing) | {"earlier": r.earlier.fact_id if r.earlier else None}
            for r in picture.rulings
        ],
        "offices": [standing_json(s) for s in picture.offices],
        "sanctions": [standing_json(s.standing) | {"in_force": s.in_force} for s in picture.sanctions],
        "timeline": [standing_json(s) for s in picture.timeline],
    }


def standing_json(standing: Standing) -> dict[str, Any]:
    """Return a fact as it stands: the development that counts, and what others say of it."""
    return {
        "fact": standing.fact_id,
        "day": _day(standing),
        "sources": list(standing.sources),
        "independent_sources": standing.independent_sources,
        "certainty": str(standing.certainty),
        "disputed_by": [actor_json(a) for a in standing.disputed_by],
        "withdrawn": standing.withdrawn,
        "developments": [d.id for d in standing.developments],
        "present": development_json(standing.present),
    }


def _day(standing: Standing) -> str | None:
    return standing.day.isoformat() if standing.day else None


def _person(person: Person) -> dict[str, Any]:
    present = person.present.present
    return {
        "name": person.name,
        "status": present.kind,
        "outcome": present.outcome,
        "since": _day(person.present),
        "steps": [standing_json(s) for s in person.steps],
    }


def _stance(stance: Stance) -> dict[str, Any]:
    return {
        "stance": stance.stance,
        "toward": stance.toward,
        "positions": [
            {
                "body": p.body,
                "country": p.country,
                "since": _day(p.standing),
                "before": p.before.present.stance if p.before else None,
                "standing": standing_json(p.standing),
            }
            for p in stance.positions
        ],
    }


def _metric(metric: Metric) -> dict[str, Any]:
    return {
        "metric": metric.metric,
        "unit": metric.unit,
        "scope": metric.scope,
        "low": number(metric.low),
        "high": number(metric.high),
        "series": [
            {
                "voice": one.voice or None,
                "figure": figure_json(one.figure),
                "day": _day(one.standing),
                "sources": list(one.standing.sources),
                "points": [
                    {
                        "figure": figure_json(d.figure),
                        "change": str(d.change),
                        "document": d.document,
                        "published": d.published.isoformat() if d.published else None,
                        "development": d.id,
                    }
                    for d in one.points
                ],
            }
            for one in metric.series
        ],
    }
