"""The output contract: developments and claims as plain JSON values, and back. Schema version 1."""

from __future__ import annotations

from datetime import date
from typing import Any

from monitor.core.model import Actor, Claim, Development, Figure, Operator, Previous
from monitor.core.plover import Plover

SCHEMA = 1


def number(value: float | None) -> float | int | None:
    """Return whole numbers as int, so that 11 is printed as 11."""
    if value is None:
        return None
    return int(value) if float(value).is_integer() else round(value, 6)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def actor_json(actor: Actor) -> dict[str, Any]:
    """Return an actor's form in the contract."""
    out: dict[str, Any] = {
        "name": actor.name,
        "country": actor.country,
        "sector": actor.sector,
        "wikidata": actor.wikidata,
    }
    if actor.speaks_for:
        out["speaks_for"] = actor.speaks_for
    if actor.country_name:
        out["country_name"] = actor.country_name
    return out


def plover_json(plover: Plover) -> dict[str, Any]:
    """Return a PLOVER coding's form in the contract."""
    return {"event_type": plover.event_type, "mode": plover.mode, "contexts": list(plover.contexts)}


def figure_json(figure: Figure | None) -> dict[str, Any] | None:
    """Return a figure's form in the contract."""
    if figure is None:
        return None
    return {
        "metric": figure.metric,
        "operator": str(figure.operator),
        "value": number(figure.value),
        "high": number(figure.high),
        "unit": figure.unit,
        "about": figure.about,
        "scope": list(figure.scope),
    }


def _common(item: Claim | Development) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "plover": plover_json(item.plover),
        "actors": [actor_json(a) for a in item.actors],
        "recipients": [actor_json(a) for a in item.recipients],
        "stance": item.stance,
        "outcome": item.outcome,
        "figure": figure_json(item.figure),
        "claimed_by": [actor_json(a) for a in item.claimed_by] or None,
        "certainty": str(item.certainty),
        "event_date": _day(item.event_date),
        "event_date_precision": item.event_date_precision,
        "topic": item.topic,
        "quote": item.quote,
        "start": item.start,
        "end": item.end,
        "confidence": round(item.confidence, 3),
    }


def claim_json(claim: Claim, *, document: str, published: date | None) -> dict[str, Any]:
    """Return a claim's form in the contract; `document` is the name that people see."""
    return {
        "schema": SCHEMA,
        "id": claim.id,
        "document": document,
        **_common(claim),
        "published": _day(published),
        "modality": str(claim.modality),
        "notes": list(claim.notes),
    }


def previous_json(previous: Previous | None) -> dict[str, Any] | None:
    """Return the form of the development that another one moves."""
    if previous is None:
        return None
    return {
        "id": previous.id,
        "kind": previous.kind,
        "figure": figure_json(previous.figure),
        "stance": previous.stance,
        "outcome": previous.outcome,
        "certainty": str(previous.certainty),
        "quote": previous.quote,
        "document": previous.document,
        "sources": list(previous.sources),
        "published": _day(previous.published),
    }


def development_json(development: Development) -> dict[str, Any]:
    """Return a development's form in the contract."""
    return {
        "schema": SCHEMA,
        "id": development.id,
        "fact": development.fact_id,
        "document": development.document,
        "url": development.url,
        "event": development.event_id,
        "change": str(development.change),
        "reason": development.reason,
        **_common(development),
        "published": _day(development.published),
        "withdrawn": development.withdrawn,
        "previous": previous_json(development.previous),
        "sources": list(development.sources),
        "independent_sources": development.independent_sources,
        "found_at": development.found_at.isoformat(),
    }


def actor_from(data: dict[str, Any]) -> Actor:
    """Return the actor that `actor_json` wrote."""
    return Actor(
        name=data["name"],
        country=data.get("country"),
        sector=data.get("sector"),
        wikidata=data.get("wikidata"),
        speaks_for=data.get("speaks_for"),
        country_name=data.get("country_name"),
    )


def plover_from(data: dict[str, Any]) -> Plover:
    """Return the coding that `plover_json` wrote."""
    return Plover(
        event_type=data.get("event_type"), mode=data.get("mode"), contexts=tuple(data.get("contexts") or ())
    )


def figure_from(data: dict[str, Any] | None) -> Figure | None:
    """Return the figure that `figure_json` wrote."""
    if data is None:
        return None
    return Figure(
        metric=data["metric"],
        operator=Operator(data["operator"]),
        value=float(data["value"]),
        high=None if data.get("high") is None else float(data["high"]),
        unit=data.get("unit") or "count",
        about=data.get("about") or "",
        scope=tuple(data.get("scope") or ()),
    )
