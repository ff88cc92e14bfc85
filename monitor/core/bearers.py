"""Who can be in it: a state is not arrested, an institution not sworn in, a court gives rulings and no decrees.

A reader that mistakes a side of a sentence would otherwise tell it. Kinds say in data which classes they refuse.
"""

from __future__ import annotations

from dataclasses import replace

from monitor.core.model import Actor, Claim
from monitor.core.names import fold
from monitor.core.policy import Bodies, KindSpec, Policy

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
    """Return `claim` without those who cannot be in it, None where nobody is left.

    Of a body that stands among the people it released, and where nobody is said to have released them, the act is.
    Nobody demands something of himself.
    """
    spec = policy.kinds.get(claim.kind)
    if spec is None:
        return claim
    if claim.kind == "statement":
        return _not_to_himself(claim)
    if spec.by_courts in policy.kinds and _by_court(claim, policy):
        return borne(_as_kind(claim, policy.kinds[spec.by_courts or ""]), policy)
    if spec.of_itself:
        claim = _of_itself(claim, policy)
    refused = tuple(a for a in claim.recipients if class_of(a, policy.bodies) in spec.refuses)
    if not refused:
        return claim
    left = tuple(a for a in claim.recipients if a not in refused)
    return replace(claim, recipients=left, actors=claim.actors or refused) if left else None


def _of_itself(claim: Claim, policy: Policy) -> Claim:
    """A minister who leaves the party, or leaves: it happens to the minister."""
    if any(class_of(a, policy.bodies) is None for a in claim.recipients):
        return claim
    people = tuple(a for a in claim.actors if class_of(a, policy.bodies) is None)
    return replace(claim, recipients=people or claim.recipients or claim.actors)


def _not_to_himself(claim: Claim) -> Claim | None:
    left = tuple(a for a in claim.actors if a not in claim.recipients)
    if left == claim.actors:
        return claim
    return replace(claim, actors=left) if left else None


def _by_court(claim: Claim, policy: Policy) -> bool:
    """Whether courts and judges alone do it."""
    heads = [set(_head(fold(a.name).split())) for a in claim.actors]
    return bool(heads) and all(head & policy.bodies.courts for head in heads)


def _as_kind(claim: Claim, spec: KindSpec) -> Claim:
    return replace(claim, kind=spec.id, plover=spec.plover)
