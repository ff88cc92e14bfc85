"""The output contract as JSON Schema: what the program prints and what webhooks carry. Version 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitor.core.model import Certainty, Change, Modality, Operator
from monitor.core.wire import SCHEMA

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NAMES = ("development", "claim", "webhook")

_TEXT: dict[str, Any] = {"type": "string"}
_MAYBE_TEXT: dict[str, Any] = {"type": ["string", "null"]}
_MAYBE_DAY: dict[str, Any] = {"type": ["string", "null"], "format": "date"}
_TIME: dict[str, Any] = {"type": "string", "format": "date-time"}
_TEXTS: dict[str, Any] = {"type": "array", "items": _TEXT}


def contract_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of `name`, one of NAMES. Later versions only add; readers must bear new keys."""
    made = {"development": _development, "claim": _claim, "webhook": _webhook}[name]()
    return {"$schema": DIALECT, "title": f"News event monitor: {name}", **made, "$defs": _definitions()}


def _object(
    properties: Mapping[str, Any], *, optional: tuple[str, ...] = (), about: str = ""
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "object",
        "properties": dict(properties),
        "required": [key for key in properties if key not in optional],
    }
    return {"description": about, **made} if about else made


def _definitions() -> dict[str, Any]:
    return {
        "actor": _object(
            {
                "name": _TEXT | {"description": "Canonical name, whatever the document wrote."},
                "country": _MAYBE_TEXT | {"description": "ISO 3166 alpha-3 code."},
                "sector": _MAYBE_TEXT | {"description": "PLOVER sector, such as GOV or OPP."},
                "wikidata": _MAYBE_TEXT,
                "speaks_for": _TEXT | {"description": "The body on whose behalf a speaker speaks."},
                "country_name": _TEXT,
            },
            optional=("speaks_for", "country_name"),
        ),
        "figure": _object(
            {
                "metric": _TEXT,
                "operator": {"enum": [o.value for o in Operator]},
                "value": {"type": "number"},
                "high": {"type": ["number", "null"], "description": "The upper end of a range."},
                "unit": {"enum": ["count", "percent"]},
                "about": _TEXT,
                "scope": _TEXTS | {"description": "What tells apart series that must not be compared."},
            }
        ),
        "plover": _object({"event_type": _MAYBE_TEXT, "mode": _MAYBE_TEXT, "contexts": _TEXTS}),
        "previous": _object(
            {
                "id": _TEXT,
                "kind": _TEXT,
                "figure": _nullable("figure"),
                "stance": _MAYBE_TEXT,
                "outcome": _MAYBE_TEXT,
                "certainty": {"enum": [c.value for c in Certainty]},
                "quote": _TEXT,
                "document": _TEXT,
                "sources": _TEXTS,
                "published": _MAYBE_DAY,
            }
        ),
    }


def _nullable(name: str) -> dict[str, Any]:
    return {"anyOf": [{"$ref": f"#/$defs/{name}"}, {"type": "null"}]}


def _actors() -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": "#/$defs/actor"}}


def _common() -> dict[str, Any]:
    return {
        "kind": _TEXT,
        "plover": {"$ref": "#/$defs/plover"},
        "actors": _actors(),
        "recipients": _actors(),
        "stance": _MAYBE_TEXT,
        "outcome": _MAYBE_TEXT,
        "figure": _nullable("figure"),
        "claimed_by": {"anyOf": [_actors(), {"type": "null"}], "description": "Whose word it is."},
        "certainty": {"enum": [c.value for c in Certainty]},
        "event_date": _MAYBE_DAY,
        "event_date_precision": _MAYBE_TEXT,
        "topic": _MAYBE_TEXT,
        "quote": _TEXT | {"description": "Exact text of the document as read."},
        "start": {"type": "integer", "minimum": 0},
        "end": {"type": "integer", "minimum": 0},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        "published": _MAYBE_DAY,
    }


def _development() -> dict[str, Any]:
    first = {
        "schema": {"const": SCHEMA},
        "id": _TEXT | {"description": "The same for ever; drop what you have seen already by it."},
        "fact": _TEXT | {"description": "The same for all developments of one happening."},
        "document": _TEXT,
        "url": _MAYBE_TEXT,
        "event": _TEXT,
        "change": {"enum": [c.value for c in Change]},
        "reason": _TEXT,
    }
    last = {
        "withdrawn": {"type": "boolean", "description": "An edited article tells the fact no more."},
        "previous": _nullable("previous"),
        "sources": _TEXTS,
        "independent_sources": {"type": "integer", "minimum": 0},
        "found_at": _TIME,
    }
    return _object(
        first | _common() | last,
        optional=("withdrawn",),
        about="What a document changed in what is known.",
    )


def _claim() -> dict[str, Any]:
    first = {"schema": {"const": SCHEMA}, "id": _TEXT, "document": _TEXT}
    last = {"modality": {"enum": [m.value for m in Modality]}, "notes": _TEXTS}
    return _object(first | _common() | last, optional=("notes",), about="What one document says happened.")


def _webhook() -> dict[str, Any]:
    found = _development()
    found["properties"] |= {"event_name": _MAYBE_TEXT, "truncated": {"const": True}}
    digest = _object(
        {"subject": _TEXT, "text": _TEXT, "developments": _TEXTS, "truncated": {"const": True}},
        optional=("truncated",),
    )
    notice = _object({"subject": _TEXT, "text": _TEXT})
    return {
        "description": "The body that a webhook gets: that of Standard Webhooks, or CloudEvents 1.0.",
        "oneOf": [
            message
            for kind, data in (
                ("development.found", found),
                ("digest.made", digest),
                ("monitor.notice", notice),
            )
            for message in (
                _object({"type": {"const": kind}, "timestamp": _TIME, "data": data}),
                _cloud_event(kind, data),
            )
        ],
    }


def _cloud_event(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return _object(
        {
            "specversion": {"const": "1.0"},
            "id": _TEXT,
            "source": _TEXT,
            "type": {"const": f"news-event-monitor.{kind}"},
            "time": _TIME,
            "subject": _TEXT,
            "datacontenttype": {"const": "application/json"},
            "data": data,
        },
        optional=("subject",),
    )
