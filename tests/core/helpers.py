"""Claims, documents and a teller of short histories, for the tests of the differ."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from monitor.core.differ import diff
from monitor.core.model import Actor, Claim, DiffResult, Document, EventState
from monitor.core.policy import Policy
from monitor.extract.kinds import load_bodies, load_kinds, load_measures, plover_of

NOW = datetime(2024, 9, 1, tzinfo=UTC)
POLICY = Policy(kinds=load_kinds(), bodies=load_bodies(), measures=load_measures())


def actor(name: str, body: str | None = None) -> Actor:
    return Actor(name=name, speaks_for=body)


def doc(name: str, day: str | None = "2024-08-05", publisher: str = "gazette") -> Document:
    published = datetime.fromisoformat(f"{day}T00:00:00+00:00") if day else None
    return Document(
        id=name,
        identity=name,
        name=name,
        source=publisher,
        publisher=publisher,
        text="",
        retrieved_at=NOW,
        content_hash=name,
        published_at=published,
        dated=day is not None,
    )


_count = iter(range(10**6))


def claim(kind: str, **fields: Any) -> Claim:
    n = next(_count)
    fields.setdefault("quote", f"words {n}")
    for key in ("actors", "recipients", "claimed_by"):
        fields[key] = tuple(actor(a) if isinstance(a, str) else a for a in fields.get(key, ()))
    start = fields.pop("start", n)
    defaults: dict[str, Any] = {
        "id": f"c{n}",
        "document_id": "",
        "plover": plover_of(kind),
        "start": start,
        "end": start + 5,
        "confidence": 0.9,
    }
    return Claim(kind=kind, **(defaults | fields))


def tell(*rounds: tuple[Document, list[Claim]], policy: Policy = POLICY) -> list[DiffResult]:
    state, out = EventState(event_id="e"), []
    for document, claims in rounds:
        result = diff(state, claims, document=document, now=NOW, policy=policy)
        state = result.state
        out.append(result)
    return out


def changes(result: DiffResult) -> list[str]:
    return [str(d.change) for d in result.developments]
