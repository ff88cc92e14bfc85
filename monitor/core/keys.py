"""Under which keys a fact is kept and looked for, so that a document loads no more than it can touch.

What many facts of a busy event share is a key only together with something else: the other side, the month, the week.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from monitor.core.bearers import borne
from monitor.core.figures import figure_blocks, figure_lookups
from monitor.core.identity import ENDORSING, NEAR, NEAR_OUTCOMES, described, sectors
from monitor.core.measures import on_its_matter
from monitor.core.model import Actor, Claim
from monitor.core.names import fold, is_named, name_words, sound, telling_sounds
from monitor.core.policy import KindSpec, Policy

_MATTERS = 2


@lru_cache(maxsize=4_096)
def _tokens(actors: tuple[Actor, ...]) -> tuple[str, ...]:
    """Return the words by which actors are found: of a longer name all but a first one that alone names nobody."""
    found: set[str] = set()
    for actor in actors:
        found.update(telling_sounds(actor.name))
        if actor.speaks_for:
            found.update(telling_sounds(actor.speaks_for))
    return tuple(sorted(found))


def _months(now: datetime) -> tuple[str, str]:
    return _months_of(now.date())


@lru_cache(maxsize=64)
def _months_of(day: date) -> tuple[str, str]:
    before = day.replace(day=1) - timedelta(days=1)
    return f"{day:%Y-%m}", f"{before:%Y-%m}"


def _weeks(now: datetime) -> tuple[str, str]:
    return _weeks_of(now.date())


@lru_cache(maxsize=64)
def _weeks_of(day: date) -> tuple[str, str]:
    return f"{day:%G-W%V}", f"{day - timedelta(days=7):%G-W%V}"


def _head(kind: str, stance: str | None) -> str:
    return f"{kind}|{stance or 'other'}" if kind == "statement" else kind


def fact_blocks(claim: Claim, now: datetime) -> tuple[str, ...]:
    """Return the keys under which the fact of `claim` is kept at the time `now`.

    What many facts of a busy event share (a crowd, a body that speaks every day) is a key only together with
    something else: the other side of a statement, or the month or week in which it was told.
    """
    if claim.figure is not None:
        return figure_blocks(claim.figure, _months(now)[0])
    head = _head(claim.kind, claim.stance)
    actors, recipients = _tokens(claim.actors), _tokens(claim.recipients)
    month, week = _months(now)[0], _weeks(now)[0]
    if claim.kind == "statement":
        keys = [f"{head}|ar|{a}|{r}" for a in actors for r in recipients]
    else:
        keys = [f"{head}|a|{a}" for a in actors]
        suffix = f"|{month}" if described(claim.recipients) else ""
        keys += [f"{head}|r|{r}{suffix}" for r in recipients]
        keys += [f"{head}|t|{word}" for word in _matter_words(claim.topic)]
        keys += [f"{head}|g|{g}|{month}" for g in _given(claim.recipients, alone=False)]
        keys += [f"{head}|s|{sector}|{week}" for sector in sorted(sectors(claim.recipients))]
        keys += [f"{head}|o|{claim.outcome}|{month}"] if claim.outcome else []
    keys += [f"{head}|at|{a}|{month}" for a in actors]
    if not recipients:
        keys += [f"{head}|a0|{a}|{month}" for a in actors]
        keys.append(f"{head}|r0|{week}")
    if not actors:
        keys.append(f"{head}|n|{week}")
    return (*keys, f"{head}|m|{week}")


def _given(actors: Iterable[Actor], *, alone: bool) -> list[str]:
    """Return the first words of names, by which somebody may be called the next day: of full names, or such alone."""
    names = (name_words(a.name) for a in actors if is_named(a.name))
    return sorted({sound(words[0]) for words in names if words and (len(words) == 1) is alone})


def _matter_words(topic: str | None) -> list[str]:
    """Return the words at the head of a topic, where the matter of a measure stands."""
    return fold(topic or "").split()[:_MATTERS]


def blocks_of(claims: Sequence[Claim], *, now: datetime, policy: Policy) -> tuple[str, ...]:
    """Return the lookup keys of all facts that `diff` may need for `claims`: the store loads these.

    Their number depends on the claims only; a claim that names nobody looks among the facts that were told in
    this week and the last, so that the cost does not grow with history.
    """
    keys: set[str] = set()
    for claim in claims:
        keys.update(lookups(understood(claim, policy) or claim, now=now, policy=policy))
    return tuple(sorted(keys))


def understood(claim: Claim, policy: Policy) -> Claim | None:
    """Return `claim` as it is compared: of those it can happen to, on its matter. None where it cannot be."""
    fit = borne(claim, policy)
    return on_its_matter(fit, policy) if fit is not None else None


class _Asked(NamedTuple):
    """What of a claim its lookup keys are made of; `steps` are the other kinds of its lifecycle."""

    kind: str
    stance: str | None
    outcome: str | None
    topic: str | None
    actors: tuple[Actor, ...]
    recipients: tuple[Actor, ...]
    by_actor: bool
    steps: tuple[str, ...]


def lookups(claim: Claim, *, now: datetime, policy: Policy) -> tuple[str, ...]:
    """Return the lookup keys of one claim."""
    if claim.figure is not None:
        return _figure_lookups(claim.figure, _months(now))
    spec = policy.kinds.get(claim.kind)
    asked = _Asked(
        claim.kind,
        claim.stance,
        claim.outcome,
        claim.topic,
        claim.actors,
        claim.recipients,
        spec is not None and spec.subject == "actor",
        _steps(spec, policy) if spec is not None and spec.lifecycle is not None else (),
    )
    return _keys_of(asked, now.date())


_figure_lookups = lru_cache(maxsize=1_024)(figure_lookups)


def _steps(spec: KindSpec, policy: Policy) -> tuple[str, ...]:
    return tuple(k.id for k in policy.kinds.values() if k.lifecycle == spec.lifecycle and k.id != spec.id)


@lru_cache(maxsize=1_024)
def _keys_of(asked: _Asked, day: date) -> tuple[str, ...]:
    """Return the lookup keys; a batch asks for the same when it loads and when it diffs."""
    keys = _lookups(asked, day)
    if asked.kind == "statement":
        keys += _of_both_sides(asked, _other_stances(asked.stance))
    elif asked.steps:
        keys += _of_the_same_people(asked, day)
    return tuple(keys)


def _other_stances(stance: str | None) -> list[str]:
    """Return the stances that are told in other words, or reversed, by a statement of `stance`."""
    near = {s for group in NEAR if stance in group for s in group}
    turned = ENDORSING if stance == "rejects" else {"rejects"} if stance in ENDORSING else set()
    return sorted({*near, *turned} - {stance})


def _of_both_sides(claim: _Asked, stances: Sequence[str]) -> list[str]:
    """Return the keys of other stances, which are one position only between the same two sides."""
    actors, recipients = _tokens(claim.actors), _tokens(claim.recipients)
    return [f"{_head(claim.kind, s)}|ar|{a}|{r}" for s in stances for a in actors for r in recipients]


def _of_the_same_people(claim: _Asked, day: date) -> list[str]:
    """Return the keys of other steps of a lifecycle, which are of interest only where they name the same people."""
    ends = ["", *(f"|{m}" for m in _months_of(day))] if described(claim.recipients) else [""]
    return [f"{kind}|r|{r}{end}" for kind in claim.steps for r in _tokens(claim.recipients) for end in ends]


def _lookups(claim: _Asked, day: date) -> list[str]:
    head = _head(claim.kind, claim.stance)
    actors, recipients = _tokens(claim.actors), _tokens(claim.recipients)
    months, weeks = _months_of(day), _weeks_of(day)
    matter = [f"{head}|t|{word}" for word in _matter_words(claim.topic)] if claim.kind != "statement" else []
    if not actors and not recipients:
        return matter + [f"{head}|m|{week}" for week in weeks]
    if claim.kind == "statement":
        keys = [f"{head}|ar|{a}|{r}" for a in actors for r in recipients]
    else:
        keys = [f"{head}|r|{r}{suffix}" for r in recipients for suffix in ("", *(f"|{m}" for m in months))]
        if claim.by_actor:
            keys += [f"{head}|a|{a}" for a in actors]
        keys += matter
        keys += [f"{head}|g|{g}|{month}" for g in _given(claim.recipients, alone=True) for month in months]
        keys += [f"{head}|r|{g}" for g in _given(claim.recipients, alone=False)]
        keys += [f"{head}|s|{s}|{week}" for s in sorted(sectors(claim.recipients)) for week in weeks]
        keys += [f"{head}|o|{o}|{month}" for o in _told_as(claim.outcome) for month in months]
    # Whoever is not named may be anybody that the actor did it to, and the other way round.
    # Of a sanction on "Chad" another text says on whom there: "Chadian officials".
    loosely = described(claim.recipients) or (claim.kind == "sanction" and _states(claim.recipients))
    unnamed = not recipients or (loosely and claim.kind != "statement")
    keys += [f"{head}|{'at' if unnamed else 'a0'}|{a}|{month}" for a in actors for month in months]
    if recipients and (unnamed or (not actors and claim.kind != "statement")):
        keys += [f"{head}|r0|{week}" for week in weeks]
    elif not actors or not recipients:
        keys += [f"{head}|{'n' if actors else 'm'}|{week}" for week in weeks]
    return keys


def _states(actors: Sequence[Actor]) -> bool:
    return all(a.country is not None and a.sector == "GOV" for a in actors)


def _told_as(outcome: str | None) -> list[str]:
    """Return the outcomes by which other texts may tell the same ruling."""
    near = {o for group in NEAR_OUTCOMES if outcome in group for o in group}
    return sorted({outcome, "other", *near}) if outcome else []
