"""Whom something can happen to: a state is not arrested, an institution not sworn in.

A reader that mistakes a side of a sentence would otherwise tell it. Kinds say in data which classes they refuse.
"""

from __future__ import annotations

from dataclasses import replace

from monitor.core.model import Actor, Bodies, Claim, KindSpec, Policy
from monitor.core.names import fold

_LONGEST_ACRONYM = 6
_OF = frozenset({"of", "de", "del", "d"})


def class_of(actor: Actor, bodies: Bodies) -> str | None:
    """Return "country" or "body" where the name tells, None for people and whatever cannot be told."""
    name = fold(actor.name)
    if name in bodies.countries:
        return "country"
    head = _head(name.split())
    acronym = actor.name.isupper() and actor.name.isalpha() and 1 < len(actor.name) <= _LONGEST_ACRONYM
    if acronym or (head and (head[-1] in bodies.last or head[0] in bodies.first)):
        return "body"
    return None


def _head(words: list[str]) -> list[str]:
    """Return the words before "of": "six members of the council" are no council."""
    cut = next((n for n, word in enumerate(words) if word in _OF), len(words))
    return words[:cut]


def borne(claim: Claim, policy: Policy) -> Claim | None:
    """Return `claim` without those whom its kind cannot happen to, None where nobody is left.

    Of a body that stands among the people it released, and where nobody is said to have released them, the act is.
    """
    spec = policy.kinds.get(claim.kind)
    if spec is None or not spec.refuses:
        return claim
    if spec.subject == "actor":
        return claim if _anybody(claim, spec, policy) else None
    refused = tuple(a for a in claim.recipients if class_of(a, policy.bodies) in spec.refuses)
    if not refused:
        return claim
    left = tuple(a for a in claim.recipients if a not in refused)
    return replace(claim, recipients=left, actors=claim.actors or refused) if left else None


def _anybody(claim: Claim, spec: KindSpec, policy: Policy) -> bool:
    """Whether one of both sides can bear it: who removes a minister may stand as the actor."""
    named = (*claim.actors, *claim.recipients)
    return not named or any(class_of(a, policy.bodies) not in spec.refuses for a in named)
