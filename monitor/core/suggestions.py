"""Documents that no event takes, grouped by whom and where they are about: stories nobody monitors yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.core.model import Claim, Document
from monitor.core.names import fold, is_named

_MAIN_ACTORS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """A document that no event takes: `actors` are those most spoken of (names), `countries` likewise (codes)."""

    document_id: str
    document: str
    title: str
    source: str
    publisher: str
    url: str | None
    seen_at: datetime
    actors: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A story that nobody monitors: its main actors and country, and the documents that tell it, newest first."""

    actors: tuple[str, ...]
    country: str | None
    documents: tuple[Stray, ...]
    publishers: tuple[str, ...]


def stray(document: Document, claims: Sequence[Claim]) -> Stray:
    """Return how a document that no event takes is remembered."""
    people = [actor for claim in claims for actor in (*claim.actors, *claim.recipients, *claim.claimed_by)]
    named = Counter(a.name for a in people if is_named(a.name))
    places = Counter(a.country for a in people if a.country)
    return Stray(
        document_id=document.id,
        document=document.name,
        title=document.title,
        source=document.source,
        publisher=document.publisher or document.source,
        url=document.url,
        seen_at=document.retrieved_at,
        actors=tuple(name for name, _ in named.most_common(_MAIN_ACTORS)),
        countries=tuple(code for code, _ in places.most_common(_MAIN_ACTORS) if code),
    )


def suggest(strays: Sequence[Stray], *, least: int = 3) -> tuple[Suggestion, ...]:
    """Group strays by their main actor and country; groups of at least `least` documents, largest first.

    The most widely told actor gathers first, so that each document lies in one group: the largest story it
    belongs to. A country alone gathers what is left.
    """
    left = {s.document_id: s for s in strays}
    out: list[Suggestion] = []
    while left:
        key, group = _largest(list(left.values()))
        if key is None or len(group) < least:
            break
        out.append(_suggestion(group))
        for one in group:
            del left[one.document_id]
    return tuple(sorted(out, key=lambda s: (-len(s.documents), -len(s.publishers), s.actors)))


def _largest(strays: Sequence[Stray]) -> tuple[str | None, list[Stray]]:
    groups: dict[str, list[Stray]] = {}
    for one in strays:
        for key in dict.fromkeys((*map(fold, one.actors), *one.countries)):
            groups.setdefault(key, []).append(one)

    def rank(key: str) -> tuple[int, int, bool, str]:
        return len(groups[key]), len({s.publisher for s in groups[key]}), not key.isupper(), key

    best = max(groups, key=rank, default=None)
    return best, groups.get(best or "", [])


def _suggestion(group: Sequence[Stray]) -> Suggestion:
    spelled = {fold(name): name for one in reversed(group) for name in one.actors}
    told = Counter(key for one in group for key in dict.fromkeys(map(fold, one.actors)))
    places = Counter(code for one in group for code in one.countries)
    most = [spelled[key] for key, count in told.most_common(3) if count * 2 >= len(group)]
    return Suggestion(
        actors=tuple(most),
        country=places.most_common(1)[0][0] if places else None,
        documents=tuple(sorted(group, key=lambda s: (s.seen_at, s.document_id), reverse=True)),
        publishers=tuple(dict.fromkeys(s.publisher for s in group)),
    )


def suggestion_json(suggestion: Suggestion) -> dict[str, Any]:
    """Return a suggestion as plain JSON values."""
    return {
        "actors": list(suggestion.actors),
        "country": suggestion.country,
        "documents": [
            {
                "id": one.document_id,
                "document": one.document,
                "title": one.title,
                "source": one.source,
                "url": one.url,
                "seen_at": one.seen_at.isoformat(),
            }
            for one in suggestion.documents
        ],
        "publishers": list(suggestion.publishers),
    }
